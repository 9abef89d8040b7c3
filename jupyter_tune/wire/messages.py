"""The messages between a driver and its clients: JSON in frames of a stated size.

A frame is four bytes of length (big-endian) and that many bytes of UTF-8 JSON. JSON, never
pickle: a client can ask for things, not run things. A frame over `LIMIT` ends the connection.

    client -> driver   {"id": 7, "do": "narrow", ...}
    driver -> client   {"id": 7, "result": ...}  or  {"id": 7, "error": text, "kind": class name}
    driver -> client   {"records": [[seq, at, event], ...]}     to whoever followed
    driver -> client   {"notice": text, "level": "info" | "error"}
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

from jupyter_tune import errors
from jupyter_tune.errors import DriverError, TuneError

LIMIT = 64 * 1024 * 1024
_LENGTH = struct.Struct(">I")


def encode(message: dict[str, Any]) -> bytes:
    """The frame of `message`. Raises DriverError for what JSON does not have, or more than LIMIT."""
    try:
        return _framed(json.dumps(message, allow_nan=False, default=_plain))
    except ValueError as error:
        raise DriverError(f"{message.get('do', 'answer')}: {error}; give finite numbers") from None


def _plain(value: Any) -> Any:
    """A scalar of NumPy as Python's own: people take them from their tables."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    kind = type(value).__name__
    raise DriverError(f"{value!r} ({kind}) cannot be sent; give numbers, strings, booleans or None")


def encode_records(texts: Sequence[str]) -> bytes:
    """The message of these records, each JSON text already."""
    return _framed(f'{{"records": [{", ".join(texts)}]}}')


def _framed(text: str) -> bytes:
    body = text.encode()
    if len(body) > LIMIT:
        raise DriverError(f"a message of {len(body)} bytes is over the limit of {LIMIT}")
    return _LENGTH.pack(len(body)) + body


async def read_message(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message; None at the end of the connection, also where it is torn off."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > LIMIT:
            return None
        message: dict[str, Any] = json.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return message


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The blocking twin of `read_message`."""
    try:
        header = _exactly(connection, _LENGTH.size)
        if header is None:
            return None
        (length,) = _LENGTH.unpack(header)
        body = _exactly(connection, length) if length <= LIMIT else None
    except OSError:
        return None
    if body is None:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    chunks = bytearray()
    while len(chunks) < count:
        chunk = connection.recv(min(1 << 20, count - len(chunks)))
        if not chunk:
            return None
        chunks += chunk
    return bytes(chunks)


def error_to_json(error: TuneError) -> dict[str, str]:
    """The part of an answer that `error_from_json` takes."""
    return {"error": str(error), "kind": type(error).__name__}


def error_from_json(message: dict[str, Any]) -> TuneError:
    """The error as it was raised in the driver, so that both sides catch the same class."""
    kind = getattr(errors, message["kind"], None)
    if isinstance(kind, type) and issubclass(kind, TuneError):
        return kind(message["error"])
    return DriverError(f"{message['kind']}: {message['error']}")
