"""Moves the supervisor's memory to huge pages, so that its trials start and end sooner.

A fork copies one entry for each page of memory, and the end of the child removes it again. With torch loaded
these are 57,000 pages of 4 kB, which took a third of the processor time of a trial that does nothing; of 2 MB
there are 100. A child that writes to a huge page still copies 4 kB of it only.

Moving the memory takes 0.3 s, so it begins after PAYS_AFTER trials, and is done in steps. Each system call
waits for all processors, which takes 0.1 s where they are busy, so there are few of them. It needs Linux 6.1;
elsewhere the pages stay as they are.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

from jupyter_tune.executors.local.processes import libc

PAYS_AFTER = 64
"""Trials. Each saves about 9 ms."""

HUGE = 2 << 20
STEP = 16
"""Huge pages at a time: 20 ms on an idle machine, in which the supervisor does not answer."""

_MADV_COLLAPSE = 25


class HugePages:
    """Counts the launches, and moves the memory when its time has come."""

    def __init__(self) -> None:
        self._launches = 0
        self._todo: Iterator[tuple[int, int]] = iter(())
        self.is_due = False

    def count_launch(self) -> None:
        self._launches += 1
        if self._launches == PAYS_AFTER:
            self.begin()

    def begin(self) -> None:
        """Have `step` move what is not on huge pages yet."""
        self._todo, self.is_due = huge_ranges(), libc is not None

    def step(self) -> None:
        """Move the next few pages if it is due."""
        if not self.is_due or libc is None:
            return
        address, length = next(self._todo, (0, 0))
        if not length:
            self.is_due = False
            return
        # fails where the kernel is older or no such page is free; then the small ones stay
        libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(length), _MADV_COLLAPSE)


def huge_ranges(maps: Path = Path("/proc/self/maps")) -> Iterator[tuple[int, int]]:
    """Address and length of what could be huge pages of this process alone, STEP of them at most in each."""
    try:
        lines = maps.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        # "start-end rwxp offset device inode [file]"
        place, rights, _, _, inode, *_ = line.split()
        if rights.startswith("rw") and rights.endswith("p") and inode == "0":
            start, end = (int(bound, 16) for bound in place.split("-"))
            start, end = -(-start // HUGE) * HUGE, end // HUGE * HUGE
            for address in range(start, end, STEP * HUGE):
                yield address, min(STEP * HUGE, end - address)
