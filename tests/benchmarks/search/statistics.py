"""What paired results say: mean ranks, duels, and how sure they are.

A score is a tuner's loss on one (problem, seed); all tuners meet the same ones. Problems are the sample: the
intervals come from resampling problems, because seeds of one problem say little about another problem.
Ties are losses equal up to rounding: a model's error has few values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# (problem, seed) -> loss
Scores: TypeAlias = Mapping[tuple[str, int], float]
Array: TypeAlias = NDArray[np.float64]

RESAMPLES = 10_000
_EQUAL = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A mean over problems with its bootstrap 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0

    @classmethod
    def of(cls, by_problem: Sequence[float] | Array, seed: int = 0) -> Estimate:
        """Raises ValueError without a problem."""
        values = np.asarray(by_problem, dtype=float)
        if not len(values):
            raise ValueError("no problem was met by all")
        drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
        low, high = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
        return cls(float(values.mean()), float(low), float(high))


@dataclass(frozen=True)
class Duel:
    """Ours against one peer on what both have met.

    `wins`, `losses`, `ties`: problems, by the mean loss over seeds; `p`: two-sided sign test over them,
    without ties; `share`: of the (problem, seed) pairs that ours won, a tie counting half.
    """

    wins: int
    losses: int
    ties: int
    p: float
    share: Estimate
    pairs: int

    @property
    def outcome(self) -> str:
        """`won–lost–tied`."""
        return f"{self.wins}–{self.losses}–{self.ties}"


def common(scores: Mapping[str, Scores]) -> list[tuple[str, int]]:
    """The (problem, seed) pairs that every tuner has met, in order."""
    met = [set(of) for of in scores.values()]
    return sorted(set.intersection(*met)) if met else []


def ranks_by_problem(scores: Mapping[str, Scores]) -> dict[str, Array]:
    """Each tuner's rank among all, 1 the best, averaged over the seeds of each problem they have all met."""
    pairs = common(scores)
    found = np.array([_ranks([of[pair] for of in scores.values()]) for pair in pairs])
    problems = sorted({problem for problem, _ in pairs})
    rows = [[at for at, pair in enumerate(pairs) if pair[0] == problem] for problem in problems]
    return {
        name: np.array([found[of_problem, at].mean() for of_problem in rows])
        for at, name in enumerate(scores)
    }


def duel(ours: Scores, theirs: Scores) -> Duel:
    """Raises ValueError if they have met on no problem."""
    pairs = common({"ours": ours, "theirs": theirs})
    outcomes, shares = [], []
    for problem in sorted({problem for problem, _ in pairs}):
        seeds = [pair for pair in pairs if pair[0] == problem]
        our_losses, their_losses = [ours[pair] for pair in seeds], [theirs[pair] for pair in seeds]
        outcomes.append(_better(math.fsum(our_losses), math.fsum(their_losses)))
        each = [_better(mine, other) for mine, other in zip(our_losses, their_losses, strict=True)]
        shares.append(0.5 + 0.5 * sum(each) / len(each))
    wins, losses = outcomes.count(1), outcomes.count(-1)
    return Duel(
        wins, losses, outcomes.count(0), sign_test(wins, losses), Estimate.of(shares), pairs=len(pairs)
    )


def sign_test(wins: int, losses: int) -> float:
    """Two-sided: how likely a fair coin is at least that lopsided."""
    n = wins + losses
    tail = sum(math.comb(n, k) for k in range(min(wins, losses) + 1))
    return float(min(1.0, 2 * tail / 2**n))


def _better(mine: float, other: float) -> int:
    """1 if `mine` is lower, -1 if higher, 0 for a tie."""
    if _equal(mine, other):
        return 0
    return 1 if mine < other else -1


def _equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_EQUAL, abs_tol=_EQUAL)


def _ranks(losses: Sequence[float]) -> list[float]:
    """1 for the lowest; ties share the mean of their places."""
    return [
        1
        + sum(_better(other, loss) == 1 for other in losses)
        + (sum(_equal(other, loss) for other in losses) - 1) / 2
        for loss in losses
    ]
