"""What went wrong, and how often: errors of failed trials by kind, and values that are no number."""

from __future__ import annotations

import math
import re
from bisect import insort
from dataclasses import dataclass, field

from jupyter_tune.core.failures import failure_kind
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import FAILED, Trial
from jupyter_tune.views.tables.messages import ErrorKind
from jupyter_tune.views.words import LONGEST_ERROR, bounded, last_line

MOST_ERRORS = 5
MOST_NUMBERS = 5
"""Of the trials named with each error."""

_CELL_FRAME = re.compile(r'^  File "<%%tune [^\n]*", line (\d+)[^\n]*(?:\n    ([^\n]*))?', re.MULTILINE)


@dataclass
class _Kind:
    """Failures of one kind: the text of one of them, and the numbers of all in their order."""

    text: str
    where: str
    numbers: list[int] = field(default_factory=list)


class Failures:
    """`note` a trial when it ends or goes on."""

    def __init__(self, study: Study):
        self._kind_of: dict[int, tuple[str, str]] = {}
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._nonfinite: set[int] = set()
        for trial in study.trials.values():
            self.note(trial)

    def note(self, trial: Trial) -> None:
        # one that is resumed has no value any more
        if trial.value is None or math.isfinite(trial.value):
            self._nonfinite.discard(trial.number)
        else:
            self._nonfinite.add(trial.number)
        known = self._kind_of.get(trial.number)
        if trial.state == FAILED and known is None:
            self._enter(trial)
        elif trial.state != FAILED and known is not None:
            self._leave(trial.number, known)

    def _enter(self, trial: Trial) -> None:
        alike = failure_kind(trial.error, trial.reason)
        text = last_line(trial.error) or trial.reason or "failed without an error"
        kind = self._kinds.setdefault(alike, _Kind(text, line_of_the_cell(trial.error)))
        insort(kind.numbers, trial.number)
        self._kind_of[trial.number] = alike

    def _leave(self, number: int, alike: tuple[str, str]) -> None:
        """It runs again."""
        del self._kind_of[number]
        numbers = self._kinds[alike].numbers
        numbers.remove(number)
        if not numbers:
            del self._kinds[alike]

    @property
    def nonfinite(self) -> int:
        """How many trials ended with NaN or an infinity for a value."""
        return len(self._nonfinite)

    @property
    def most_frequent(self) -> list[ErrorKind]:
        """The most frequent kinds of error: the text of one, count, the numbers of the first trials with it,
        and where in the cell it was raised ("" where its traceback does not say)."""
        kinds = sorted(self._kinds.values(), key=lambda kind: (-len(kind.numbers), kind.numbers))[
            :MOST_ERRORS
        ]
        return [
            {
                "text": kind.text,
                "count": len(kind.numbers),
                "trials": kind.numbers[:MOST_NUMBERS],
                "where": kind.where,
            }
            for kind in kinds[:MOST_ERRORS]
        ]


def line_of_the_cell(error: str) -> str:
    """The innermost line of the tuning cell in a traceback: "line 8: model.fit(x)"; "" if it has none."""
    frames = _CELL_FRAME.findall(error)
    if not frames:
        return ""
    number, code = frames[-1]
    return bounded(f"line {number}: {code.strip()}" if code else f"line {number}", LONGEST_ERROR)
