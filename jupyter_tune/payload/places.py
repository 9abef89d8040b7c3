"""Chooses where to store the data of trials on this machine, and how much of it.

    JUPYTER_TUNE_DATA_DIR   if set, the only place
    /dev/shm                shared memory: at most half of its free space (data loaders use it too) and a
                            quarter of the memory that this process may still use
    the disk                the first with enough space of: temporary folder, /var/tmp, the user's cache

Docker limits /dev/shm to 64 MB and counts it as memory of the container, so both limits are checked.
Data on disk are as fast as in memory while the page cache holds them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SHARED = Path("/dev/shm")
SETTING = "JUPYTER_TUNE_DATA_DIR"

_SHARE_OF_SHARED = 0.5
_SHARE_OF_MEMORY = 0.25
_SHARE_OF_DISK = 0.95
"""The rest is for the journal and the trials' own files."""


def places() -> list[Path]:
    """Folders for the data, best first: the one that is set, else the usual ones that are writable."""
    chosen = os.environ.get(SETTING)
    if chosen:
        return [Path(chosen).expanduser().absolute()]
    return [place for place in _usual_places() if os.access(place, os.W_OK | os.X_OK)]


def _usual_places() -> Iterator[Path]:
    yield SHARED
    yield from dict.fromkeys([Path(tempfile.gettempdir()), Path("/var/tmp")])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    with suppress(OSError):
        cache.mkdir(mode=0o700, exist_ok=True)
    yield cache


def usable_bytes(place: Path) -> int:
    """Bytes that may be written to `place`. Raises OSError if there is no such folder."""
    status = os.statvfs(place)
    free = status.f_bavail * status.f_frsize
    if os.environ.get(SETTING) or not _is_memory(place):
        return int(free * _SHARE_OF_DISK)
    available = available_memory()
    limit = free * _SHARE_OF_SHARED
    return int(limit if available is None else min(limit, available * _SHARE_OF_MEMORY))


def _is_memory(place: Path) -> bool:
    """Whether files in `place` are kept in memory; on some systems /tmp is."""
    device = os.stat(place).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            # "id parent major:minor root point options ... - type source options"
            mount, _, kind = line.partition(" - ")
            if mount.split()[2] == wanted:
                return kind.split()[0] in ("tmpfs", "ramfs")
    return place == SHARED


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes of memory that this process may still use, by machine and control groups; None if unknown."""
    found = [_of_the_machine(root), *_of_control_groups(root)]
    known = [available for available in found if available is not None]
    return min(known, default=None)


def _of_the_machine(root: Path) -> int | None:
    with suppress(OSError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _of_control_groups(root: Path) -> Iterator[int]:
    """Bytes left in each control group of this process, version 2 (one tree) or 1 (a tree for memory)."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    mounted = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, names = mounted, ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            top, names = mounted / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        # in a container, the path is the host's; the container's own group is mounted at the top
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder.is_relative_to(top) and (left := _left_in(folder, *names)) is not None:
                yield left


def _left_in(group: Path, limit_name: str, usage_name: str) -> int | None:
    try:
        limit = (group / limit_name).read_text().strip()
        usage = int((group / usage_name).read_text())
        statistics = (group / "memory.stat").read_text().split()
    except OSError:
        return None
    if limit == "max":
        return None
    # the page cache counts as used, but is freed on demand
    cache = int(statistics[statistics.index("inactive_file") + 1]) if "inactive_file" in statistics else 0
    return max(0, int(limit) - usage + cache)
