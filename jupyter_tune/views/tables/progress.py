"""How far studies have come: the best value so far over trials, time or steps, and over repeats of a study.

a study    a staircase: (x, best) at each trial that ended, from the first that may be the best on; results of
           earlier studies are part of it from where they were added, and count as no trials of this one
repeats    the median of the staircases, and their middle half (quartiles), wherever one of them rises: from
           where all have a value until the first of them ends, since beyond it the rest would not compare
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Literal, TypeAlias

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.tables.columns import finite

By: TypeAlias = Literal["trials", "time", "steps"]
BY: tuple[By, ...] = ("trials", "time", "steps")


@dataclass(frozen=True, slots=True)
class Staircase:
    """The best value so far: `best[i]` from `x[i]` on; `end`: where the study had come to in all."""

    x: tuple[float, ...]
    best: tuple[float, ...]
    end: float

    def at(self, x: float) -> float:
        """The best at `x`, which is not before the first."""
        return self.best[bisect_right(self.x, x) - 1]

    def reaches(self, target: float, objective: Objective) -> float:
        """Where it is as good as `target` first; infinity if it never is."""
        pairs = zip(self.x, self.best, strict=True)
        return next((x for x, best in pairs if objective.is_reached(target, best)), math.inf)


@dataclass(frozen=True, slots=True)
class Band:
    """The staircases of repeats: at each x the median and the quartiles."""

    x: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def best_so_far(study: Study) -> Iterator[tuple[Trial, float | None]]:
    """The trials that ended, in the order of their ends, each with the best value that is known from then on;
    None before the first trial that may be the best."""
    ended = [trial for trial in study.trials.values() if not (trial.is_live or trial.is_withdrawn)]
    ended.sort(key=lambda trial: (trial.ended_at or 0.0, trial.number))
    best: float | None = None
    for trial in ended:
        value = finite(trial.value) if study.is_candidate(trial) else None
        if value is not None and study.objective.is_better(value, best):
            best = value
        yield trial, best


def staircase(study: Study, by: By) -> Staircase:
    """The progress of `study`, trial by trial as they ended."""
    xs: list[float] = []
    bests: list[float] = []
    count = steps = 0
    x = 0.0
    for trial, best in best_so_far(study):
        count += trial.source != "added"
        steps += trial.last_step
        at_s = study.clock(trial.ended_at or study.opened_at)
        x = {"trials": float(count), "time": at_s, "steps": float(steps)}[by]
        if best is not None and (not bests or best != bests[-1]):
            xs.append(x)
            bests.append(best)
    return Staircase(tuple(xs), tuple(bests), x)


def band(repeats: Sequence[Staircase]) -> Band:
    """The middle of repeats. Those without a value have none of it."""
    known = [repeat for repeat in repeats if repeat.x]
    if not known:
        return Band((), (), (), ())
    begin, end = max(repeat.x[0] for repeat in known), min(repeat.end for repeat in known)
    rises = {x for repeat in known for x in repeat.x if begin <= x <= end}
    xs = tuple(sorted(rises | {begin, end} if begin <= end else {begin}))
    middles = [middle([repeat.at(x) for repeat in known]) for x in xs]
    low, mid, high = zip(*middles, strict=True)
    return Band(xs, mid, low, high)


def middle(values: Sequence[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile; of one value, that value."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, median(values), high
