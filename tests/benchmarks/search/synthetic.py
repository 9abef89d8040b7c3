"""Formulas that look like tuning: mixed spaces, few parameters that matter, noise, failures, separate optima.

All are losses of named parameters. Optima are moved off the centre, where several tuners start.
Hartmann, Branin, Ackley and Levy: Surjanovic & Bingham, Virtual Library of Simulation Experiments.
"""

from __future__ import annotations

import math

import numpy as np

from tests.benchmarks.search.landscapes import Vector
from tests.benchmarks.search.spaces import Parameter, Params, choice, cube, real, whole

HARTMANN_SPACE = cube(6, 0, 1)
HARTMANN_OPTIMUM = -3.32236801141551
_HARTMANN_ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
_HARTMANN_A = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann(params: Params) -> float:
    """Six dimensions, six local optima."""
    x = vector(params)
    return float(-_HARTMANN_ALPHA @ np.exp(-np.sum(_HARTMANN_A * (x - _HARTMANN_P) ** 2, axis=1)))


BRANIN_SPACE = (real("x1", -5, 10), real("x2", 0, 15))
BRANIN_OPTIMUM = 0.39788735772973816


def branin(params: Params) -> float:
    """Two dimensions, three global optima."""
    x1, x2 = vector(params)
    bowl = x2 - 5.1 / (4 * math.pi**2) * x1**2 + 5 / math.pi * x1 - 6
    return float(bowl**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x1) + 10)


ACKLEY_SPACE = (
    *cube(4, -3, 3), whole("steps", -6, 8), whole("layers", 1, 9), choice("sign", "plus", "minus", "none"),
    choice("bend", "straight", "bent"),
)  # fmt: skip
_ACKLEY_SHIFT = np.array([0.9, -1.7, 0.4, -0.6])


def ackley_mixed(params: Params) -> float:
    """Ackley's funnel over four reals, two whole numbers and two choices; its optimum is 0."""
    reals = np.array([params[f"x{number}"] for number in range(1, 5)]) - _ACKLEY_SHIFT
    whole_numbers = [0.5 * (params["steps"] - 3), 0.5 * (params["layers"] - 7)]
    choices = [{"plus": 1.5, "minus": 0.0, "none": 2.5}[params["sign"]], float(params["bend"] == "straight")]
    z = np.concatenate([reals, whole_numbers, choices])
    flat = math.exp(-0.2 * math.sqrt(np.mean(z**2)))
    return float(20 - 20 * flat + math.e - math.exp(np.mean(np.cos(2 * np.pi * z))))


_METHODS = ("forest", "kernel", "linear", "network")
METHODS_SPACE = (choice("method", *_METHODS), *cube(4, 0, 1))
# for each method: where its own optimum lies, its depth, its width
_METHOD_OPTIMA = {
    "forest": (np.array([0.2, 0.7, 0.3, 0.6]), 0.12, 0.9),
    "kernel": (np.array([0.8, 0.2, 0.9, 0.4]), 0.05, 0.35),
    "linear": (np.array([0.5, 0.1, 0.5, 0.5]), 0.20, 1.5),
    "network": (np.array([0.1, 0.9, 0.7, 0.1]), 0.0, 0.25),
}


def methods(params: Params) -> float:
    """Four methods, each with its own optimum in the same reals; the best is the hardest to set."""
    centre, depth, width = _METHOD_OPTIMA[params["method"]]
    away = float(np.sum((np.array([params[f"x{number}"] for number in range(1, 5)]) - centre) ** 2))
    return depth + (1 - depth) * (1 - math.exp(-away / width**2))


LEVY_SPACE = cube(20, -10, 10)
_LEVY_SHIFT = np.array([3.7, -5.2, -1.9, 6.1])


def levy_sparse(params: Params) -> float:
    """Levy's function of 4 out of 20 parameters; the other 16 do nothing. Its optimum is 0."""
    return levy(vector(params)[[2, 7, 11, 18]] - _LEVY_SHIFT)


def levy(z: Vector) -> float:
    """Levy's function with its optimum moved to z = 0."""
    w = 1 + z / 4
    inner = np.sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2))
    last = (w[-1] - 1) ** 2 * (1 + np.sin(2 * np.pi * w[-1]) ** 2)
    return float(np.sin(np.pi * w[0]) ** 2 + inner + last)


TRAINING_SPACE = (
    real("learning_rate", 1e-5, 1, log=True),
    real("weight_decay", 1e-7, 1e-1, log=True),
    real("momentum", 0, 0.99),
    whole("batch", 16, 1024, log=True),
    whole("layers", 1, 8),
    real("dropout", 0, 0.7),
    choice("optimizer", "sgd", "adam", "rmsprop"),
)


TRAINING_OPTIMUM = 0.05


def training(params: Params) -> float:
    """The shape of an error after training: a valley of learning rates that moves with the rest.

    Too high a rate does not learn at all: a plateau at 0.9.
    """
    effective = math.log10(params["learning_rate"] / (1 - params["momentum"]))
    effective -= 0.5 * math.log10(params["batch"] / 128)
    best = {"sgd": -0.5, "adam": -2.3, "rmsprop": -2.6}[params["optimizer"]]
    off = effective - best
    if off > 1.2:
        return 0.9
    rate = 0.08 * off**2 if off > 0 else 0.03 * off**2
    decay = 0.012 * (math.log10(params["weight_decay"]) + 3.5) ** 2
    depth = 0.01 * abs(params["layers"] - 6) ** 1.5
    dropout = 0.3 * (params["dropout"] - 0.1 * math.sqrt(params["layers"] / 6)) ** 2
    flaw = {"sgd": 0.0, "adam": 0.01, "rmsprop": 0.02}[params["optimizer"]]
    return min(0.9, TRAINING_OPTIMUM + rate + decay + depth + dropout + flaw)


def diverging(params: Params) -> float | None:
    """`training`, but a rate that is too high ends in NaN: no loss."""
    loss = training(params)
    return None if loss == 0.9 else loss


def vector(params: Params) -> Vector:
    """The values in order; for spaces of reals."""
    return np.array(list(params.values()), dtype=float)


SPACES: dict[str, tuple[Parameter, ...]] = {
    "hartmann": HARTMANN_SPACE,
    "branin": BRANIN_SPACE,
    "ackley_mixed": ACKLEY_SPACE,
    "methods": METHODS_SPACE,
    "levy_sparse": LEVY_SPACE,
    "training": TRAINING_SPACE,
    "diverging": TRAINING_SPACE,
}
