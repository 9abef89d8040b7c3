"""To which trackers a study is logged (`--log-to`), with what, and how it is logged after its end."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.errors import OptionError
from jupyter_tune.executors.local.processes import interpreter
from jupyter_tune.registry import LOGGER, TRACKERS
from jupyter_tune.wire import messages


def require_libraries(trackers: Sequence[str], shown: str) -> None:
    """Raises OptionError for a tracker whose library is missing. None is imported, which takes seconds."""
    for name in trackers:
        kind = TRACKERS[name]
        if find_spec(kind.library) is None:
            raise OptionError(
                f"{shown}: {name} needs the library {kind.library}, which is not installed here; "
                f"pip install {kind.install}, or leave {name} out"
            )


def logging_of(trackers: Sequence[str], changes: Mapping[str, str | None]) -> dict[str, Any] | None:
    """What a driver needs to start loggers. Args: changes: of the environment, since the driver started."""
    if not trackers:
        return None
    return {"trackers": list(trackers), "cwd": os.getcwd(), "env": dict(changes)}


def log_study(path: Path, tracker: str, notice: Callable[[str, str], None]) -> bool:
    """Log the study in `path` to `tracker`; one that runs, until its end. Whether all was logged.

    Args: notice: is called with what there is to say, and its level, info or error.
    Raises: OptionError if the tracker's library is missing, JournalError if there is no such study.
    """
    require_libraries([tracker], "--to")
    journal.require_study(path)
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            interpreter(LOGGER, str(theirs.fileno()), tracker, str(path), ""),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    # its end, also by Ctrl-C, ends the logger
    with ours:
        for message in messages.receive(ours):
            if message["type"] == "notice":
                notice(message["text"], message["level"])
    return process.wait() == 0
