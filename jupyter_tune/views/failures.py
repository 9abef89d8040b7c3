"""What went wrong, and how often: the errors of failed trials, counted by what was raised, and values that
are no number."""

from __future__ import annotations

import math
import re
from bisect import insort
from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import FAILED, Trial
from jupyter_tune.views.words import LONGEST_ERROR, bounded, last_line

MOST_ERRORS = 5
MOST_NUMBERS = 5
"""Of the trials named with each error."""

_CELL_FRAME = re.compile(r'^  File "<%%tune [^\n]*", line (\d+)[^\n]*(?:\n    ([^\n]*))?', re.MULTILINE)


class Failures:
    """`note` a trial when it ends or goes on."""

    def __init__(self, study: Study):
        self._counted: set[int] = set()
        self._count: dict[str, int] = {}
        self._first: dict[str, list[int]] = {}
        self._where: dict[str, str] = {}
        self._nonfinite: set[int] = set()
        for trial in study.trials.values():
            self.note(trial)

    def note(self, trial: Trial) -> None:
        # one that is resumed has no value any more
        if trial.value is None or math.isfinite(trial.value):
            self._nonfinite.discard(trial.number)
        else:
            self._nonfinite.add(trial.number)
        # a failure is final: nothing is ever taken back
        if trial.state != FAILED or trial.number in self._counted:
            return
        self._counted.add(trial.number)
        text = last_line(trial.error) or trial.reason or "failed without an error"
        self._count[text] = self._count.get(text, 0) + 1
        self._where.setdefault(text, line_of_the_cell(trial.error))
        first = self._first.setdefault(text, [])
        insort(first, trial.number)
        del first[MOST_NUMBERS:]

    @property
    def nonfinite(self) -> int:
        """How many trials ended with NaN or an infinity for a value."""
        return len(self._nonfinite)

    @property
    def most_frequent(self) -> list[dict[str, Any]]:
        """The most frequent errors: text, count, the numbers of the first trials with it, and where in the
        cell one of them was raised ("" where its traceback does not say)."""
        texts = sorted(self._count, key=lambda text: (-self._count[text], self._first[text]))[:MOST_ERRORS]
        return [
            {
                "text": text,
                "count": self._count[text],
                "trials": list(self._first[text]),
                "where": self._where[text],
            }
            for text in texts
        ]


def line_of_the_cell(error: str) -> str:
    """The innermost line of the tuning cell in a traceback: "line 8: model.fit(x)"; "" if it has none."""
    frames = _CELL_FRAME.findall(error)
    if not frames:
        return ""
    number, code = frames[-1]
    return bounded(f"line {number}: {code.strip()}" if code else f"line {number}", LONGEST_ERROR)
