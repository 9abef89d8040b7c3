"""What this process may use of its machine: processors and memory, within the limits of its container.

Linux limits a group of processes in two ways: by the processors that they may run on (affinity, as taskset,
Slurm and cpusets set it), and by processor time (a quota of the control group, as `docker run --cpus` and
Kubernetes set it). A quota of 1.5 processors counts as one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TRIAL_MEMORY = 1 << 30
"""Bytes of memory for each trial that runs by default: Python with torch takes a quarter of it."""


def cpus() -> frozenset[int]:
    """The processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


def cores(root: Path = Path("/")) -> int:
    """How many processors this process may keep busy; at least 1."""
    return max(1, int(min([len(cpus()), *_quotas(root)])))


def memory(root: Path = Path("/")) -> int:
    """Bytes of memory that this process may use."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = [_number(text) for text in _settings(root, "memory", "memory.max", "memory.limit_in_bytes")]
    return min([total, *(limit for limit in found if limit is not None)])


def default_workers() -> int:
    """How many trials run at once by default, without GPUs: one for each processor, and for each
    TRIAL_MEMORY."""
    return max(1, min(cores(), memory() // TRIAL_MEMORY))


def _quotas(root: Path) -> Iterator[float]:
    for text in _settings(root, "cpu", "cpu.max", "cpu.cfs_quota_us"):
        quota, _, period = text.partition(" ")
        if (allowed := _number(quota)) is not None and allowed > 0:
            # the old groups have the period in a file of its own, which is rarely changed
            yield allowed / (_number(period) or 100_000)


def _settings(root: Path, controller: str, new: str, old: str) -> Iterator[str]:
    """The texts of a setting, for the control group of this process and each group around it.

    Args: new, old: the names of its file in the second and in the first version of control groups.
    """
    try:
        groups = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in groups:
        number, controllers, path = line.split(":", 2)
        if number == "0":
            top, name = root / "sys/fs/cgroup", new
        elif controller in controllers.split(","):
            top, name = root / "sys/fs/cgroup" / controller, old
        else:
            continue
        # in a container the path may be the host's, of which only the top is mounted
        inner = top / path.strip("/")
        for group in (inner, *inner.parents):
            with suppress(OSError):
                yield (group / name).read_text().strip()
            if group == top:
                break


def _number(text: str) -> int | None:
    """The whole number in `text`; None for none, such as "max"."""
    try:
        return int(text)
    except ValueError:
        return None
