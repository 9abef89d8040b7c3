"""The running studies of a user on this machine, whatever folders they are in.

    FOLDER/ID.json      {"path", "is_detached"}

The driver of a study leaves its entry here. Whether the study still runs is not written but asked of its
lease: so nothing here has to be right, or removed, when a process dies. Who looks removes what is over.

FOLDER is the user's own, in shared memory, which a restart of the machine clears. Where it cannot be written,
studies run as ever, and are listed in their own folders alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_tune.errors import JournalError
from jupyter_tune.journal.lease import holder

RUNNING_VARIABLE = "JUPYTER_TUNE_RUNNING"

_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class Running:
    """A study that a driver runs now. `path`: its file; `is_detached`: it outlives its kernel or terminal."""

    path: Path
    is_detached: bool


def running_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this user's running studies are listed."""
    if environ.get(RUNNING_VARIABLE):
        return Path(environ[RUNNING_VARIABLE])
    shared = Path("/dev/shm")
    top = shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
    return top / f"jupyter_tune-running-{os.getuid()}"


def enter(path: Path, *, is_detached: bool) -> None:
    """List the study in `path`, whose lease this process holds."""
    folder = running_folder()
    with suppress(OSError):  # it is listed in its own folder in any case
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # another user's folder of that name would say what it likes
        if folder.stat().st_uid == os.getuid():
            text = json.dumps({"path": str(path), "is_detached": is_detached})
            entry = folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}{_SUFFIX}"
            new = entry.with_suffix(f".{os.getpid()}")
            new.write_text(text)
            new.replace(entry)


def running() -> list[Running]:
    """The studies that run now, by their paths."""
    folder = running_folder()
    if not folder.is_dir() or folder.stat().st_uid != os.getuid():
        return []
    found: list[Running] = []
    for entry in folder.glob(f"*{_SUFFIX}"):
        try:
            told = json.loads(entry.read_text())
            study = Running(Path(told["path"]), bool(told["is_detached"]))
            runs = holder(study.path) is not None
        except (OSError, ValueError, TypeError, KeyError, JournalError):
            runs = False  # gone meanwhile, or nothing that a driver wrote
        if runs:
            found.append(study)
        else:
            with suppress(OSError):  # another process was faster
                entry.unlink()
    return sorted(found, key=lambda study: study.path)
