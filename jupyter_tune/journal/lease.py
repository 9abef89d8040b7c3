"""The lease of a study: only the process that holds it may write.

    held        the holder has a lock (flock) on the file beside the journal; the operating system releases
                it when the holder dies
    stalled     the holder touches that file every BEAT_S; it has not for STALLED_S, nor while another process
                watched for WATCH_S: it is stopped, or hung
    taken over  by a process that goes on with the study, only from a stalled holder. It kills the holder if
                that runs on this machine, and else puts a lease file of its own in place

A former holder that wakes up is fenced off: at its next beat it finds another lease in place, and its next
record would have a number that the journal has already (records.py).

The file says too how many records there are. A journal with fewer has lost some: SQLite leaves out what is
damaged or gone of its log (-wal), and says nothing.

At each beat the holder also writes the time of the machine's monotonic clock into the file. A process that
reads the same clock takes the age of the beat from there: no jump of the wall clock shortens or lengthens it,
and a sleep of the machine does not count. For others, on another machine or after another start of it, the
age is that of the last touch by the wall clock, which may jump. So is it where the system does not say which
clock it has (only Linux does), and for a holder of an earlier version. In any case a taker also watches the
file for WATCH_S. After the machine has slept, the holder beats before that time is over.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypedDict

from jupyter_tune.errors import JournalError
from jupyter_tune.journal.folders import require_a_file
from jupyter_tune.journal.refusals import as_journal_error

BEAT_S = 2.0
STALLED_S = 30.0
WATCH_S = 5.0
DIE_S = 10.0
"""Seconds that a killed holder has to release its lock."""
_RECORDS, _BEAT = '{{"records": {:12}, ', '"beat": {:16.3f}, '
"""The file's beginning, of one length whatever the numbers: how many records there are, and seconds of the
holder's clock at its last beat."""
_BEAT_AT = len(_RECORDS.format(0))


class Holder(TypedDict):
    """The process that writes a study.

    `socket`: where its driver answers; `silent_s`: seconds since it last gave a sign; `place`: the machine's
    run and the namespace in which `pid` is its number; `started`: when it started, in that machine's units.
    """

    pid: int
    socket: str
    silent_s: float
    place: str
    started: str


def holder(path: Path) -> Holder | None:
    """The process that writes this study now; None if there is none."""
    lease = lease_path(path)
    require_a_file(lease)
    try:
        file = open(lease)  # noqa: SIM115 closed below
    except OSError:
        return None  # none is there, or it is another user's: then nothing can be written beside it either
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _told_by(file)
    return None


def is_stalled(owner: Holder) -> bool:
    """Whether its last sign of life is too old for a process that is neither stopped nor hung."""
    return owner["silent_s"] > STALLED_S


