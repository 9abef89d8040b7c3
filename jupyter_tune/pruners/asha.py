"""ASHA, the stopping kind: at each rung a trial goes on only among the best 1/factor so far.

Rungs stand at grace, grace * factor, ... below `max_steps`. A trial is compared once per
rung, when it first reaches it, with all that were there before it and itself; while a rung
has fewer than `reduction_factor` values nobody is stopped there. Nothing waits for
anything, so slots never idle. NaN and the infinities count as worst. A trial that repeats another is
stopped too, wherever it stands (see repeats.py).

What was stopped early on may be among the best 1/factor after all, once worse ones have come.
If it has left a checkpoint, it is resumed then: that is the paper's promotion, for which only
those have to wait that looked bad at first.

Source: Li et al., MLSys 2020 (ASHA); stopping in place of promotion as in Syne Tune.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from jupyter_tune.core.study import Study
from jupyter_tune.pruners.repeats import READINGS, repeated

Rungs: TypeAlias = Mapping[int, Mapping[int, float]]
"""Level -> number -> the metric when the trial first reached that step."""


class AshaPruner:
    def brackets(self, study: Study) -> list[Rungs]:
        """The rungs, by groups of trials that are compared with each other only."""
        return [study.rungs]

    def objection(self, study: Study, number: int) -> str:
        twin = repeated(study, number)
        if twin is not None:
            return f"repeats trial {twin}: their first {READINGS} readings are the same"
        trial = study.trials[number]
        step = trial.last_step
        before = max((s for s in trial.curve if s != step), default=0)
        # judged on arrival only: a rung passed earlier is not opened again by later rivals
        reached = [level for level in study.rungs if before < level <= step]
        is_among_best = all(
            _is_among_best(rungs[level][number], rungs[level].values(), study)
            for rungs in (self.brackets(study) if reached else [])
            for level in reached
            if number in rungs.get(level, ())
        )
        return "" if is_among_best else f"behind its rivals at step {step}"

    def resumes(self, study: Study) -> list[int]:
        """The pruned trials among the best 1/factor of the last rung they reached: those who got
        furthest first, and among them the best. Of equals only so many as 1/factor are."""
        found = []
        for rungs in self.brackets(study):
            beyond: set[int] = set()
            for level in sorted(rungs, reverse=True):
                rung = rungs[level]
                stopped_here = study.resumable & rung.keys() - beyond
                beyond.update(rung)
                if stopped_here:
                    ranked = sorted((-_worth(value, study), number) for number, value in rung.items())
                    best = ranked[: len(rung) // study.settings.reduction_factor]
                    found += [(-level, loss, n) for loss, n in best if n in stopped_here and loss < math.inf]
        return [number for _, _, number in sorted(found)]


def _is_among_best(value: float, rung: Collection[float], study: Study) -> bool:
    """Whether `value`, one of those in `rung`, is to go on."""
    if len(rung) < study.settings.reduction_factor:
        return True
    return math.isfinite(value) and _worth(value, study) >= _cutoff(rung, study)


def _cutoff(rung: Iterable[float], study: Study) -> float:
    """The worth that 1/factor of the rung reach, between two neighbours where that falls there."""
    ranked = sorted((_worth(value, study) for value in rung), reverse=True)
    place = (len(ranked) - 1) / study.settings.reduction_factor
    lower, upper = math.floor(place), math.ceil(place)
    if ranked[lower] == ranked[upper]:
        return ranked[lower]
    return ranked[lower] + (place - lower) * (ranked[upper] - ranked[lower])


def _worth(value: float, study: Study) -> float:
    """Larger is better; what is no number is worst."""
    if not math.isfinite(value):
        return -math.inf
    return value if study.settings.maximize else -value
