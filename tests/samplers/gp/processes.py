"""Data for the tests of the process, and derivatives to hold closed forms to."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from jupyter_tune.samplers.gp.encoding import Array

GROUPS = [0, 1, 2, 2, 2]
"""Two numbers and a choice of three."""


def data(n: int, seed: int = 0) -> tuple[Array, Array]:
    """n x 5 inputs and n standardised targets."""
    chance = np.random.default_rng(seed)
    numbers = chance.random((n, 2))
    choices = np.eye(3)[chance.integers(3, size=n)] * math.sqrt(0.5)
    y = np.sin(5 * numbers[:, 0]) + numbers[:, 1] + choices[:, 0] + 0.1 * chance.standard_normal(n)
    return np.hstack([numbers, choices]), (y - y.mean()) / y.std()


def differences(f: Callable[[Array], Array | float], x: Array, step: float = 1e-6) -> Array:
    """The derivatives of f, m x c -> m, each of its own row: m x c; or of f, d -> a number: d."""
    columns = []
    for j in range(x.shape[-1]):
        move = np.zeros_like(x)
        move[..., j] = step
        columns.append((np.asarray(f(x + move)) - np.asarray(f(x - move))) / (2 * step))
    return np.stack(columns, axis=-1)
