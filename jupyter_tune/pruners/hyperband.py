"""Hyperband without waiting: ASHA in several brackets, each with a later first rung.

A first rung that is too early stops trials that start slowly; one that is too late wastes
steps on hopeless ones. Hyperband does not choose. Bracket 0 has every rung, bracket s leaves
out the first s of them, and the last bracket has none: its trials run to their end, which is
random search, as in the paper. A trial is compared within its bracket only.

A trial's bracket follows from its number alone, so it is known wherever the trial runs. The shares are the
paper's: all brackets cost about the same. Numbers are distributed evenly, so that the shares hold from early
on and not only after a round.

Source: Li et al., JMLR 2018 (Hyperband), algorithm 1; asynchronous as in Li et al., MLSys 2020.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.pruners.asha import AshaPruner

_GOLDEN = (5**0.5 - 1) / 2


BRACKETS = 5
"""Where `min_steps` is not given; as in the worked example of the paper (81 steps, factor 3)."""


def first_rung(settings: Settings) -> int:
    """`min_steps`, else the first rung of BRACKETS brackets, so 1 for up to factor ** 4 steps: Hyperband
    is made to look that early too, and hedges by brackets that look later."""
    if settings.min_steps is not None:
        return settings.min_steps
    return math.ceil((settings.max_steps or 1) / float(settings.reduction_factor) ** (BRACKETS - 1))


class HyperbandPruner(AshaPruner):
    name = "hyperband"
    # brackets hedge against a rung that looks too early, and each has few trials for long
    waits = False

    def brackets(self, study: Study) -> int:
        return len(study.rungs) + 1

    def bracket(self, study: Study, number: int) -> int:
        return bracket_of(number, len(study.rungs), study.settings.reduction_factor)

    def levels(self, study: Study, bracket: int) -> Sequence[int]:
        return list(study.rungs)[bracket:]


def shares(rungs: int, factor: int) -> list[int]:
    """Trials of each bracket in one round of Hyperband, bracket 0 (all `rungs` rungs) first.

    A trial in a bracket of k rungs costs about (k + 1) / factor**k full trainings, as at each rung,
    and at the end, stand 1/factor of those at the rung before, with factor times the steps.
    """
    # in whole numbers, rounded up: the paper's n = ceil((s_max + 1) * factor**k / (k + 1))
    return [-(-(rungs + 1) * factor**k // (k + 1)) for k in range(rungs, -1, -1)]


@cache
def bracket_of(number: int, rungs: int, factor: int) -> int:
    """The bracket of trial `number`, of `rungs` + 1, where bracket 0 has all `rungs` rungs."""
    # multiples of the golden ratio fill the unit interval evenly however many they are
    place = number * _GOLDEN % 1.0
    bounds = _bounds(rungs, factor)
    return bisect_right(bounds, place * bounds[-1])


@cache
def _bounds(rungs: int, factor: int) -> list[int]:
    return list(accumulate(shares(rungs, factor)))
