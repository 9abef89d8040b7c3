"""The best trial of a study, and those that have ended since."""

from __future__ import annotations

from jupyter_tune.core.numbered import Numbered
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.trial import COMPLETE, PRUNED, Trial


class Lead:
    """`best`: the number of the complete trial with the best value, the earlier one of equals.

    Args: by_number: the order of the numbers counts, and not that in which trials ended.
    """

    def __init__(self, objective: Objective, *, by_number: bool = False):
        self._objective = objective
        self._by_number = by_number
        self._value: float | None = None
        self._since: Numbered[None] = Numbered()
        self.best: int | None = None

    @property
    def finished_since(self) -> int:
        """Trials that completed or were pruned since the best one, and still are."""
        if self._by_number and self.best is not None:
            return sum(number > self.best for number in self._since)
        return len(self._since)

    def copy(self) -> Lead:
        """The same; neither sees what changes in the other from now on."""
        twin = Lead(self._objective, by_number=self._by_number)
        twin.best, twin._value, twin._since = self.best, self._value, self._since.copy()
        return twin

    @property
    def numbers(self) -> list[int]:
        """The number of the best trial, alone; nothing while there is none."""
        return [] if self.best is None else [self.best]

    # the fold

    def consider(self, trial: Trial) -> None:
        """The trial has ended."""
        value = trial.value if trial.is_candidate else None
        if value is not None and (self._objective.is_better(value, self._value) or self._ties(trial, value)):
            self.best, self._value = trial.number, value
            if not self._by_number:
                self.count_anew()
                return
        if trial.state in (COMPLETE, PRUNED):
            self._since[trial.number] = None

    def _ties(self, trial: Trial, value: float) -> bool:
        is_first = self.best is not None and trial.number < self.best
        return self._by_number and is_first and value == self._value

    def pass_over(self, number: int) -> None:
        """The trial does not count, or no more, among those since the best."""
        self._since.pop(number, None)

    def count_anew(self) -> None:
        self._since = Numbered()
