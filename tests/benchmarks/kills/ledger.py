"""What the trials of a study wrote down themselves, line by line (training.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BEGAN, ACKED, LATE, SAVED = "began", "acked", "late", "saved"


@dataclass(frozen=True)
class Line:
    """`at`: unix seconds; `step`: of the report or checkpoint, or the one that a trial began from."""

    kind: str
    number: int
    pid: int
    at: float
    step: int
    score: float = 0.0


def read_ledger(path: Path) -> list[Line]:
    """The lines in the order of their writing; one that is being written is left out."""
    text = path.read_text() if path.exists() else ""
    return [Line(**json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def acknowledged(lines: Sequence[Line]) -> Iterator[Line]:
    """The reports that were acknowledged. A trial's are acknowledged in their order, so a late one was too if
    a later one was."""
    last = {line.pid: at for at, line in enumerate(lines) if line.kind == ACKED}
    for at, line in enumerate(lines):
        if line.kind == ACKED or (line.kind == LATE and at < last.get(line.pid, -1)):
            yield line


def running_again_s(lines: Sequence[Line], killed_at: float, since: float, hit: set[int]) -> float | None:
    """Seconds from `since` to the first report that a process has acknowledged which began after the kill.

    Args: hit: the trials that were killed; any trial, if none was.
    Returns: None if there is no such report.
    """
    new = {line.pid for line in lines if line.kind == BEGAN and line.at > killed_at}
    for line in lines:
        if line.kind == ACKED and line.pid in new and line.at > since and (not hit or line.number in hit):
            return line.at - since
    return None
