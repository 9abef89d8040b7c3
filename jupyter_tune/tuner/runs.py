"""Which of its runs each trial of a Tuner is in, where each configuration runs several times."""

from __future__ import annotations

from jupyter_tune.core.folds import Label


class Runs:
    """`count` runs of each trial. `due`: the trials whose next run no one has asked for yet."""

    def __init__(self, count: int):
        self.count = count
        self.due: list[int] = []
        self._repeats: dict[int, int] = {}
        # whose present run has reported the metric
        self._measured: set[int] = set()

    def repeat_of(self, number: int) -> int:
        """The run of the trial that comes next, or its last one; from 0."""
        return min(self._repeats.get(number, 0), self.count - 1)

    def label(self, number: int, fold: Label | None) -> Label | None:
        """The label of a fold of the present run among those of the trial, as in trials/report.py."""
        if self.count == 1:
            return fold
        repeat = self.repeat_of(number)
        return repeat if fold is None else f"{repeat}.{fold}"

    def begin(self, number: int) -> None:
        """The trial begins anew."""
        self._measured.discard(number)
        self._repeats.pop(number, None)

    def has_measured(self, number: int) -> bool:
        """Whether the present run of the trial has reported the metric."""
        return number in self._measured

    def measured(self, number: int) -> None:
        self._measured.add(number)

    def over(self, number: int) -> bool:
        """The present run of the trial is over. Returns whether another one follows."""
        self._measured.discard(number)
        self._repeats[number] = self._repeats.get(number, 0) + 1
        is_due = self._repeats[number] < self.count
        if is_due:
            self.due.append(number)
        return is_due
