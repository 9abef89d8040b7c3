"""Whether the machine ran out of memory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def oom_kills() -> int:
    """How many processes the out-of-memory killer has killed since this machine started."""
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
