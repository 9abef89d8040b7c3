"""Process trees: find descendants, adopt orphans, signal and reap.

On Linux an orphan becomes a child of its nearest living ancestor that is a subreaper. Trials, the
supervisor and the driver all are subreapers: a running trial keeps its daemons; those of a dead trial
become children of the supervisor, even from sessions of their own; those of a dead supervisor become
children of the driver. So a child of the supervisor that is not a running trial is a stray and may be
killed, and so may a child of the driver that is neither a supervisor nor a logger. Only if driver and
supervisor are killed at the same moment do processes in sessions of their own survive.

macOS has neither subreapers nor /proc: there a trial's process group is killed, and a grandchild in a
session of its own survives.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

ON_LINUX = sys.platform == "linux"

# loaded before the first fork, so that children need not load it
_libc = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None


# -P: no file in the user's folder shadows a library; the path lets it run uninstalled too
_PACKAGES = Path(__file__).parents[3]


def interpreter(module: str, *words: str) -> list[str]:
    """The command of a new interpreter that calls `main` of that module. Args: words: its arguments."""
    code = f"import sys; sys.path.append(sys.argv.pop(1)); from {module} import main; main()"
    return [sys.executable, "-P", "-c", code, str(_PACKAGES), *words]


def adopt_orphans() -> None:
    """Make this process a subreaper: orphans among its descendants become its children."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Have the operating system kill this process when `parent`, which is single-threaded, ends."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def children(pid: int) -> list[int]:
    """The direct children of `pid`; empty where the system does not tell."""
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


def kill_orphans(living: Collection[int]) -> bool:
    """Kill and reap the children of this process but `living`; whether there were any."""
    orphans = [pid for pid in children(os.getpid()) if pid not in living]
    for pid in orphans:
        kill_tree(pid)
        reap(pid)
    return bool(orphans)


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
    """Whether `pid` is the resource tracker of multiprocessing or loky."""
    with suppress(OSError):
        return b"resource_tracker import main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def send_signal(pid: int, number: int) -> None:
    """Signal `pid` unless it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def kill_group(leader: int) -> None:
    """Kill the process group of `leader`, even if `leader` itself has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_tree(pid: int) -> None:
    """Kill `pid` and its current descendants, except resource trackers.

    A tracker ends by itself once the processes that it serves are dead, or the subreaper adopts it.
    """
    below = [each for each in descendants(pid) if not is_resource_tracker(each)]
    for each in (pid, *below):
        send_signal(each, signal.SIGKILL)


def kill_descendants() -> None:
    """Kill until this process has no child left. Orphans become children, so no descendant is missed."""
    while True:
        for pid in descendants(os.getpid()):
            send_signal(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def reap(pid: int) -> None:
    """Reap the child `pid` if it has ended."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
