"""What a search climbs: a score of points, and its gradient where one is asked for.

A score is a function of u, m x p. Most points of a search are only compared, so the gradient is a function
too, that is called where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jupyter_tune.samplers.gp.acquisition import log_ei, slopes_of_log_ei
from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.posterior import Posterior


class Scored(NamedTuple):
    """`values`: m; `gradient`: of each value by its own point, m x p; 0 along choices."""

    values: Array
    gradient: Callable[[], Array]


Score = Callable[[Array], Scored]


def log_improvement(encoding: Encoding, posterior: Posterior, best: float) -> Score:
    """Log expected improvement below `best`, in standardised units."""

    def score(u: Array) -> Scored:
        mean, deviation, by_inputs = posterior.at(encoding.to_inputs(u))
        values = log_ei(mean, deviation, best)

        def gradient() -> Array:
            return encoding.by_units(by_inputs(*slopes_of_log_ei(mean, deviation, best, values)))

        return Scored(values, gradient)

    return score


def both(one: Score, other: Score) -> Score:
    """The sum of two scores."""

    def score(u: Array) -> Scored:
        first, second = one(u), other(u)
        return Scored(first.values + second.values, lambda: first.gradient() + second.gradient())

    return score
