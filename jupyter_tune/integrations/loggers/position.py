"""How far a tracker has a study: a small file in the study's folder, FILES/loggers/TRACKER.json.

It is locked while a logger is at work, so that two never log the same study to the same tracker at once.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO

FOLDER = "loggers"


class Position:
    """Of one tracker.

    seq:  the last record that it has.
    best: the ids of the runs that are marked as best.
    """

    def __init__(self, files: Path, tracker: str):
        self._path = files / FOLDER / f"{tracker}.json"
        self._lock: IO[str] | None = None
        self.seq = 0
        self.best: frozenset[str] = frozenset()
        self._place = ""

    def take(self) -> bool:
        """Lock it until `release`; False if another logger has it. Raises OSError."""
        if self._lock is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = open(self._path.with_suffix(".lock"), "w")  # noqa: SIM115 held until `release`
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                return False
            self._lock = lock
        return True

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def read(self, place: str) -> None:
        """Begin where the logger ended that logged to `place`; with nothing, if none did."""
        self._place = place
        self.seq, self.best = 0, frozenset()
        try:
            told = json.loads(self._path.read_text())
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            return  # torn by a crash of the machine: all is logged again, in the same runs
        if told.get("place") == place:
            self.seq, self.best = int(told["seq"]), frozenset(told["best"])

    def write(self, seq: int) -> None:
        """The tracker has everything up to `seq`. Raises OSError."""
        self.seq = seq
        text = json.dumps({"place": self._place, "seq": seq, "best": sorted(self.best)})
        aside = self._path.with_suffix(".new")
        aside.write_text(text)
        os.replace(aside, self._path)
