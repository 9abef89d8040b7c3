"""How a study that has ended or was interrupted goes on, in the same handle, and answers requests until then.

    still running, or paused    the request goes to its driver
    another driver runs it      the handle follows that one, and the request goes there
    its driver is stopped       a new driver takes the study over (journal/lease.py)
    no driver, its code known   a new driver takes the journal over
    no driver, no code          an error that names the way

Logs are read from the study's files and need no driver. A landscape does: one is started for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_tune import journal
from jupyter_tune.client.connection import Connection
from jupyter_tune.client.driver_process import DriverProcess
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.resuming import (
    failed_again,
    settings_for_one_more,
    settings_to_go_on,
    settings_to_retry,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.trials.files import latest_log, trial_folder
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import Annotate, Look, Request

if TYPE_CHECKING:
    from jupyter_tune.client.handle import StudyHandle


@dataclass(frozen=True)
class Beginning:
    """What a study that goes on begins with: params to try first, and failed trials that run again.

    `apart`: the file of a study of its own that runs the code instead.
    `edited`: trials of the code so far are no results any more.
    """

    enqueue: Params | None = None
    retry: tuple[int, ...] = ()
    apart: Path | None = None
    edited: bool = False


Restart: TypeAlias = Callable[[Settings, Beginning], tuple[Connection, list[str]]]
"""Starts a driver on a study that none runs, by these settings. Returns its connection and notices."""

RESTARTS: dict[Path, Restart] = {}
"""How to go on with the studies whose code this process has, by their files."""

LOG_TAIL = 200_000
"""Bytes of a trial's log that are read."""


class Restarts:
    """What a handle needs where its driver is gone, or has nothing left to do."""

    def __init__(self, handle: StudyHandle):
        self._handle = handle
        self._lock = threading.Lock()

    def go_on(self, request: Request) -> bool:
        """Have the study run again as `request` asks: Resume, More, Enqueue or Retry. False if a driver runs
        it already, which the handle now follows."""
        handle = self._handle
        with self._lock:
            if not (handle.is_over or handle.is_stalled) or handle.reconnect():
                return False
            if handle.restart is None:
                raise DriverError(
                    f"study {handle.name!r} cannot go on from here: this process does not have its code; "
                    f"{way_on(handle.snapshot(), handle.name)}"
                )
            study = handle.snapshot()
            connection, said = handle.restart(*_how(study, request))
            handle.adopt(connection)
            for text in said:
                handle.add_notice("info", text)
            return True

    def draws(self) -> Connection:
        """A driver's connection that draws landscapes of a study that no driver runs."""
        with self._lock:
            connection, is_new = self._connection_after_the_end()
            if is_new:
                connection.request(Look(str(self._handle.path)))
            return connection

    def writes(self, request: Annotate) -> None:
        """Have a driver write `request` into the journal of a study that no driver runs, and fold it here."""
        handle = self._handle
        with self._lock:
            if handle.reconnect():
                handle.ask(request)
                return
            connection, is_new = self._connection_after_the_end()
            handle.take(connection.request(request))
            if is_new:
                connection.request(Look(str(handle.path)))

    def _connection_after_the_end(self) -> tuple[Connection, bool]:
        """The connection to a driver that runs no study any more, and whether it was started for this."""
        handle = self._handle
        if handle.is_closed:
            raise DriverError(f"study {handle.name!r} was closed here; jt.load_study opens it again")
        connection = handle.connection
        if connection is not None and connection.is_open:
            return connection, False
        connection = DriverProcess().connection
        handle.use(connection)
        return connection, True


def way_on(study: Study, name: str) -> str:
    """How a study goes on from a process that has not started it."""
    match study.origin.get("kind"):
        case "cell":
            return f"in a notebook, run the cells above its own, then %tune resume {name}"
        case "command":
            return f"in a terminal, run jupyter tune resume {name}"
        case "function":
            return f"call jt.tune again with {study.origin.get('text')}, name={name!r}, resume=True"
    return f"run its cell with --resume --name {name}"


def _how(study: Study, request: Request) -> tuple[Settings, Beginning]:
    """By which settings, and with what, a study goes on. Raises TuneError if it cannot."""
    match request:
        case requests.Enqueue(params=params):
            study.space.complete(params)
            return settings_for_one_more(study), Beginning(enqueue=params)
        case requests.Retry(which=which):
            again = tuple(event.number for event in failed_again(study, which))
            return settings_to_retry(study), Beginning(retry=again)
        case requests.Resume(edited=True):
            return study.settings, Beginning(edited=True)
        case requests.More(trials=trials):
            return settings_to_go_on(study, trials), Beginning()
    return settings_to_go_on(study), Beginning()


def later(act: Callable[[], Any]) -> Future[Any]:
    """The outcome of `act`, which runs in a thread of its own: it may take seconds."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(act())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="jupyter_tune restart", daemon=True).start()
    return future


def read_log(path: Path, study: Study, number: Any) -> tuple[str, str]:
    """What trial `number` printed in its last attempt, and its traceback.

    Raises: DriverError if there is no such trial, TuneError if its log cannot be read.
    """
    trial = study.trials.get(number)
    if trial is None:
        raise DriverError(f"there is no trial {number}; the last is {study.highest}")
    log = latest_log(trial_folder(str(journal.files_folder(path)), trial.number))
    try:
        text = b"" if log is None else _tail(log)
    except OSError as error:
        raise TuneError(f"{log}: {error.strerror}; the log of trial {number} cannot be read") from error
    return text.decode(errors="replace"), trial.error


def _tail(log: Path) -> bytes:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_TAIL))
        return file.read()
