"""A connection to a driver, as the kernel and every other client use it.

It is a socket with a thread that reads it. Answers are matched to requests by number; records and notices go
to a listener, on the reading thread. Nothing heavy is imported here: a kernel pays a few milliseconds.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeAlias

from jupyter_tune.errors import DriverError
from jupyter_tune.wire import messages
from jupyter_tune.wire.frames import Message
from jupyter_tune.wire.requests import Request, name_of

ANSWER_S = 30.0
"""Seconds before a request counts as hung."""

GONE = "the study was interrupted: the process that ran it has ended; run the cell again with --resume"

Listener: TypeAlias = Callable[[Message | None], None]
"""Gets every message that answers no request, and None at the connection's end."""


class DriverGoneError(DriverError):
    """The driver process has ended, or another one has taken its study over."""

    def __init__(self) -> None:
        super().__init__(GONE)


class Connection:
    """A connection to a driver; what answers no request goes to the listener."""

    def __init__(self, connection: socket.socket):
        self._socket = connection
        self._listener: Listener | None = None
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

    def listen(self, listener: Listener) -> None:
        """Have `listener` called on the reading thread with every message from now on that answers
        no request, and once with None when the connection has ended."""
        self._listener = listener

    def send(self, request: Request) -> Future[Any]:
        """Send a request; the future has its result, or raises what the driver raised."""
        number = next(self._numbers)
        frame = messages.encode({**request.to_message(), "id": number})
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

    def request(self, request: Request, *, timeout: float = ANSWER_S) -> Any:
        """`send` and wait. Raises DriverError if no answer comes within `timeout` seconds."""
        try:
            return self.send(request).result(timeout)
        except TimeoutError:
            name = name_of(type(request))
            raise DriverError(
                f"the driver has not answered {name!r} for {timeout:g} s; if it is stopped, study.resume() "
                "takes its study over"
            ) from None

    def close(self) -> None:
        """End the connection; what waits for an answer raises DriverError."""
        # shutdown, not close alone: it also wakes the reading thread
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side was faster

    def _read(self) -> None:
        try:
            for message in messages.receive(self._socket):
                self._receive(message)
        finally:
            # also where a listener failed: no caller may wait for what no longer comes
            self._end()

    def _receive(self, message: Message) -> None:
        match message["type"]:
            case "result":
                self._waiting.pop(message["id"]).set_result(message["result"])
            case "refusal":
                self._waiting.pop(message["id"]).set_exception(messages.error_of(message))
            case _ if self._listener is not None:
                self._listener(message)

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
