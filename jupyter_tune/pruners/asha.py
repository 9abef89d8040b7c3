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
suggestions gain, but with four workers the Gaussian process does not (21 tasks, 84 runs: -.01 +- .02),
and loses where readings are noisy: trials stopped by bad luck mislead it. Held against the newest half of the
rung only, it won after 5 full trainings and lost after 25.

Few workers, fewer than `reduction_factor` trials at a time (rivals.py): the first trials of a rung stop there
until there are enough to compare, and the best of them starts again. At the rungs after the first one,
numbers are rounded down then: otherwise the second trial there would never be stopped.

A trial that was stopped early may be among the best 1/factor once worse ones have come. If it has left a
checkpoint, it is resumed then: the paper's promotion, which only trials that looked bad at first wait for.

Source: Li et al., MLSys 2020 (ASHA); stopping in place of promotion as in Syne Tune.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from jupyter_tune.core.standings import Ranking, Standings
from jupyter_tune.core.study import Study
from jupyter_tune.pruners.repeats import READINGS, repeated
from jupyter_tune.pruners.rivals import are_awaited, awaits, rounds_down, start_again

RIVALS = 3
"""Of those ahead, named in the reason."""


class AshaPruner:
    name = "asha"
    waits = True
    """Whether the first trials of a rung wait for rivals where few run at a time."""

    # trials are compared within their bracket only; here there is one

    def brackets(self, study: Study) -> int:
        """How many there are."""
        return 1

    def bracket(self, study: Study, number: int) -> int:
        """That of trial `number`, from 0."""
        return 0

    def levels(self, study: Study, bracket: int) -> Sequence[int]:
        """The rungs of a bracket, the first ones first."""
        return list(study.rungs)

    def _standings(self, study: Study) -> Standings:
        return study.rungs.standings(self.name, functools.partial(self.bracket, study))

    def prune_reason(self, study: Study, number: int) -> str:
        twin = repeated(study, number)
        if twin is not None:
            return f"{self.name}: repeats trial {twin}: their first {READINGS} readings are the same"
        trial = study.trials[number]
        step = trial.last_step
        if step >= (study.settings.max_steps or math.inf):
            return ""
        bracket = self.bracket(study, number)
        passed = [level for level in self.levels(study, bracket) if level <= step]
        # the last rung, and those that this one report has taken it over
        for level in (level for level in passed if level > trial.step_before or level == passed[-1]):
            value = study.rungs[level].get(number)
            if value is None:
                continue
            ranking = self._standings(study).at(bracket, level)
            places = self._places(study, level, len(ranking))
            if not _is_among_best(value, ranking, places, study):
                return f"{self.name}: {_standing(number, level, ranking, places, study)}"
            is_new = level > trial.step_before
            if is_new and self.waits and are_awaited(study, number, level, ranking):
                return f"{self.name}: {awaits(study, number, level)}"
        return ""

    def resumes(self, study: Study) -> list[int]:
        """The pruned trials among the best 1/factor of the last rung they reached: those that got furthest
        first, and among them the best. Of equal ones no more than 1/factor."""
        found = []
        standings = self._standings(study)
        for bracket in range(self.brackets(study)):
            for level in self.levels(study, bracket):
                best = len(standings.at(bracket, level)) // study.settings.reduction_factor
                stopped = standings.stopped_among(best, bracket, level)
                found += [(-level, loss, number) for loss, number in stopped if loss < math.inf]
        going_on = [number for _, _, number in sorted(found)]
        return going_on or (start_again(study, self._standings(study)) if self.waits else [])

    def _places(self, study: Study, level: int, entered: int) -> int:
        """How many of those in a rung go on; all of them while they are too few."""
        factor = study.settings.reduction_factor
        if self.waits and rounds_down(study, level):
            return max(1, entered // factor)
        return entered if entered < factor else (entered - 1) // factor + 1


def _standing(number: int, level: int, ranking: Ranking, places: int, study: Study) -> str:
    """A trial's rank in its rung, and the trials ahead."""
    rung = study.rungs[level]
    place = ranking.ahead_of((study.objective.loss_or_worst(rung[number]), number)) + 1
    rivals = ", ".join(f"trial {other}: {rung[other]:.4g}" for _, other in ranking.first(RIVALS))
    go_on = "only the best goes on" if places == 1 else f"the best {places} go on"
    return (
        f"{study.settings.metric} {rung[number]:.4g} at step {level} ranks {place} of {len(ranking)}, "
        f"{go_on} ({rivals})"
    )


def _is_among_best(value: float, ranking: Ranking, places: int, study: Study) -> bool:
    """Whether the trial with `value`, one of those in the ranking, goes on."""
    if len(ranking) == places:
        return True
    if not math.isfinite(value):
        return False
    return ranking.better_than(study.objective.loss(value)) < places
