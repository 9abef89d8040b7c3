"""The lease of a study: only the process that holds the lock on the file beside its journal may write.

The operating system releases the lock when its holder dies.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from jupyter_tune.errors import JournalError
from jupyter_tune.journal.folders import require_a_file
from jupyter_tune.journal.refusals import as_journal_error


def holder(path: Path) -> dict[str, Any] | None:
    """The process that writes this study now: {"pid", "socket"}; None if there is none."""
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
            owner: dict[str, Any] = json.loads(file.read() or "{}")
            return owner
    return None


def take_lease(path: Path, socket: str) -> IO[str]:
    """The lock, held until it is closed. `socket`: where its holder's driver is reached, for others to find.

    Raises: JournalError if another process holds it, or the disk refuses.
    """
    require_a_file(lease_path(path))
    try:
        lease = open(lease_path(path), "a+")  # noqa: SIM115 held until close()
    except OSError as error:
        raise as_journal_error(error, path) from error
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lease.seek(0)
        pid = json.loads(lease.read() or "{}").get("pid", "unknown")
        lease.close()
        raise JournalError(
            f"{path} is being written by process {pid}; stop that study, or give another --name"
        ) from error
    try:
        lease.truncate(0)
        json.dump({"pid": os.getpid(), "socket": socket}, lease)
        lease.flush()
    except OSError as error:
        with suppress(OSError):
            lease.close()
        raise as_journal_error(error, path) from error
    return lease


def lease_path(path: Path) -> Path:
    return path.with_name(path.name + ".lease")
