"""Finds metrics in the lines of a program's output.

- A line ends with a newline or a carriage return, so each update of a progress bar is a line.
- Every match of a metric is a report. Different metrics in one line are one report.
- A match of `step_from` gives the step of the reports of its line and the lines after it. Without
  `step_from`, the n-th value of a metric has step n.
- Colours are removed first.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterator, Mapping

from jupyter_tune.core.events import Metrics
from jupyter_tune.core.measurements import as_step
from jupyter_tune.errors import ReportError

LONGEST = 1 << 16
"""Bytes after which a line is read as complete."""

_LINE_END = re.compile(rb"[\r\n]")
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_AFTER_A_NUMBER = ".,;:%"

Report = tuple[int, Metrics]


class Lines:
    """Cuts a stream of bytes into lines of text; empty ones are left out."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes."""
        *complete, self._rest = _LINE_END.split(self._rest + data)
        if len(self._rest) > LONGEST:
            complete.append(self._rest)
            self._rest = b""
        return [_text(line) for line in complete if line]

    def end(self) -> list[str]:
        """The last line, if it has no end."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    return _CONTROLS.sub("", line.decode(errors="replace"))


class Scraper:
    """Turns lines into reports.

    Args:
        metrics:    name -> regular expression with one group, the number.
        step_from:  regular expression with one group, the step; None to count the values.
        last_step:  the step after which the count goes on.
        complain:   receives what is matched and is no number, once for each expression.
    """

    def __init__(
        self,
        metrics: Mapping[str, str],
        step_from: str | None = None,
        last_step: int = 0,
        complain: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
    ):
        self._metrics = {name: re.compile(pattern) for name, pattern in metrics.items()}
        self._step_from = None if step_from is None else re.compile(step_from)
        self._step = last_step
        self._counts = dict.fromkeys(metrics, last_step)
        self._complain = complain
        self._complained: set[str] = set()

    def read(self, line: str) -> Iterator[Report]:
        """The reports in `line`."""
        if self._step_from is not None:
            for found in self._step_from.findall(line):
                step = self._number("step", found)
                if step is not None:
                    self._step = self._as_step(step)
        values = {name: self._values(name, pattern, line) for name, pattern in self._metrics.items()}
        for row in itertools.zip_longest(*values.values()):
            metrics = {name: value for name, value in zip(values, row, strict=True) if value is not None}
            yield from self._reports(metrics)

    def _values(self, name: str, pattern: re.Pattern[str], line: str) -> list[float]:
        numbers = (self._number(name, found) for found in pattern.findall(line))
        return [number for number in numbers if number is not None]

    def _reports(self, metrics: Metrics) -> Iterator[Report]:
        if self._step_from is not None:
            yield self._step, metrics
            return
        by_step: dict[int, Metrics] = {}
        for name, value in metrics.items():
            self._counts[name] += 1
            by_step.setdefault(self._counts[name], {})[name] = value
        yield from by_step.items()

    def _number(self, name: str, text: str) -> float | None:
        try:
            return float(text.strip().rstrip(_AFTER_A_NUMBER))
        except ValueError:
            self._note(name, f"{name}: {text!r} is not a number; such matches are left out")
            return None

    def _as_step(self, number: float) -> int:
        try:
            return as_step(number)
        except (ReportError, ValueError, OverflowError):
            self._note("step", f"step: {number!r} is not a step; such matches are left out")
            return self._step

    def _note(self, name: str, text: str) -> None:
        if name not in self._complained:
            self._complained.add(name)
            self._complain(f"jupyter_tune: {text}")
