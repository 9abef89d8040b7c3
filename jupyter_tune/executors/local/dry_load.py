"""What travels is loaded once before a study starts, in a process like a trial's; nothing else is run.

Pickling shows what cannot leave the notebook. What cannot be made again elsewhere shows only there: an
object whose class raises when it is loaded, or lies in a module that no trial can import.

    process      loading name (one for each of the user's objects) ... loaded error, notices
    supervisor   the error, "" for none: said by the process, or by how it ended

A load that takes longer than LOAD_S is ended and counts as without error: a trial may take its time.
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
"""Differences that are listed; the others are counted."""

_ERROR_LIMIT = 4000
"""Characters of an error that are kept: what an exception says can be an array."""


def load_only(fd: int, job: Message) -> int:
    """Load the payload of `job` as a trial does, and say over `fd` how it went; the exit code."""

    def send(kind: str, text: str, notices: Sequence[str] = ()) -> None:
        frame = encode({"kind": kind, "text": text, "notices": list(notices)})
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
    """What differs in the modules that the code imports, as far as that can be read from it."""
    for name in imports_of(payload) & payload["modules"].keys():
        with suppress(Exception):  # the code will meet it, and say so itself
            importlib.import_module(name)
    said = payload["patches"].said
    more = [f"... and {len(said) - _DIFFERENCES} more differences"] if len(said) > _DIFFERENCES else []
    return [*said[:_DIFFERENCES], *more]


class DryLoad:
    """The process that loads, as its supervisor sees it; killed at `due`."""

    def __init__(self, pid: int, link: Link, now: float):
        self.pid = pid
        self.link = link
        self.due = now + LOAD_S
        self._name = ""
        self._error: str | None = None
        self.notices: list[str] = []
        self._was_killed = False

    def listen(self) -> None:
        """Take in what it said."""
        for message in self.link.receive_rest():
            if message.get("kind") == "loading":
                self._name = message["text"]
            elif message.get("kind") == "loaded":
                self._error, self.notices = message["text"], message["notices"]

    def enforce(self, now: float) -> None:
        """Kill it if its time is over."""
        if now >= self.due:
            self.due = now + LOAD_S
            self._was_killed = True
            kill_tree(self.pid)

    def exited(self, status: int) -> str:
        """The error, once the process was reaped with `status`, as waitpid gives it."""
        self.listen()
        self.link.close()
        if self._error is not None:
            return self._error
        if self._was_killed:
            return ""
        code = os.waitstatus_to_exitcode(status)
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        culprit = self._name or "the trials' data"
        return f"{culprit}: loading it in a trial ends the process ({how}); create it inside the cell"
