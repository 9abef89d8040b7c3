"""What is known from other tasks: results that may guide the search and are no trials of it.

A task is anything whose results are like this study's without being the same: an earlier study on another
data set, or this study's own trials from before its code was changed. A prior is never best, counts against
no budget and no stop rule, and is not shown among the trials; a sampler finds out by itself how much of it
holds here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

from jupyter_tune.core.events import PriorAdded
from jupyter_tune.core.parameters import Categorical, Parameter, Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.trial import COMPLETE, PRUNED, Trial

Result: TypeAlias = tuple[Params, float]
"""Params, some of this study's or all and perhaps outside its ranges; and the value, in the task's units."""


def by_task(triples: Iterable[tuple[Params, float, str]]) -> dict[str, list[Result]]:
    """(params, value, task) as task -> its results, in the order in which the tasks first occur."""
    tasks: dict[str, list[Result]] = {}
    for params, value, task in triples:
        tasks.setdefault(task, []).append((params, value))
    return tasks


FEWEST = 3
"""Results of a task that say anything."""
_MOST = 400
"""Results of a task that are taken of a larger study."""
_BEYOND = 1.0
"""How far outside a range, in its widths, a value may lie and still say something of it."""

One = TypeVar("One")


def most_telling(results: Sequence[tuple[float, One]], most: int = _MOST) -> list[tuple[float, One]]:
    """Of (loss, result), at most `most`, the best first: half of them the best, half evenly over the ranks of
    the others."""
    ranked = sorted(results, key=lambda result: result[0])
    if len(ranked) <= most:
        return ranked
    best, rest = ranked[: most // 2], ranked[most // 2 :]
    count = most - len(best)
    return best + [rest[round(place * (len(rest) - 1) / (count - 1))] for place in range(count)]


def has_place(space: Space, params: Params) -> bool:
    """Whether a result with these params says something of `space`: each of them that varies there has a
    place in it or near it."""
    return all(
        abs(place_on(space[name], value) - 0.5) <= 0.5 + _BEYOND
        for name, value in params.items()
        if name in space and not space[name].is_constant
    )


def place_on(parameter: Parameter, value: Scalar) -> float:
    """Where `value` lies on the parameter's scale: in [0, 1] inside its range, beyond outside of it. NaN for
    a choice that it does not have, and for a number that the scale has no place for."""
    if isinstance(parameter, Categorical):
        return parameter.to_unit(value) if value in parameter.labels else math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return math.nan
    if parameter.step is None or parameter.log:
        return parameter.scale.on_line(value)
    return ((value - parameter.low) / parameter.step + 0.5) / (parameter.cells or 1)


class Priors:
    """The part of the fold that knows other tasks."""

    first_code: int
    is_earlier: Callable[[Trial], bool]
    in_state: Callable[..., list[Trial]]

    def __init__(self) -> None:
        # only ever replaced, so that snapshots share it
        self._learned: tuple[PriorAdded, ...] = ()

    @property
    def priors(self) -> Mapping[str, list[Result]]:
        """The results of every other task, by its name: of other studies, and of versions of this one's code
        from before it was edited."""
        others = ((event.params, event.value, event.parent) for event in self._learned)
        return by_task([*others, *self._of_earlier_code()])

    def _of_earlier_code(self) -> Iterator[tuple[Params, float, str]]:
        for trial in self.in_state(COMPLETE, PRUNED) if self.first_code else ():
            if self.is_earlier(trial) and trial.value is not None and math.isfinite(trial.value):
                yield trial.params, trial.value, f"version {trial.code} of the code"

    # the fold

    def _learn(self, event: PriorAdded) -> None:
        self._learned = (*self._learned, event)
