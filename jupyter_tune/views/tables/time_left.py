"""How long the trials that are left take, with an 80 % band: the rest of a study, played ROUNDS times.

Each time the lengths of trials are drawn from those that ended last and those that run. What runs has not
ended yet: it says that trials may be so long, and more (the Kaplan-Meier estimate), or a study with pruning
would look short, as its short trials end first. No trial runs for longer than its full training takes.
What is known is known only as far as the rest is alike, so each round first draws which trials it believes
(a bootstrap), and a common factor for what nobody can know yet. Between two trials of a slot lies the time
that the suggestion took; it is part of a trial's length here.

Where more than MOST are to start, what is beyond them takes its mean.
Source: Kaplan and Meier 1958, "Nonparametric Estimation from Incomplete Observations".
"""

from __future__ import annotations

import heapq
import math
import operator
import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import fmean, median, pstdev

from jupyter_tune.core.trial import Trial

LOW, HIGH = 0.1, 0.9
ROUNDS = 100
MOST = 300
RECENT = 30
_LEAST, _DRIFT, _SURPRISE = 0.03, 0.3, 2.0
"""Deviation of the common factor's logarithm: at least; and, times how much the lengths differ, for ever and
over the root of the trials known. Fitted to the first seed of tests/benchmarks/stopping."""


@dataclass(frozen=True, slots=True)
class Running:
    """A trial that runs: seconds behind it, and at most ahead of it (inf where nothing tells)."""

    passed_s: float
    most_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Band:
    """Seconds until the end, and the ends of their 80 % band."""

    left_s: float
    low_s: float
    high_s: float


def band(lengths: Sequence[float], running: Sequence[Running], to_start: int, workers: int) -> Band:
    """How long until all trials have ended.

    Args:
        lengths:  seconds of the trials that ended last, at least one.
        running:  those that run.
        to_start: how many are still to start.
    """
    chance = random.Random(0)
    rounds = [_played(lengths, running, to_start, workers, chance) for _ in range(ROUNDS)]
    differ = min(1.0, pstdev(lengths) / (fmean(lengths) or 1.0))
    deviation = _LEAST + differ * (_DRIFT + _SURPRISE / math.sqrt(len(lengths)))
    moved = sorted(left_s * math.exp(chance.gauss(0.0, deviation)) for left_s in rounds)
    low_s, high_s = (moved[round(share * (ROUNDS - 1))] for share in (LOW, HIGH))
    left_s = median(rounds)
    return Band(left_s, min(low_s, left_s), max(high_s, left_s))


def _played(
    lengths: Sequence[float], running: Sequence[Running], to_start: int, workers: int, chance: random.Random
) -> float:
    known = [(length, True) for length in lengths] + [(each.passed_s, False) for each in running]
    believed = _Lengths(chance.choices(known, k=len(known)) if len(known) > 1 else known, lengths)
    free = [min(each.most_s, believed.rest(each.passed_s, chance)) for each in running]
    free += [0.0] * max(0, workers - len(free))
    heapq.heapify(free)
    drawn = min(to_start, MOST)
    for length in believed.draw(drawn, chance):
        heapq.heappushpop(free, free[0] + length)
    beyond_s: float = (to_start - drawn) * believed.mean / max(1, workers)
    return max(free) + beyond_s


class _Lengths:
    """The lengths of trials, from some that have ended and some that run.

    Args: known: seconds, and whether the trial ended with them; ended: of those that did, to fall back on.
    """

    def __init__(self, known: Sequence[tuple[float, bool]], ended: Sequence[float]):
        ordered = sorted(known, key=lambda each: (each[0], not each[1]))
        if not any(is_end for _, is_end in ordered):
            ordered = [(length, True) for length in sorted(ended)]
        self._at: list[float] = []
        self._share: list[float] = []
        alive = 1.0
        for place, (length, is_end) in enumerate(ordered):
            if is_end:
                dies = alive / (len(ordered) - place)
                self._at.append(length)
                self._share.append(dies)
                alive -= dies
        # those that are longer than all that ended: as long again as the longest, at most
        if alive > 1e-9:
            self._at.append(1.25 * ordered[-1][0])
            self._share.append(alive)
        self.mean: float = sum(map(operator.mul, self._at, self._share))
        self._until = list(accumulate(self._share))

    def draw(self, count: int, chance: random.Random) -> list[float]:
        return chance.choices(self._at, cum_weights=self._until, k=count) if count else []

    def rest(self, passed_s: float, chance: random.Random) -> float:
        first = bisect_right(self._at, passed_s)
        if first == len(self._at):
            return 0.25 * min(passed_s, self._at[-1])
        return chance.choices(self._at[first:], weights=self._share[first:])[0] - passed_s


def gaps(trials: Iterable[Trial]) -> list[float]:
    """Seconds between two trials on the same slot: for the suggestion and the start."""
    last: dict[str, float] = {}
    found = []
    for trial in sorted(trials, key=lambda trial: trial.started_at or 0.0):
        if not trial.slot or trial.started_at is None:
            continue
        before = last.get(trial.slot)
        if before is not None and trial.started_at >= before:
            found.append(trial.started_at - before)
        if trial.ended_at is not None:
            last[trial.slot] = trial.ended_at
    return found
