"""The fit: the most probable parameters of the process, by L-BFGS.

Every fit starts from the same few points, so the posterior depends on the data alone: no warm start from an
earlier trial, whose path would then be part of the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.likelihood import NegativeLogPosterior
from jupyter_tune.samplers.gp.model import Surrogate
from jupyter_tune.samplers.gp.trend import Trend

# theta is kept within these: lengthscales, s and noise as logarithms
_LENGTH = math.log(5e-3), math.log(1e3)
_SCALE = math.log(1e-2), math.log(1e2)
_NOISE = math.log(1e-6), math.log(4.0)
_CONSTANT = -3.0, 3.0
_WEIGHT = 0.0, 3.0
# (lengthscale / its prior's mode, noise) to start from; the best one is followed
_STARTS = ((1.0, 1e-3), (1.0, 0.1), (3.0, 1e-2), (0.4, 1e-2))
_STEPS = 40
_FITTED = 100
"""Most observations that the parameters are fitted to: half of them the best, half evenly over the ranks
of the others. A lengthscale is known well enough from that many, and the fit was two thirds of a
suggestion's price at 300. All observations make the posterior."""


def fit(
    inputs: Array,
    targets: Array,
    groups: Sequence[int],
    trend: Trend | None = None,
    shares: Array | None = None,
) -> Surrogate:
    """The surrogate at its most probable parameters, by L-BFGS from the best of a few starts.

    Args: as Surrogate.
    """
    model = Surrogate(inputs, targets, groups, trend, shares)
    density = NegativeLogPosterior(model, _some(targets))
    starts = [_start(model, *start) for start in _STARTS]
    p, tasks = max(groups) + 1, model.mean_module.count
    found = minimize(
        density,
        min(starts, key=lambda theta: density(theta)[0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[_LENGTH] * p + [_SCALE, _NOISE, _CONSTANT] + [_WEIGHT] * tasks,
        # a hundredth of a nat is far less than the data say
        options={"maxiter": _STEPS, "ftol": 1e-4, "gtol": 1e-3},
    )
    model.theta = found.x
    model.eval()
    return model


def _start(model: Surrogate, factor: float, noise: float) -> Array:
    theta = model.locations.copy()
    p = max(model.groups) + 1
    # the mode of a LogNormal is its location less the square of its scale
    theta[:p] += math.log(factor) - model.scales[:p] ** 2
    theta[p : p + 2] = 0.0, math.log(noise)
    return theta


def _some(targets: Array) -> npt.NDArray[np.intp]:
    """Which observations to fit to, ascending."""
    n = len(targets)
    if n <= _FITTED:
        return np.arange(n)
    best_first = targets.argsort(kind="stable")
    best, rest = best_first[: _FITTED // 2], best_first[_FITTED // 2 :]
    evenly = np.linspace(0, len(rest) - 1, _FITTED - len(best)).round().astype(np.intp)
    return np.sort(np.concatenate([best, rest[evenly]]))
