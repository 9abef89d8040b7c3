"""The mean of the process: a constant, and what other tasks say of a point.

    m(x) = c + sum_t w_t f_t(x),     0 <= w_t,    w_t ~ N(W/T, S)

f_t is the posterior mean of the model of task t (tasks.py), in deviations of that task's own results. How
much of a task holds here is w_t, which is fitted with all other parameters of the process. Of a task like
this one the process has only the difference to learn; of one that says nothing here the weight falls to 0,
and what is left is the process that a study without other tasks has. No weight is negative: a task whose
good is bad here is more often a chance of a few trials than a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import gpytorch
import numpy as np
import torch
from gpytorch.priors import NormalPrior
from torch import Tensor

from jupyter_tune.samplers.gp.encoding import Array


class Said(NamedTuple):
    """What every task says of m points, and how it changes with them."""

    values: Array
    """m x T."""
    by_inputs: Callable[[Array], Array]
    """The chain rule: the derivatives of something by `values`, m x T -> by the inputs, m x c."""


Says = Callable[[Array], Said]
"""Of model inputs, m x c."""

TYPICAL, SPREAD = 0.5, 0.5
"""W and S above."""


class Trend(gpytorch.means.ConstantMean):
    """m(x). Args: says: the f_t; count: T."""

    def __init__(self, says: Says | None = None, count: int = 0):
        super().__init__()
        self._says, self.count = says, count
        if count:
            start = torch.full((count,), TYPICAL / count, dtype=torch.float64)
            self.register_parameter("raw_weights", torch.nn.Parameter(start))
            self.register_prior("weights_prior", NormalPrior(TYPICAL / count, SPREAD), "raw_weights")

    def forward(self, input: Tensor) -> Tensor:
        """`m x c` -> `m`; differentiable in c and w alone."""
        constant: Tensor = super().forward(input)
        if self._says is None:
            return constant
        return constant + torch.from_numpy(self.said(input.detach().numpy())) @ self.raw_weights

    def said(self, x: Array) -> Array:
        """F: `m x c` -> `m x T`."""
        return np.empty((len(x), 0)) if self._says is None else self._says(x).values

    def known(self) -> Mean:
        """It as it is now, in NumPy."""
        weights = self.raw_weights.detach().numpy().copy() if self.count else np.empty(0)
        return Mean(self.constant.item(), weights, self._says)


@dataclass(frozen=True, slots=True)
class Mean:
    """m(x) where c and the weights, T, are known."""

    constant: float
    weights: Array
    says: Says | None

    def at(self, x: Array) -> tuple[Array | float, Callable[[Array], Array | float]]:
        """m(x): `m x c` -> `m`, of a constant a number; and the chain rule from the derivatives of something
        by m(x), `m`, to those by x, `m x c`, of a constant 0."""
        if self.says is None:
            return self.constant, lambda by_mean: 0.0
        values, by_inputs = self.says(x)
        return self.constant + values @ self.weights, lambda by_mean: by_inputs(
            np.outer(by_mean, self.weights)
        )
