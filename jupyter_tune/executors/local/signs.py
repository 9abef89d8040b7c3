"""Signs of life: tells a trial that hangs from one that takes long.

A trial gives a sign when it reports, prints, or when it and its descendants use the processor. One that has
given none for long may hang: it waits for a lock, for a worker of a pool that died, for a download. The user
is told; only a limit of the study (`--trial-timeout`) ends it.
"""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_tune.executors.local.processes import descendants

LOOK_S = 5.0
"""Seconds between two looks at what a trial does."""

SILENT_S = 300.0
"""Seconds without a sign after which the user is told."""

BUSY = 0.01
"""Share of a processor from which on a trial counts as working: waiting threads wake up now and then."""

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Signs:
    """The signs of one attempt, whose process is `pid`, from `now` on."""

    def __init__(self, pid: int, now: float, silent_s: float = SILENT_S):
        self._pid = pid
        self._silent_s = silent_s
        self._last = now
        self._looked = now, 0.0
        self._is_told = False

    def heard(self, now: float) -> None:
        """The trial has reported or printed."""
        self._last = now
        self._is_told = False

    def look(self, now: float) -> float | None:
        """Seconds of its silence, once these have become too many; else None. Called every LOOK_S."""
        then, used = self._looked
        self._looked = now, processor_s(self._pid)
        # less than before: a child has ended, whose time is no longer counted
        if abs(self._looked[1] - used) > BUSY * (now - then):
            self.heard(now)
        silence = now - self._last
        if silence < self._silent_s or self._is_told:
            return None
        self._is_told = True
        return silence


def processor_s(pid: int) -> float:
    """Seconds of processor that `pid` and its descendants have used; 0 where the system does not tell."""
    return sum(_own_processor_s(each) for each in (pid, *descendants(pid)))


def _own_processor_s(pid: int) -> float:
    try:
        # "pid (any text) state ..."; user and system time, of itself and of children that it has waited for
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS_A_SECOND
