"""Rungs: the steps at which trials are compared, and the trials that have reached them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import TypeAlias

from jupyter_tune.core.numbered import Numbered
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.standings import BracketOf, Standings

FirstRung: TypeAlias = Callable[[Settings], int]
"""The first step at which trials are compared; the others follow from it."""


def grace(settings: Settings) -> int:
    """The first rung where the pruner has no rule of its own."""
    return settings.grace


def rung_levels(settings: Settings, first: int) -> tuple[int, ...]:
    """The steps first, first * factor, ... below `max_steps`; none without it."""
    levels = []
    while first < (settings.max_steps or 0):
        levels.append(first)
        first *= settings.reduction_factor
    return tuple(levels)


class Rungs(Mapping[int, Mapping[int, float]]):
    """Level -> number -> the metric when the trial first reached that step.

    `resumable`: the pruned trials that left a checkpoint.
    """

    def __init__(self, settings: Settings, first_rung: FirstRung):
        self._rungs: dict[int, Numbered[float]] = {
            level: Numbered() for level in rung_levels(settings, first_rung(settings))
        }
        self._objective = settings.objective
        self._resumable: Numbered[None] = Numbered()
        # a cache, by the name of the pruner that asked
        self._standings: dict[str, Standings] = {}

    def __getitem__(self, level: int) -> Mapping[int, float]:
        return self._rungs[level]

    def __iter__(self) -> Iterator[int]:
        return iter(self._rungs)

    def __len__(self) -> int:
        return len(self._rungs)

    def __repr__(self) -> str:
        return repr(self._rungs)

    @property
    def resumable(self) -> Set[int]:
        return self._resumable.keys()

    def standings(self, pruner: str, bracket_of: BracketOf) -> Standings:
        """Who is ahead of whom, kept up to date from the first time that this pruner asks.

        Args: bracket_of: the bracket of a number, always the same for one pruner.
        """
        if pruner not in self._standings:
            self._standings[pruner] = standings = Standings(self._objective, bracket_of)
            for level, rung in self._rungs.items():
                for number, value in rung.items():
                    standings.enter(number, level, value)
            for number in self._resumable:
                for last in self._last(number):
                    standings.stop(number, *last)
        return self._standings[pruner]

    def _last(self, number: int) -> list[tuple[int, float]]:
        """The last rung that the trial has reached, and its value there; nothing if it has reached none."""
        return [(level, rung[number]) for level, rung in self._rungs.items() if number in rung][-1:]

    def copy(self) -> Rungs:
        """The same; neither sees what changes in the other from now on."""
        twin = object.__new__(Rungs)
        twin._rungs = {level: rung.copy() for level, rung in self._rungs.items()}
        twin._objective, twin._resumable = self._objective, self._resumable.copy()
        twin._standings = {}
        return twin

    # the fold

    def reach(self, number: int, step: int, value: float) -> None:
        """The trial has reported `value` at `step`."""
        new = [level for level, rung in self._rungs.items() if step >= level and number not in rung]
        if not new:
            return
        # one that was stopped may still send a report
        is_stopped = number in self._resumable
        if is_stopped:
            self.go_on(number)
        for level in new:
            self._rungs[level][number] = value
            for standings in self._standings.values():
                standings.enter(number, level, value)
        if is_stopped:
            self.stop(number)

    def forget(self, number: int) -> None:
        """The trial begins anew."""
        for level, rung in self._rungs.items():
            if number in rung:
                for standings in self._standings.values():
                    standings.leave(number, level, rung[number])
                del rung[number]

    def stop(self, number: int) -> None:
        """The trial was pruned, and left a checkpoint."""
        self._resumable[number] = None
        for standings in self._standings.values():
            for last in self._last(number):
                standings.stop(number, *last)

    def go_on(self, number: int) -> None:
        """The trial is not a pruned one any more."""
        if number not in self._resumable:
            return
        del self._resumable[number]
        for standings in self._standings.values():
            for last in self._last(number):
                standings.go_on(number, *last)
