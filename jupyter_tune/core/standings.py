"""Who is ahead of whom at each rung, in each bracket: kept in order as trials arrive, so that no question
of a pruner sorts a rung.

A trial has a standing at every rung that it has reached. If it was stopped there, it is also among the
stopped of the last rung that it has reached, from which it may be resumed.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import TypeAlias

from jupyter_tune.core.objective import Objective

BracketOf: TypeAlias = Callable[[int], int]
"""The bracket of a trial by its number: trials are compared within it only."""

Standing: TypeAlias = tuple[float, int]
"""Loss, or inf for what is no finite number, and number: equals are ordered by the number."""


class Ranking:
    """Some trials, the best first."""

    def __init__(self) -> None:
        self._order: list[Standing] = []

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: int) -> Standing:
        return self._order[place]

    def __iter__(self) -> Iterator[Standing]:
        return iter(self._order)

    def first(self, count: int) -> list[Standing]:
        return self._order[:count]

    def ahead_of(self, standing: Standing) -> int:
        """How many stand before it."""
        return bisect_left(self._order, standing)

    def better_than(self, loss: float) -> int:
        """How many have a smaller loss."""
        return bisect_left(self._order, (loss, -1))

    def enter(self, standing: Standing) -> None:
        insort(self._order, standing)

    def leave(self, standing: Standing) -> None:
        del self._order[self.ahead_of(standing)]


class Standings:
    """The rankings of a study, by bracket and rung. Args: bracket_of: see BracketOf."""

    def __init__(self, objective: Objective, bracket_of: BracketOf):
        self._objective = objective
        self._bracket_of = bracket_of
        self._reached: dict[tuple[int, int], Ranking] = {}
        self._stopped: dict[tuple[int, int], Ranking] = {}

    def at(self, bracket: int, level: int) -> Ranking:
        """The trials of a bracket that have reached a rung."""
        return self._reached.get((bracket, level)) or Ranking()

    def stopped_among(self, best: int, bracket: int, level: int) -> list[Standing]:
        """Those of the `best` trials at a rung that were stopped there, the best first."""
        stopped, everyone = self._stopped.get((bracket, level)), self.at(bracket, level)
        if not stopped:
            return []
        return stopped.first(stopped.ahead_of(everyone[best]) if best < len(everyone) else len(stopped))

    # the fold

    def enter(self, number: int, level: int, value: float) -> None:
        """The trial has reached a rung with this value of the metric."""
        place = self._bracket_of(number), level
        self._reached.setdefault(place, Ranking()).enter(self._standing(number, value))

    def leave(self, number: int, level: int, value: float) -> None:
        """It has not reached it after all."""
        self._reached[self._bracket_of(number), level].leave(self._standing(number, value))

    def stop(self, number: int, level: int, value: float) -> None:
        """It was stopped at the last rung that it has reached, and may be resumed."""
        place = self._bracket_of(number), level
        self._stopped.setdefault(place, Ranking()).enter(self._standing(number, value))

    def go_on(self, number: int, level: int, value: float) -> None:
        """It is not one of those any more."""
        self._stopped[self._bracket_of(number), level].leave(self._standing(number, value))

    def _standing(self, number: int, value: float) -> Standing:
        return self._objective.loss_or_worst(value), number
