"""Which of many trials are shown: bounded, however long the study.

Laws:
- Up to `Bounds.all` trials all are shown. Beyond, the best (see _MAY_BE_BEST), the newest,
  the live, and of the rest those whose number a power of two divides: an even sample that changes only
  when the power doubles.
- What is shown follows from the study alone; how it came to be shown does not matter.
- To keep the order costs what changed; to choose costs what is shown, never what there is in all.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.tables.columns import finite


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many trials are shown of many: the kinds beyond `all`, with the most trials of each."""

    all: int
    best: int
    newest: int
    sample: int


def everything_of(study: Study) -> Bounds:
    """Bounds that leave nothing out, for a study that does not go on."""
    return Bounds(all=len(study.trials), best=0, newest=1, sample=1)


_MAY_BE_BEST, _OTHER, _EARLIER = range(3)
"""How trials with a value are ranked: those that may be the best before all others, which were pruned or are
infeasible; those of code that was edited since come last."""


class Selection:
    """The trials that may be shown, in the orders that the choice needs."""

    def __init__(self, study: Study, bounds: Bounds):
        self._study = study
        self._bounds = bounds
        self._numbers: list[int] = []
        self._ranked: list[tuple[int, float, int]] = []
        self._rank_of: dict[int, tuple[int, float, int]] = {}

    def enter(self, trial: Trial, *, may_be_shown: bool = True) -> None:
        """Something happened to this trial."""
        number = trial.number
        at = bisect_left(self._numbers, number)
        known = at < len(self._numbers) and self._numbers[at] == number
        if may_be_shown and not known:
            self._numbers.insert(at, number)
        elif known and not may_be_shown:
            del self._numbers[at]
        before = self._rank_of.pop(number, None)
        if before is not None:
            # a trial that was resumed has no value any more, and later another
            del self._ranked[bisect_left(self._ranked, before)]
        value = finite(trial.value)
        if value is not None and may_be_shown:
            loss = self._study.objective.loss(value)
            rank = self._rank_of[number] = self._kind(trial), loss, number
            insort(self._ranked, rank)

    @property
    def leader(self) -> int | None:
        """The first of the ranked, unless it is of code that was edited since."""
        return self._ranked[0][-1] if self._ranked and self._ranked[0][0] != _EARLIER else None

    def best(self, most: int) -> list[int]:
        """The numbers of the first `most` trials that may be the best, the best value first."""
        return [number for kind, _, number in self._ranked[:most] if kind == _MAY_BE_BEST]

    @property
    def stride(self) -> int:
        """Trials whose number it divides are all shown: an even sample of the study, or all of it."""
        if len(self._numbers) <= self._bounds.all:
            return 1
        return stride(self._numbers[-self._bounds.newest], self._bounds.sample)

    def wanted(self) -> set[int]:
        """The numbers of the trials to show."""
        bounds, numbers = self._bounds, self._numbers
        if len(numbers) <= bounds.all:
            return set(numbers)
        wanted = set(numbers[-bounds.newest :])
        wanted.update(number for _, _, number in self._ranked[: bounds.best])
        wanted.update(trial.number for trial in self._study.live if self._has(trial.number))
        sample = range(0, numbers[-bounds.newest], self.stride)
        wanted.update(number for number in sample if self._has(number))
        return wanted

    def _kind(self, trial: Trial) -> int:
        if self._study.is_candidate(trial):
            return _MAY_BE_BEST
        return _EARLIER if self._study.is_earlier(trial) else _OTHER

    def _has(self, number: int) -> bool:
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number


def stride(count: int, most: int) -> int:
    """The smallest power of two of which at most `most` multiples lie in range(count)."""
    step = 1
    while -(-count // step) > most:
        step *= 2
    return step
