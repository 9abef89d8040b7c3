"""The loggers of a study: a process for each tracker, started here, watched, and ended in time.

They read the study's file by themselves (integrations/loggers): nothing is sent to them, and no trial waits
for one. What comes back are notices. A logger that gives no sign for SILENT_S is named, once for each
silence, and goes on; one that dies is not started again, since what has killed it would again. Followers of
the study are told which loggers are at work, so that those who wait for its end wait for theirs, FINISH_S at
most.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_tune import journal
from jupyter_tune.executors.local.processes import interpreter
from jupyter_tune.registry import LOGGER
from jupyter_tune.wire.frames import Link

FINISH_S = 60.0
"""Seconds that a logger has after the study's end: on a busy machine, half of it may be an import."""

SILENT_S = 120.0

LOOK_S = 5.0


@dataclass
class Logger:
    """A logger's process, and our end of its socket; which ends it, in a while, when it is closed."""

    name: str
    process: subprocess.Popen[bytes]
    link: Link
    heard: float
    is_done: bool = False
    is_silent: bool = False
    said_why: bool = False


class Loggers:
    """The loggers of a study; none before `start`.

    Args:
        notice:  tells users: text, and info or error.
        at_work: is called with the names of those at work, whenever these change.
    """

    def __init__(self, notice: Callable[[str, str], None], at_work: Callable[[list[str]], None]):
        self._path = Path()
        self._notice = notice
        self._at_work = at_work
        self._loggers: dict[str, Logger] = {}
        self._processes: list[subprocess.Popen[bytes]] = []
        self._watch: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None

    @property
    def pids(self) -> set[int]:
        """Their processes, also of those that have a while left."""
        return {process.pid for process in self._processes if process.poll() is None}

    def start(self, path: Path, log_to: Mapping[str, Any], since: int) -> None:
        """Have the study in `path` logged.

        Args:
            log_to: see Open.
            since:  the last record before those of this driver.
        """
        self._path = path
        changes = log_to["env"]
        environ = {name: value for name, value in {**os.environ, **changes}.items() if value is not None}
        for name in log_to["trackers"]:
            try:
                self._start(name, since, log_to["cwd"], environ)
            except OSError as error:
                self._notice(f"{name}: its logger cannot be started: {error}; nothing is logged", "error")
        self._at_work(list(self._loggers))
        self._look()

    def _start(self, name: str, since: int, cwd: str, environ: Mapping[str, str]) -> None:
        log = journal.files_folder(self._path) / "loggers" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        ours, theirs = socket.socketpair()
        try:
            with theirs, log.open("wb") as output:
                process = subprocess.Popen(
                    interpreter(LOGGER, str(theirs.fileno()), name, str(self._path), str(since)),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                    cwd=cwd,
                    env=environ,
                )
        except OSError:
            ours.close()
            raise
        self._processes.append(process)
        loop = asyncio.get_running_loop()
        logger = self._loggers[name] = Logger(name, process, Link(ours), loop.time())
        loop.add_reader(logger.link, self._receive, logger)

    def _receive(self, logger: Logger) -> None:
        logger.heard = asyncio.get_running_loop().time()
        for message in logger.link.receive():
            match message["type"]:
                case "notice":
                    logger.said_why = message["level"] == "error"
                    self._notice(message["text"], message["level"])
                case "done":
                    logger.is_done = True
        if logger.link.lost:
            self._ended(logger)
        elif logger.is_silent:
            logger.is_silent = False
            self._notice(f"{logger.name}: answers again", "info")

    def _ended(self, logger: Logger) -> None:
        self._forget(logger)
        if not (logger.is_done or logger.said_why):
            self._notice(f"{logger.name}: its logger has died; {self._way_on(logger)}", "error")

    def _forget(self, logger: Logger) -> None:
        """Close the socket, by which the logger's time is over if it is still at work."""
        asyncio.get_running_loop().remove_reader(logger.link)
        logger.link.close()
        del self._loggers[logger.name]
        self._at_work(list(self._loggers))

    def _way_on(self, logger: Logger) -> str:
        name = journal.stem(self._path)
        return f"jupyter tune log {name} --to {logger.name} logs what is missing"

    def _look(self) -> None:
        """See whether they give signs of life."""
        loop = asyncio.get_running_loop()
        for logger in self._loggers.values():
            if not logger.is_silent and loop.time() - logger.heard > SILENT_S:
                logger.is_silent = True
                self._notice(
                    f"{logger.name}: has not answered for {SILENT_S:.0f} s; trials go on without it", "error"
                )
        self._watch = loop.call_later(LOOK_S, self._look) if self._loggers else None

    def study_ended(self) -> None:
        """They have FINISH_S left."""
        if self._loggers and self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(FINISH_S, self._lose_patience)

    def _lose_patience(self) -> None:
        for logger in list(self._loggers.values()):
            # its keeper kills it, with all that it has started
            logger.process.terminate()
            self._notice(
                f"{logger.name}: was not done {FINISH_S:.0f} s after the study's end; {self._way_on(logger)}",
                "error",
            )
            self._forget(logger)

    def close(self) -> None:
        """The driver ends: theirs is near, too (integrations/loggers/process.py)."""
        for planned in (self._watch, self._patience):
            if planned is not None:
                planned.cancel()
        for logger in list(self._loggers.values()):
            self._forget(logger)