def take_lease(path: Path, socket: str) -> IO[str]:
    """The lock, held until it is closed. `socket`: where its holder's driver is reached, for others to find.

    Raises: JournalError if another process holds it, or the disk refuses.
    """
    require_a_file(lease_path(path))
    lease: IO[str]
    try:
        # not in append mode, in which `note` could not write in place
        file = os.open(lease_path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        lease = open(file, "r+")  # noqa: SIM115 held until close()
    except OSError as error:
        raise as_journal_error(error, path) from error
    if not _locked(lease):
        try:
            lease = _taken_over(path, lease)
        except OSError as error:
            raise as_journal_error(error, path) from error
    try:
        lease.truncate(0)
        lease.seek(0)
        owner = {
            "pid": os.getpid(),
            "socket": socket,
            "place": _place(),
            "started": _started(os.getpid()),
            "clock": _clock(),
        }
        beginning = _RECORDS.format(0) + _BEAT.format(time.monotonic())
        lease.write(beginning + json.dumps(owner).removeprefix("{"))
        lease.flush()
    except OSError as error:
        with suppress(OSError):
            lease.close()
        raise as_journal_error(error, path) from error
    return lease


def beat(lease: IO[str], path: Path) -> bool:
    """Give a sign of life; False if another process has taken the lease over."""
    with suppress(OSError):  # a full disk; the next beat may succeed
        os.utime(lease.fileno())
        os.pwrite(lease.fileno(), _BEAT.format(time.monotonic()).encode(), _BEAT_AT)
    there = identity(lease_path(path))
    # without one the folder was removed: the journal is put back with it
    return there is None or there == identity(lease.fileno())


def note(lease: IO[str], records: int) -> None:
    """Leave word of how many records there are."""
    with suppress(OSError):  # the word that was left before is not wrong, only old
        os.pwrite(lease.fileno(), _RECORDS.format(records).encode(), 0)


def noted(path: Path) -> int:
    """How many records there were at least; 0 if nothing tells. Ask before reading them."""
    try:
        records = json.loads(lease_path(path).read_bytes() or "{}").get("records", 0)
    except (OSError, ValueError, AttributeError):
        return 0  # none is there, or its text was lost with the machine
    return records if isinstance(records, int) else 0


def identity(file: Path | int) -> tuple[int, int] | None:
    """Device and inode of the file; None if there is none."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def lease_path(path: Path) -> Path:
    return path.with_name(path.name + ".lease")


def _locked(lease: IO[str]) -> bool:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _told_by(lease: IO[str]) -> Holder:
    lease.seek(0)
    told = json.loads(lease.read() or "{}")
    return {
        "pid": told.get("pid", 0),
        "socket": told.get("socket", ""),
        "silent_s": max(0.0, _silence_s(told, os.fstat(lease.fileno()).st_mtime)),
        "place": told.get("place", ""),
        "started": told.get("started", ""),
    }


def _silence_s(told: dict[str, Any], touched_at: float) -> float:
    clock, beat = told.get("clock"), told.get("beat")
    if clock and clock == _clock() and isinstance(beat, float):
        return time.monotonic() - beat
    return time.time() - touched_at


def _taken_over(path: Path, lease: IO[str]) -> IO[str]:
    """The lock of a stalled holder. Raises JournalError if it is not stalled."""
    owner = _told_by(lease)
    if not (is_stalled(owner) and _stays_silent(lease)):
        lease.close()
        pid = owner["pid"] or "unknown"
        raise JournalError(
            f"{path} is being written by process {pid}; stop that study, or give another --name"
        )
    if _is_here(owner):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(owner["pid"], signal.SIGKILL)
        until = time.monotonic() + DIE_S
        while time.monotonic() < until:
            if _locked(lease):
                return lease
            time.sleep(0.02)
    lease.close()
    own = lease_path(path).with_name(f"{lease_path(path).name}.{os.getpid()}")
    taken = open(own, "w+")  # noqa: SIM115 held until close()
    fcntl.flock(taken, fcntl.LOCK_EX)
    os.replace(own, lease_path(path))
    return taken


def _stays_silent(lease: IO[str]) -> bool:
    touched = os.fstat(lease.fileno()).st_mtime_ns
    until = time.monotonic() + WATCH_S
    while time.monotonic() < until:
        time.sleep(0.1)
        if os.fstat(lease.fileno()).st_mtime_ns != touched:
            return False
    return True


def _is_here(owner: Holder) -> bool:
    """Whether it runs on this machine, where its number means the same process."""
    return (
        bool(owner["started"]) and owner["place"] == _place() and owner["started"] == _started(owner["pid"])
    )


def _place() -> str:
    """This run of this machine and this namespace of process numbers; "" where the system does not tell."""
    try:
        return f"{_run()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _clock() -> str:
    """What processes have in common that read one monotonic clock; "" where the system does not tell."""
    try:
        run = _run()
    except OSError:
        return ""
    with suppress(OSError):  # before Linux 5.6 a machine has one
        return f"{run} {os.readlink('/proc/self/ns/time')}"
    return run


def _run() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _started(pid: int) -> str:
    """When this process started, in ticks since the machine did; "" if there is none, or no one tells."""
    try:
        # "pid (any text) state ..."
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""
