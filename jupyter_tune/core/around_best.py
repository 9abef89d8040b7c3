"""Ranges around the best results, for a second round of a search.

The best fifth of the results, 3 to 20 of them, show where it is good. A number's range becomes what they span
and a tenth of that to either side, and at least a fifth of the declared range; of choices those that occur
among them stay. Everything is measured on the parameter's own scale, logarithmic or not. A range never
reaches outside the declared one, because only the user knows whether values beyond make sense: where the
best result is at the end of its range a notice says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Categorical, Float, Int, Scalar
from jupyter_tune.core.priors import Result
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError

FEWEST, MOST, SHARE = 3, 20, 0.2
"""Results that are looked at, at least and at most, and which share of all."""
ENOUGH = round(MOST / SHARE)
"""The best results that decide: with more of them the ranges are the same."""
MARGIN, NARROWEST = 0.1, 0.2
"""Of the span on either side; and of the declared range, the least that is kept."""
EDGE = 0.02
"""Of the declared range: the best result is at its end if it is no farther from it."""


@dataclass(frozen=True)
class AroundBest:
    """`ranges`: as Space.narrow takes them, of the parameters that become narrower; `notices`: sentences."""

    ranges: dict[str, list[Scalar]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def around_best(space: Space, objective: Objective, results: Sequence[Result]) -> AroundBest:
    """The ranges of `space` around the best of those `results` that lie in it.

    Raises: SpaceError if there are fewer than three with a finite value.
    """
    finite = [result for result in results if math.isfinite(result[1]) and space.contains(result[0])]
    if len(finite) < FEWEST:
        raise SpaceError(
            f"narrow: needs {FEWEST} complete trials to see where it is good, and there are {len(finite)}"
        )
    ranked = sorted(finite, key=lambda result: objective.loss(result[1]))
    best = [params for params, _ in ranked[: min(MOST, max(FEWEST, math.ceil(SHARE * len(ranked))))]]
    found = AroundBest()
    for name, parameter in space.items():
        values = [params[name] for params in best if name in params]
        # a conditional parameter that the best results hardly have stays as it is
        if parameter.is_constant or len(values) < 2:
            continue
        if isinstance(parameter, Categorical):
            found.ranges[name] = [choice for choice in parameter.choices if choice in values]
            continue
        found.ranges[name] = _around(parameter, values)
        if name in best[0] and (end := _end_at(parameter, best[0][name])):
            found.notices.append(
                f"{name}: the best result is at the {end} end of its range, {parameter.low:g} to "
                f"{parameter.high:g}; if values beyond make sense, declare a wider one"
            )
    return found


def _around(parameter: Float | Int, values: Sequence[Scalar]) -> list[Scalar]:
    units = [parameter.to_unit(value) for value in values]
    low, high = min(units), max(units)
    margin = MARGIN * (high - low)
    low, high = low - margin, high + margin
    if high - low < NARROWEST:
        middle = (low + high) / 2
        low, high = middle - NARROWEST / 2, middle + NARROWEST / 2
    # what would lie outside on one side is kept on the other
    low, high = max(0.0, low - max(0.0, high - 1)), min(1.0, high + max(0.0, -low))
    ends = [parameter.from_unit(low), parameter.from_unit(high)]
    numbers = [parameter.check(value, "value") for value in values]
    return [min(ends[0], *numbers), max(ends[1], *numbers)]


def _end_at(parameter: Float | Int, value: Scalar) -> str:
    number = parameter.check(value, "value")
    if number == parameter.low:
        return "lower"
    if number == parameter.high:
        return "upper"
    if parameter.cells is not None:
        return ""
    unit = parameter.to_unit(value)
    return "lower" if unit <= EDGE else "upper" if unit >= 1 - EDGE else ""
