"""Processes: who descends from whom, and how none of them is left behind.

On Linux an orphan is handed to its nearest living ancestor that is a subreaper. Trials, their
supervisor and its driver all are: a live trial keeps its daemons; a dead trial's become direct
children of the supervisor, however they left their session, and a dead supervisor's those of
the driver. So a child of the supervisor that is no running trial is a stray, and may be killed;
so is a child of the driver that is no supervisor. Who kills driver and supervisor in the same
moment by force sets free what trials had put into sessions of their own.

Elsewhere (macOS) there is neither subreaper nor /proc: a trial's process group is killed, and
a grandchild that made its own session gets away.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

ON_LINUX = sys.platform == "linux"

# found once, before the first fork: what a forked child runs should be loaded already
_libc = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None


def adopt_orphans() -> None:
    """From now on orphans among this process's descendants become its children."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """The kernel kills this process when `parent`, a single-threaded process, ends."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def children(pid: int) -> list[int]:
    """The direct children of `pid`; empty where it cannot be known."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except FileNotFoundError:
        # the process is gone, or the kernel was built without these lists
        return found or _children_by_parent(pid)
    except (ProcessLookupError, PermissionError):
        return found
    return found


def _children_by_parent(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # "pid (any text) state ppid ..."
            if int(entry.read_text(errors="replace").rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def descendants(pid: int) -> list[int]:
    """All processes below `pid`, parents before children."""
    found = children(pid)
    for child in found:
        found += children(child)
    return found


def is_resource_tracker(pid: int) -> bool:
    """Whether `pid` is the process that cleans up behind multiprocessing, or behind loky."""
    with suppress(OSError):
        return b"resource_tracker import main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def send_signal(pid: int, number: int) -> None:
    """Signal `pid` unless it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def kill_group(leader: int) -> None:
    """Kill the process group that `leader` founded, whether it still lives or not."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_tree(pid: int) -> None:
    """Kill `pid` and everything below it, as seen now, but for resource trackers: those end by themselves
    when what they watch over is dead, or come to the subreaper."""
    below = [each for each in descendants(pid) if not is_resource_tracker(each)]
    for each in (pid, *below):
        send_signal(each, signal.SIGKILL)


def reap(pid: int) -> None:
    """Take the end of the child `pid`, if it has ended and nobody has taken it."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def oom_kills() -> int:
    """How many processes this machine has killed for memory since it started."""
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
