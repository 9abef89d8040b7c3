"""ASHA, the stopping kind: a trial goes on while it is among the best 1/factor of its rung.

Rungs stand at grace, grace * factor, ... below `max_steps`; a trial's value at a rung is the one it had when
it first reached it. At every report a trial is compared with all that have reached its last rung by now;
while those are fewer than `reduction_factor` no trial is stopped. Nothing waits, so slots never idle. NaN and
the infinities count as worst. A trial that repeats another is stopped too, whatever its rank (repeats.py).

Why at every report, not on arrival only: the first trials reach their rungs without rivals. If they passed
for good, each would cost a full training, half of what a short study has. Measured with random suggestions,
4 workers, 12 seeds, regret after 5, 10, 25 and 50 full trainings, judged on arrival and at every report:
five tables .58 .41 .17 .08 and .48 .30 .16 .07; four learning-curve surrogates .26 .20 .14 .10 in both; four
slow starters .40 .33 .21 .16 and .37 .29 .20 .16.

Why rounded up, and no trial stopped among few: rounded down, with one place among two (as in Optuna), random
suggestions gain (five tables, after 10 full trainings: one worker .35 to .28, four .26 to .22; 30 seeds),
but the Gaussian process does not (21 tasks, 84 runs: -.01 +- .02), and loses where readings are noisy:
trials stopped by bad luck mislead it. Held against the newest half of the rung only, it won after 5 full
trainings and lost after 25.

A trial that was stopped early may be among the best 1/factor once worse ones have come. If it has left a
checkpoint, it is resumed then: the paper's promotion, which only trials that looked bad at first wait for.

Source: Li et al., MLSys 2020 (ASHA); stopping in place of promotion as in Syne Tune.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TypeAlias

from jupyter_tune.core.study import Study
from jupyter_tune.pruners.repeats import READINGS, repeated

RIVALS = 3
"""Of those ahead, named in the reason."""

Rung: TypeAlias = Mapping[int, float]
"""Number -> the metric when the trial first reached that step."""


class AshaPruner:
    name = "asha"

    # trials are compared within their bracket only; here there is one

    def brackets(self, study: Study) -> int:
        """How many there are."""
        return 1

    def bracket(self, study: Study, number: int) -> int:
        """That of trial `number`, from 0."""
        return 0

    def rung(self, study: Study, bracket: int, level: int) -> Rung:
        """The trials of a bracket that have reached step `level`; empty where it has no rung there."""
        return study.rungs[level]

    def prune_reason(self, study: Study, number: int) -> str:
        twin = repeated(study, number)
        if twin is not None:
            return f"{self.name}: repeats trial {twin}: their first {READINGS} readings are the same"
        trial = study.trials[number]
        step = trial.last_step
        if step >= (study.settings.max_steps or math.inf):
            return ""
        before = max((s for s in trial.curve if s != step), default=0)
        passed = [level for level in study.rungs if level <= step]
        # the last rung, and those that this one report has taken it over
        levels = [level for level in passed if level > before or level == passed[-1]]
        bracket = self.bracket(study, number)
        for level in levels:
            rung = self.rung(study, bracket, level)
            if number in rung and not _is_among_best(rung[number], rung.values(), study):
                return f"{self.name}: {_standing(number, level, rung, study)}"
        return ""

    def resumes(self, study: Study) -> list[int]:
        """The pruned trials among the best 1/factor of the last rung they reached: those that got furthest
        first, and among them the best. Of equal ones no more than 1/factor."""
        found = []
        for bracket in range(self.brackets(study)):
            beyond: set[int] = set()
            for level in sorted(study.rungs, reverse=True):
                rung = self.rung(study, bracket, level)
                stopped_here = study.resumable & rung.keys() - beyond
                beyond.update(rung)
                if stopped_here:
                    best = _ranked(rung, study)[: len(rung) // study.settings.reduction_factor]
                    found += [(-level, loss, n) for loss, n in best if n in stopped_here and loss < math.inf]
        return [number for _, _, number in sorted(found)]


def _ranked(rung: Rung, study: Study) -> list[tuple[float, int]]:
    """Loss and number of the trials in a rung, the best first."""
    return sorted((study.objective.loss_or_worst(value), number) for number, value in rung.items())


def _standing(number: int, level: int, rung: Rung, study: Study) -> str:
    """A trial's rank in its rung, and the trials ahead."""
    ranked = _ranked(rung, study)
    place = next(place for place, (_, other) in enumerate(ranked, 1) if other == number)
    rivals = ", ".join(f"trial {other}: {rung[other]:.4g}" for _, other in ranked[:RIVALS])
    places = _places(rung, study)
    go_on = "only the best goes on" if places == 1 else f"the best {places} go on"
    return (
        f"{study.settings.metric} {rung[number]:.4g} at step {level} ranks {place} of {len(rung)}, "
        f"{go_on} ({rivals})"
    )


def _places(rung: Collection[object], study: Study) -> int:
    """How many of a rung go on."""
    return (len(rung) - 1) // study.settings.reduction_factor + 1


def _is_among_best(value: float, rung: Collection[float], study: Study) -> bool:
    """Whether the trial with `value`, one of those in `rung`, goes on."""
    factor = study.settings.reduction_factor
    if len(rung) < factor:
        return True
    if not math.isfinite(value):
        return False
    # called at every report of every trial: counting takes a tenth of the time of sorting
    return study.objective.count_better(rung, value) < _places(rung, study)
