"""Rivals: where few trials run at a time, the first ones at a rung stop there until there are enough.

One after the other, the first trials reach their rungs before anyone they could be compared with, and each
would cost a full training. So, while fewer than `reduction_factor` trials run:

    the first       factor ** 2 trials stop at the first rung, the first `factor` at the second; of a study
                    with few trials a third stops, and none where all that costs more than MOST
    start again     the best of a rung from which no trial has gone on, once that many have reached it: from
                    the beginning, for checkpoints are rare (those that left one go on from it, see asha.py)

What starts again pays its first steps twice, 6 % of a training at the first rung. That is a bracket of
successive halving, one trial after the other; later trials are compared with what it has left in the rungs.

Measured with random suggestions, 5 seeds, on a prototype that does not round down (see asha.py): mean regret
after 5 and 10 full trainings, before and with this rule:

                                   one worker                two workers
    LCBench surrogates, 4 tasks    .31 .24    .25 .19        .25 .20    .25 .19
    TaskSet tables, 5              .51 .35    .39 .26        .52 .36    .46 .28
    digits tables, 4               .13 .03    .07 .04        .12 .03    .06 .03
    slow starters, 4               .44 .33    .39 .28        .41 .31    .40 .27

With four workers it was no gain: trials that run at a time are rivals.
"""

from __future__ import annotations

import math
from itertools import pairwise

from jupyter_tune.core.standings import Ranking, Standings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, PRUNED, Trial

MOST = 2 / 3
"""Of a full training."""


def _are_few(study: Study) -> bool:
    """Whether so few trials run at a time that they are no rivals of each other."""
    # a study that nears its end has fewer trials than workers, and a Tuner has no workers
    return max(study.settings.workers, study.live_count) < study.settings.reduction_factor


def rounds_down(study: Study, level: int) -> bool:
    """Whether the rung at `level` has one place among two, and its number of places is rounded down."""
    if not _are_few(study):
        return False
    first = min(study.rungs)
    return level > first and _wanted(study, first) > 1


def are_awaited(study: Study, number: int, level: int, ranking: Ranking) -> bool:
    """Whether trial `number`, which has just reached the rung at `level`, stops there for want of rivals."""
    # what was the best there may, with noise, not be so again
    if not _are_few(study) or _is_spent(study) or study.trials[number].reached >= level:
        return False
    wanted = _wanted(study, level)
    if len(ranking) > wanted:
        return False
    return len(ranking) < wanted or not _leads(study, number, ranking)


def awaits(study: Study, number: int, level: int) -> str:
    """Why trial `number` stopped there."""
    value, wanted = study.rungs[level][number], _wanted(study, level)
    return (
        f"{study.settings.metric} {value:.4g} at step {level} awaits rivals: "
        f"the best of the first {wanted} starts again"
    )


def start_again(study: Study, standings: Standings) -> list[int]:
    """The trial that starts again, if there is one: the best of a rung that no trial has left."""
    levels = list(study.rungs)
    following = dict(pairwise(levels))
    for level in reversed(levels):
        wanted, ranking = _wanted(study, level), standings.at(0, level)
        if wanted < 2 or (len(ranking) < wanted and not _is_spent(study)):
            continue
        farther = study.rungs[following[level]].keys() if level in following else ()
        # mostly the first one answers
        if any(number in farther or _goes_on(study.trials[number]) for _, number in ranking):
            continue
        for loss, number in ranking:
            if loss < math.inf and _may_start_again(study, study.trials[number]):
                return [number]
    return []


def _wanted(study: Study, level: int) -> int:
    """How many trials a rung awaits."""
    settings = study.settings
    factor = settings.reduction_factor
    first = factor**2
    if settings.trials is not None:
        first = min(first, (settings.trials - settings.confirm) // factor)
    wanted: int = first // factor ** list(study.rungs).index(level)
    return wanted if wanted * level <= MOST * (settings.max_steps or 0) else 0


def _is_spent(study: Study) -> bool:
    """Whether no further rival comes."""
    settings = study.settings
    return settings.trials is not None and study.spent >= settings.trials - settings.confirm


def _leads(study: Study, number: int, ranking: Ranking) -> bool:
    """Whether none of those ahead of it goes on, or may start again."""
    for _, other in ranking:
        if other == number:
            return True
        if _goes_on(study.trials[other]) or _may_start_again(study, study.trials[other]):
            return False
    return True


def _goes_on(trial: Trial) -> bool:
    return trial.is_live or trial.state == COMPLETE


def _may_start_again(study: Study, trial: Trial) -> bool:
    return trial.state == PRUNED and not trial.by_user and study.ranges.contains(trial.params)
