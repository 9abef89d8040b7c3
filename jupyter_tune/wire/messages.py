"""The messages between a driver and its clients.

JSON, never pickle: a client can request things, not run things. A message that is too long ends the
connection.

    client -> driver   {"type": "narrow", "id": 7, ...}                  requests.py
    driver -> client   {"type": "result", "id": 7, "result": ...}
    driver -> client   {"type": "refusal", "id": 7, "error": text, "class": name}
    driver -> client   {"type": "records", "records": [[seq, at, event], ...]}     to those that follow
    driver -> client   {"type": "notice", "text": text, "level": "info" | "error"}
    driver -> client   {"type": "machine", "waits_for": text, "slots": {slot: GPUs}}   the latest one counts
    driver -> client   {"type": "logging", "to": [tracker, ...]}                       the latest one counts
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Literal, TypedDict

from jupyter_tune import errors
from jupyter_tune.errors import DriverError, TuneError
from jupyter_tune.wire import frames
from jupyter_tune.wire.frames import FrameError, Message, Splitter

LIMIT = 64 << 20
"""Bytes in a message."""

_CHUNK = 1 << 20


class Notice(TypedDict):
    """A message for the user that is no fact of the study."""

    type: Literal["notice"]
    text: str
    level: str


class GpuUse(TypedDict):
    """A GPU of a slot.

    index: nvidia-smi's number; utilization: percent; used, memory: bytes; None is unknown.
    """

    index: str
    utilization: int | None
    used: int | None
    memory: int | None


class Machine(TypedDict):
    """What a study has of its machine now, which is no fact of the study.

    waits_for: what trials wait for, in words; "" if none waits.
    slots:     the slots in use, with their GPUs.
    """

    type: Literal["machine"]
    waits_for: str
    slots: dict[str, list[GpuUse]]


class Logging(TypedDict):
    """The trackers whose loggers are at work, also after the study's end."""

    type: Literal["logging"]
    to: list[str]


def logging(to: list[str]) -> Logging:
    return {"type": "logging", "to": to}


def machine(waits_for: str, slots: dict[str, list[GpuUse]]) -> Machine:
    return {"type": "machine", "waits_for": waits_for, "slots": slots}


def notice(text: str, level: str) -> Notice:
    """Args: level: info or error."""
    return {"type": "notice", "text": text, "level": level}


def result(request: int, value: Any) -> Message:
    """The answer to a request that was granted."""
    return {"type": "result", "id": request, "result": value}


def refusal(request: int, error: TuneError) -> Message:
    """The answer to a request that was not granted; `error_of` raises the same class on the other side."""
    return {"type": "refusal", "id": request, "error": str(error), "class": type(error).__name__}


def error_of(refused: Message) -> TuneError:
    """The error as it was raised in the driver."""
    kind = getattr(errors, refused["class"], None)
    if isinstance(kind, type) and issubclass(kind, TuneError):
        return kind(refused["error"])
    return DriverError(f"{refused['class']}: {refused['error']}")


def encode(message: Message | Notice | Machine | Logging) -> bytes:
    """The frame of `message`. Raises DriverError for what JSON does not have, or more than LIMIT."""
    try:
        return frames.encode(dict(message), LIMIT, default=_plain)
    except (FrameError, ValueError) as error:
        way_out = "" if isinstance(error, FrameError) else "; give finite numbers"
        raise DriverError(f"{message['type']}: {error}{way_out}") from None


def encode_records(texts: Iterable[str]) -> bytes:
    """The frame of these records, each JSON text already."""
    try:
        return frames.frame(f'{{"type":"records","records":[{",".join(texts)}]}}', LIMIT)
    except FrameError as error:
        raise DriverError(f"records: {error}") from None


def _plain(value: Any) -> Any:
    """A scalar of NumPy as Python's own: users take them from their tables."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    kind = type(value).__name__
    raise DriverError(f"{value!r} ({kind}) cannot be sent; give numbers, strings, booleans or None")


async def read(reader: asyncio.StreamReader) -> AsyncIterator[Message]:
    """Every message, until the connection ends, is torn off or cannot be understood."""
    splitter = Splitter(LIMIT)
    try:
        while data := await reader.read(_CHUNK):
            for message in splitter.feed(data):
                yield message
    except (FrameError, ConnectionError):
        return


def receive(connection: socket.socket) -> Iterator[Message]:
    """The blocking twin of `read`."""
    splitter = Splitter(LIMIT)
    try:
        while data := connection.recv(_CHUNK):
            yield from splitter.feed(data)
    except (FrameError, OSError):
        return
