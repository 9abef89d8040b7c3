"""Which trials keep their files, where a study keeps N (`--keep N`).

    live                        all, and those that the end of the study cancelled: they run again
    complete                    the best N of this study; with several metrics, the Pareto front;
                                the best by all measurements (incumbent.py), which is never one that lost its
                                files; and those that are measured again (confirming.py)
    pruned, with a checkpoint   the best N that may still be resumed; no other is resumed any more
    failed                      the newest N
    all others                  none: infeasible, ended by the user, or another's second measurement
    of code that was edited     what they had then

Nothing else is removed, and without N nothing at all. What is removed are checkpoints and artifacts; logs
stay. That a trial keeps its files is decided here, when a trial ends. That they are gone is a fact
(FilesRemoved), recorded before the driver removes them (driver/removal.py).
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Collection, Iterable, Sequence
from typing import TypeAlias

from jupyter_tune.core.numbered import Numbered
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED, Trial

Place: TypeAlias = tuple[float, int, int]
"""The loss, the order among equals, and the number of a trial."""


class Keeping:
    """Attributes:
    limit:   the N, None for all.
    excess:  the numbers of the trials whose files are to be removed, and are not yet.
    removed: how many trials have lost their files so far; `size`: the bytes of these.

    Args: by_number: of equal trials the first by its number is the best, and not the first that ended.
    """

    def __init__(self, objectives: Sequence[Objective], limit: int | None, *, by_number: bool = False):
        self.limit = limit
        self.excess: Numbered[None] = Numbered()
        self.removed = self.size = 0
        self._objectives = objectives
        self._by_number = by_number
        self._ended = 0
        self._best: list[Place] = []
        self._pruned: list[Place] = []
        self._failed: list[int] = []
        self._front: frozenset[int] = frozenset()

    def copy(self) -> Keeping:
        """The same; neither sees what changes in the other from now on."""
        twin = object.__new__(Keeping)
        twin.__dict__.update(self.__dict__)
        twin.excess = self.excess.copy()
        twin._best, twin._pruned, twin._failed = [*self._best], [*self._pruned], [*self._failed]
        return twin

    # the fold

    def ended(self, trial: Trial, best: Collection[int], *, can_resume: bool) -> list[int]:
        """The trial has ended. Returns the pruned trials that can no longer be resumed.

        Args:
            best:       the trials that are the best by now, or on the front, or may become the best.
            can_resume: whether it is one that can be resumed.
        """
        self._ended += 1
        if self.limit is None or trial.source == "added":
            return []
        if can_resume:
            return self._rank(self._pruned, trial)
        if trial.is_candidate and len(self._objectives) > 1:
            self._move_front(trial.number, frozenset(best))
        elif trial.is_candidate and self._has_value(trial):
            self._rank(self._best, trial, best)
        elif trial.state == FAILED:
            self._failed.append(trial.number)
            self._drop(self._failed[: -self.limit])
            del self._failed[: -self.limit]
        elif trial.state in (COMPLETE, PRUNED) or trial.by_user:
            self._drop([trial.number])
        return []

    def goes_on(self, number: int) -> None:
        """The trial has not ended after all."""
        self.excess.pop(number, None)
        self._pruned = [place for place in self._pruned if place[-1] != number]
        self._failed = [each for each in self._failed if each != number]

    def take_out(self, numbers: Iterable[int], size: int) -> None:
        """The files of these ended trials are removed."""
        before = self.removed
        for number in numbers:
            self.goes_on(number)
            self.removed += 1
        self.size += size * (self.removed > before)

    def begin_anew(self) -> None:
        """No trial that has ended is a result any more; those that have their files keep them."""
        self._best, self._pruned, self._failed, self._front = [], [], [], frozenset()

    def _has_value(self, trial: Trial) -> bool:
        return trial.value is not None and self._objectives[0].is_better(trial.value, None)

    def _rank(self, ranked: list[Place], trial: Trial, stay: Collection[int] = ()) -> list[int]:
        loss = math.inf if trial.value is None else self._objectives[0].loss_or_worst(trial.value)
        insort(ranked, (loss, trial.number if self._by_number else self._ended, trial.number))
        beyond = ranked[self.limit :]
        # the others fall once they are not among the best any more
        ranked[self.limit :] = [place for place in beyond if place[-1] in stay]
        fallen = [number for *_, number in beyond if number not in stay]
        self._drop(fallen)
        return fallen

    def _move_front(self, number: int, front: frozenset[int]) -> None:
        self._drop((self._front | {number}) - front)
        self._front = front

    def _drop(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.excess[number] = None
