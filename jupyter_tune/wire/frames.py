"""Frames: one JSON object a line, at most LIMIT bytes, the same on every hop.

A frame is data and nothing else: no peer's bytes are ever unpickled or evaluated. A line that
is too long or is no JSON object means that the peer cannot be understood any more, and its
link counts as lost. ECONNRESET is an end like any other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_tune.errors import TuneError

if TYPE_CHECKING:
    import socket

LIMIT = 1 << 20
"""Bytes in a frame, its newline counted."""

CHUNK = 1 << 16

Message: TypeAlias = dict[str, Any]


class FrameError(TuneError):
    """Bytes that are not a frame, or a message too long for one."""


def encode(message: Message) -> bytes:
    """The frame of `message`. Raises FrameError if it would be longer than LIMIT."""
    line = json.dumps(message, separators=(",", ":"), allow_nan=False).encode() + b"\n"
    if len(line) > LIMIT:
        raise FrameError(f"a message of {len(line):,} bytes; {LIMIT:,} is the limit")
    return line


class Splitter:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes. Raises FrameError if one of them is none."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) >= LIMIT or any(len(line) >= LIMIT for line in lines):
            raise FrameError(f"a frame of more than {LIMIT:,} bytes")
        return [_decode(line) for line in lines]


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

    `lost` turns true, once and for all, when the peer is gone or not understood.
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
        """Send what the peer takes now."""
        try:
            while self._outbox:
                del self._outbox[: self._socket.send(self._outbox)]
        except BlockingIOError:
            return
        except OSError:
            # what the peer said before it went can still be read: only reading finds the end
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
