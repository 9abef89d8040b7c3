"""Frames: one JSON object a line, on every socket.

A frame is data and nothing else: no bytes of the other side are ever unpickled or evaluated. A line that is
too long or is no JSON object means that the other side cannot be understood any more, and the connection
counts as lost. ECONNRESET is an end like any other. Every message says by `type` what it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_tune.errors import TuneError

if TYPE_CHECKING:
    import socket

LIMIT = 1 << 20
"""Bytes in a frame, its newline counted, between a trial and the driver."""

CHUNK = 1 << 16

Message: TypeAlias = dict[str, Any]


class FrameError(TuneError):
    """Bytes that are not a frame, or a message too long for one."""


def encode(message: Message, limit: int = LIMIT, default: Callable[[Any], Any] | None = None) -> bytes:
    """The frame of `message`.

    Args: default: what stands in for a value that JSON does not have; see json.dumps.
    Raises: FrameError if it would be longer than `limit`; ValueError for NaN and infinities.
    """
    return frame(json.dumps(message, separators=(",", ":"), allow_nan=False, default=default), limit)


def frame(text: str, limit: int = LIMIT) -> bytes:
    """The frame of a message that is JSON text already, without a newline."""
    line = text.encode() + b"\n"
    if len(line) > limit:
        raise FrameError(f"a message of {len(line):,} bytes; {limit:,} is the limit")
    return line


class Splitter:
    """Cuts a stream of bytes into messages."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes. Raises FrameError if one of them is none."""
        searched = len(self._rest)
        self._rest += data
        messages, start = [], 0
        while (end := self._rest.find(b"\n", max(start, searched))) >= 0:
            self._require_room(end - start)
            messages.append(_decode(bytes(self._rest[start:end])))
            start = end + 1
        del self._rest[:start]
        self._require_room(len(self._rest))
        return messages

    def _require_room(self, size: int) -> None:
        if size >= self._limit:
            raise FrameError(f"a frame of more than {self._limit:,} bytes")


def _decode(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise FrameError(f"not a frame: {line[:80]!r}") from error
    if not isinstance(message, dict):
        raise FrameError(f"not a JSON object: {line[:80]!r}")
    return message


class Link:
    """A socket that speaks frames and never blocks: what cannot be sent yet waits, in order.

    `lost` turns true, once and for all, when the other side is gone or not understood.
    """

    def __init__(self, endpoint: socket.socket):
        endpoint.setblocking(False)
        self._socket = endpoint
        self._splitter = Splitter()
        self._outbox = bytearray()
        self.lost = False

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def has_unsent(self) -> bool:
        return bool(self._outbox)

    def send(self, message: Message) -> None:
        if not self.lost:
            self._outbox += encode(message)
            self.flush()

    def flush(self) -> None:
        """Send what the other side takes now."""
        try:
            while self._outbox:
                del self._outbox[: self._socket.send(self._outbox)]
        except BlockingIOError:
            return
        except OSError:
            # what the other side sent before it went can still be read: only reading finds the end
            self._outbox.clear()

    def receive(self) -> list[Message]:
        """What has arrived, a chunk at most; `lost` is set where the stream ends."""
        try:
            data = self._socket.recv(CHUNK)
            if data:
                return self._splitter.feed(data)
        except BlockingIOError:
            return []
        except (OSError, FrameError):
            pass  # an unreadable stream is an ended one
        self.lost = True
        return []

    def receive_rest(self) -> list[Message]:
        """Everything that has arrived."""
        messages: list[Message] = []
        while not self.lost:
            some = self.receive()
            if not some:
                break
            messages += some
        return messages

    def lose(self) -> None:
        """Listen no more."""
        self.lost = True

    def close(self) -> None:
        self.lost = True
        self._socket.close()
