"""Talks to a driver: what the kernel and every other client share.

`Connection` is a socket with a thread that reads it. Answers are matched to requests by
number; records and notices go to a listener, on the reading thread. `DriverProcess` starts
a driver that lives exactly as long as somebody holds its connection (or, detached, as its
study). Nothing heavy is imported here: a kernel pays a few milliseconds.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from jupyter_tune.errors import DriverError
from jupyter_tune.payload.store import sweep_stores
from jupyter_tune.wire import messages

ANSWER_S = 30.0
"""So long a request may take before its caller is told that the driver hangs."""

GONE = "the study was interrupted: the process that ran it has ended; run the cell again with --resume"

_DRIVER = "jupyter_tune.driver.server"
_RUNTIME_PREFIX = f"jupyter-tune-{os.getuid()}-"


class DriverGoneError(DriverError):
    """The driver process has ended, or another one has taken its study over."""

    def __init__(self) -> None:
        super().__init__(GONE)


class Connection:
    """A connection to a driver; what answers no request goes to the listener."""

    def __init__(self, connection: socket.socket):
        self._socket = connection
        self._listener: Callable[[dict[str, Any] | None], None] | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._ended = False
        threading.Thread(target=self._read, name="jupyter_tune client", daemon=True).start()

    @classmethod
    def to(cls, path: str) -> Connection:
        """A connection to the driver that listens at `path`. Raises DriverError if none does."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
        except OSError as error:
            connection.close()
            raise DriverError(f"no driver answers at {path} ({error}); resume the study") from error
        return cls(connection)

    @property
    def is_open(self) -> bool:
        """Whether the other side is still there, as far as is known."""
        return not self._ended

    def listen(self, listener: Callable[[dict[str, Any] | None], None]) -> None:
        """Have `listener` called on the reading thread with every message from now on that answers
        no request, and once with None when the connection has ended."""
        self._listener = listener

    def send(self, do: str, **fields: Any) -> Future[Any]:
        """Ask for something; the future has the result, or raises what the driver raised."""
        number = next(self._numbers)
        frame = messages.encode({"id": number, "do": do, **fields})
        future: Future[Any] = Future()
        with self._lock:
            if self._ended:
                raise DriverGoneError()
            self._waiting[number] = future
        try:
            with self._lock:
                self._socket.sendall(frame)
        except OSError as error:
            raise DriverGoneError() from error
        return future

    def request(self, do: str, *, timeout: float = ANSWER_S, **fields: Any) -> Any:
        """`send` and wait. Raises DriverError if no answer comes within `timeout` seconds."""
        try:
            return self.send(do, **fields).result(timeout)
        except TimeoutError:
            raise DriverError(f"the driver has not answered {do!r} for {timeout:g} s") from None

    def close(self) -> None:
        """End the connection; what waits for an answer raises DriverError."""
        # shutdown, not close alone: it also wakes the reading thread
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side was faster

    def _read(self) -> None:
        try:
            while (message := messages.receive(self._socket)) is not None:
                self._receive(message)
        finally:
            # also after a message that could not be read: no caller may wait for what no longer comes
            self._end()

    def _receive(self, message: dict[str, Any]) -> None:
        future = self._waiting.pop(message["id"], None) if "id" in message else None
        if future is None:
            if self._listener is not None:
                self._listener(message)
        elif "error" in message:
            future.set_exception(messages.error_from_json(message))
        else:
            future.set_result(message.get("result"))

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            orphans = list(self._waiting.values())
            self._waiting.clear()
        for future in orphans:
            future.set_exception(DriverGoneError())
        self._socket.close()
        if self._listener is not None:
            self._listener(None)


class DriverProcess:
    """A driver started by this process, and the owner's connection to it."""

    def __init__(self) -> None:
        sweep_runtime_folders()
        sweep_stores()
        shared = Path("/dev/shm")
        place = shared if os.access(shared, os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_RUNTIME_PREFIX}{os.getpid()}-", dir=place))
        ours, theirs = socket.socketpair()
        environ = dict(os.environ)
        with theirs, open(self.folder / "driver.log", "wb") as log:
            # its own session: an interrupt of the kernel must not reach the study
            self._process = subprocess.Popen(
                # -P: a random.py beside the notebook must not become our random
                [sys.executable, "-P", "-m", _DRIVER, str(theirs.fileno()), str(self.folder)],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._environ = environ
        self.connection = Connection(ours)
        # reaps the driver, so that it is never a zombie under a long-lived kernel
        threading.Thread(target=self._reap, name="jupyter_tune reaper", daemon=True).start()

    def _reap(self) -> None:
        if self._process.wait() != 0:
            sweep_stores()  # it was killed, and dropped nothing

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def changes_of_environment(self) -> dict[str, str | None]:
        """What this process has set since the driver was started, and (None) what it has unset."""
        now = dict(os.environ)
        gone: dict[str, str | None] = dict.fromkeys(self._environ.keys() - now.keys())
        return gone | {name: value for name, value in now.items() if self._environ.get(name) != value}

    def end(self) -> None:
        """End the driver, with all that it runs, and wait for its end; by force after 10 s."""
        self.connection.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def sweep_runtime_folders() -> None:
    """Remove what drivers left whose whole family was killed at once."""
    for parent in {Path("/dev/shm"), Path(tempfile.gettempdir())}:
        for folder in parent.glob(f"{_RUNTIME_PREFIX}*"):
            starter = folder.name.removeprefix(_RUNTIME_PREFIX).partition("-")[0]
            if starter.isdigit() and not Path(f"/proc/{starter}").exists() and not _answers(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _answers(folder: Path) -> bool:
    # a detached driver outlives the kernel that started it
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(folder / "driver.sock")) == 0
