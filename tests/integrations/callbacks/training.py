"""What a training of the contract is told, and what it writes down for the test."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class CrashError(Exception):
    """Ends the first attempt of a trial that is to go on with its checkpoint."""


@dataclass
class Training:
    """A training of `epochs` epochs or rounds.

    is_good:      whether it can learn; a pruner finds those that cannot.
    crashes_in:   the epoch that it does not survive, in the first attempt of its trial; 0: none.
    diary:        the file that it writes.
    metrics:      what its callback is to report.
    pause_s:      how long it waits at the beginning of each epoch.
    """

    epochs: int
    is_good: bool
    crashes_in: int
    diary: Path
    metrics: Any = None
    pause_s: float = 0.0
    epochs_seen: list[int] = field(default_factory=list)

    def begins(self, epoch: int) -> None:
        """Epoch `epoch` begins."""
        self._write("begins", epoch)
        time.sleep(self.pause_s)
        if epoch == self.crashes_in and len(self.lines("crashes")) == 0:
            self._write("crashes", epoch)
            raise CrashError(f"in epoch {epoch}")

    def saw_epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """The library has these values at the end of an epoch."""
        self._write("measured", [epoch, metrics])

    def saw_end(self) -> None:
        """The library's own code at the end of a training runs."""
        self._write("end", None)

    def returned(self, stopped: bool) -> None:
        """The library's function has returned; `stopped`: as its callback has it."""
        self._write("returned", stopped)

    def _write(self, kind: str, value: Any) -> None:
        with self.diary.open("a") as file:
            file.write(json.dumps([kind, value]) + "\n")

    def lines(self, kind: str) -> list[Any]:
        """What was written of a kind."""
        if not self.diary.exists():
            return []
        return [value for each, value in map(json.loads, self.diary.read_text().splitlines()) if each == kind]
