"""What went wrong, and how often: the errors of the failed trials, counted by what was raised."""

from __future__ import annotations

from bisect import insort
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import FAILED, Trial
from jupyter_tune.views.words import last_line

MOST_ERRORS = 5
MOST_NUMBERS = 5
"""Of the trials named with each error."""


class Failures:
    """`note` a trial when it ends."""

    def __init__(self, study: Study):
        self._counted: set[int] = set()
        self._count: dict[str, int] = {}
        self._first: dict[str, list[int]] = {}
        for trial in study.in_state(FAILED):
            self.note(trial)

    def note(self, trial: Trial) -> None:
        # a failure is final: nothing is ever taken back
        if trial.state != FAILED or trial.number in self._counted:
            return
        self._counted.add(trial.number)
        text = last_line(trial.error) or trial.reason or "failed without an error"
        self._count[text] = self._count.get(text, 0) + 1
        first = self._first.setdefault(text, [])
        insort(first, trial.number)
        del first[MOST_NUMBERS:]

    @property
    def most_frequent(self) -> list[dict[str, Any]]:
        """The most frequent errors: text, count, and the numbers of the first trials with it."""
        texts = sorted(self._count, key=lambda text: (-self._count[text], self._first[text]))[:MOST_ERRORS]
        return [
            {"text": text, "count": self._count[text], "trials": list(self._first[text])} for text in texts
        ]
