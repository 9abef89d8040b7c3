"""Messages between the driver and the workers of a cluster, through queues on the Dask scheduler.

    driver   TOPIC-up    <-  all workers
    worker   TOPIC-HOST  <-  the driver

Why queues: both sides only open connections to the scheduler, so either may be behind a router; a message
takes about a millisecond; the scheduler keeps nothing after it is read (events of `log_event` stay); and the
scheduler needs nothing but Dask. A full queue makes its senders wait.

An element is bytes: messages in JSON, a line each, and after a line as many raw bytes as its `bytes` says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

from jupyter_tune.wire import frames
from jupyter_tune.wire.frames import FrameError, Message

Mail: TypeAlias = tuple[Message, bytes]
"""A message and the raw bytes that belong to it."""

CHUNK = 1 << 20
"""Raw bytes in a message."""

ELEMENT = 4 << 20
"""Bytes from which messages go into another element."""

ROOM = 16
"""Elements in a queue."""


def encode(message: Message, body: bytes = b"") -> bytes:
    return frames.encode({**message, "bytes": len(body)} if body else message) + body


def decode(data: object) -> Iterator[Mail]:
    """The messages of an element. Raises FrameError if it is none."""
    if not isinstance(data, bytes):
        raise FrameError(f"an element of type {type(data).__name__}")
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1
        if not end:
            raise FrameError("a message without its end")
        [message] = frames.Splitter().feed(data[start:end])
        start = end + int(message.get("bytes", 0))
        if not end <= start <= len(data):
            raise FrameError("a message without all of its bytes")
        yield message, data[end:start]


class Outbox:
    """Sends messages to a queue in their order; those that wait for a transfer go together in the next.

    Args:
        scheduler: what Client and Worker have under that name.
        lost:      called once, with the error, when the queue cannot be reached any more.
    """

    def __init__(self, scheduler: Any, queue: str, lost: Callable[[Exception], None] = lambda error: None):
        self._scheduler = scheduler
        self._queue = queue
        self._lost = lost
        self._unsent: list[bytes] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = asyncio.create_task(self._run())

    def send(self, message: Message, body: bytes = b"") -> None:
        if not self._task.done():
            self._unsent.append(encode(message, body))
            self._idle.clear()
            self._wake.set()

    async def flush(self) -> None:
        """Wait until everything is in the queue, or is lost."""
        await self._idle.wait()

    async def deliver(self, message: Message, body: bytes) -> None:
        """Send, and wait: so that large data fill neither this process nor the scheduler."""
        self.send(message, body)
        await self.flush()

    def close(self) -> None:
        self._task.cancel()
        self._idle.set()

    async def _run(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._unsent:
                    await self._scheduler.queue_put(name=self._queue, data=self._take())
                self._idle.set()
        except Exception as error:  # whatever Dask raises: of its own, of tornado, of the scheduler
            self._idle.set()
            self._lost(error)

    def _take(self) -> bytes:
        size = count = 0
        while count < len(self._unsent) and size < ELEMENT:
            size += len(self._unsent[count])
            count += 1
        taken, self._unsent = self._unsent[:count], self._unsent[count:]
        return b"".join(taken)


async def create(scheduler: Any, queue: str) -> None:
    await scheduler.queue_create(name=queue, maxsize=ROOM)


async def received(scheduler: Any, queue: str) -> AsyncIterator[Mail]:
    """Every message that arrives in `queue`. Raises what Dask raises when it cannot be read any more."""
    while True:
        first = await scheduler.queue_get(name=queue)
        for mail in _readable(first):
            yield mail
        for element in await scheduler.queue_get(name=queue, batch=True):
            for mail in _readable(element):
                yield mail


def _readable(element: dict[str, Any]) -> list[Mail]:
    try:
        return list(decode(element["value"]))
    except (FrameError, KeyError, ValueError):
        return []  # not from us: every process on the cluster can write to its queues
