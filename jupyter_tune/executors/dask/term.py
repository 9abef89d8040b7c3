"""A driver's term: as long as the hosts of a study obey it.

Each driver that opens a study on a cluster begins a term, numbered from 1, and every queue has the term in
its name (session.py). Hosts of earlier terms go over to a later one when they are asked to, and never back
(host.py). So a driver that was stopped, and whose study was taken over, sends commands that no host reads.

The study's folder has a file with the number of the latest term, which only a driver with the study's lease
begins. A driver that finds a later one than its own there writes no more files of trials.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FILE = ".on-a-cluster"


@dataclass(frozen=True)
class Term:
    """`study`: a name of the study on its cluster; `folder`: of its files."""

    study: str
    number: int
    folder: Path

    @classmethod
    def begin(cls, folder: Path) -> Term:
        """The term after the latest one. Raises OSError if it cannot be written."""
        study, number = _latest(folder) or (secrets.token_hex(8), 0)
        term = cls(study, number + 1, folder)
        own = folder / f"{FILE}.{os.getpid()}"
        own.write_text(json.dumps({"study": term.study, "number": term.number}))
        own.replace(folder / FILE)
        return term

    @property
    def topic(self) -> str:
        """What the names of its queues begin with."""
        return f"jupyter_tune-{self.study}-{self.number}"

    @property
    def is_over(self) -> bool:
        """Whether another driver has begun a later one."""
        latest = _latest(self.folder)
        return latest is not None and latest != (self.study, self.number)

    def end(self) -> None:
        """No host is left that another driver could find."""
        if not self.is_over:
            (self.folder / FILE).unlink(missing_ok=True)


def _latest(folder: Path) -> tuple[str, int] | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads((folder / FILE).read_text())
        return str(told["study"]), int(told["number"])
    return None
