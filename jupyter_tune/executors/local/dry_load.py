"""Loads the payload once before a study starts, in a process like a trial's. No training code runs.

Pickling finds what cannot leave the notebook. Only loading finds what cannot be recreated in another
process: an object whose class raises while it is loaded, or whose module no trial can import.

    process      loading name (one per object of the user's) ... loaded error, notices
    supervisor   the error, "" for none, from the last message or from the way the process ended

A load that takes longer than LOAD_S is killed and counts as a success: a trial may take longer.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from jupyter_tune.errors import PayloadError
from jupyter_tune.executors.local.processes import kill_tree
from jupyter_tune.payload.imports import imports_of
from jupyter_tune.payload.settings.inherited import LATE, inherit
from jupyter_tune.trials.program import fresh_main, prepare
from jupyter_tune.wire.frames import Link, Message, encode

LOAD_S = 15.0

_DIFFERENCES = 8
"""How many differences are listed; the others are counted."""

_ERROR_LIMIT = 4000
"""Characters of an error that are kept; an exception's text can hold a whole array."""


def load_only(fd: int, job: Message) -> int:
    """Load the payload of `job` as a trial does and send the result over `fd`. Returns the exit code."""

    def send(kind: str, text: str, notices: Sequence[str] = ()) -> None:
        frame = encode({"type": kind, "text": text, "notices": list(notices)})
        while frame:
            frame = frame[os.write(fd, frame) :]

    error, notices = "", []
    try:
        payload, _ = prepare(job, fresh_main(), lambda name: send("loading", name))
        inherit(LATE, payload["inherited"])
        notices = _differences(payload)
    except PayloadError as refused:
        error = str(refused)
    except Exception as raised:
        error = f"the trials cannot be set up ({type(raised).__name__}: {raised})"
    send("loaded", error[:_ERROR_LIMIT], notices)
    return 0


def _differences(payload: Message) -> list[str]:
    """Differences between the notebook's modules and a trial's, for the imports found in the code."""
    for name in imports_of(payload) & payload["modules"].keys():
        with suppress(Exception):  # the trial raises it too, with its own traceback
            importlib.import_module(name)
    found = payload["patches"].differences
    more = [f"... and {len(found) - _DIFFERENCES} more differences"] if len(found) > _DIFFERENCES else []
    return [*found[:_DIFFERENCES], *more]


class DryLoad:
    """The loading process in the supervisor. It is killed at `due`."""

    def __init__(self, pid: int, link: Link, now: float):
        self.pid = pid
        self.link = link
        self.due = now + LOAD_S
        self._name = ""
        self._error: str | None = None
        self.notices: list[str] = []
        self._was_killed = False

    def receive(self) -> None:
        """Read the messages that have arrived."""
        for message in self.link.receive_rest():
            if message.get("type") == "loading":
                self._name = message["text"]
            elif message.get("type") == "loaded":
                self._error, self.notices = message["text"], message["notices"]

    def enforce(self, now: float) -> None:
        """Kill the process if it is overdue."""
        if now >= self.due:
            self.due = now + LOAD_S
            self._was_killed = True
            kill_tree(self.pid)

    def exited(self, status: int) -> str:
        """The error, "" for none. `status` is the one that waitpid gave for the process."""
        self.receive()
        self.link.close()
        if self._error is not None:
            return self._error
        if self._was_killed:
            return ""
        code = os.waitstatus_to_exitcode(status)
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        culprit = self._name or "the trials' data"
        return f"{culprit}: loading it in a trial ends the process ({how}); create it inside the cell"
