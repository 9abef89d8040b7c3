"""A host's line to the driver of the present term: a queue each way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from jupyter_tune.executors.dask import mail
from jupyter_tune.executors.dask.mail import Mail, Outbox
from jupyter_tune.wire.frames import Message


class Line:
    """Args: scheduler: what a Worker has under that name; id: the host's; topic: of the term; lost: called
    with the error when the queue to the driver cannot be reached any more."""

    def __init__(self, scheduler: Any, id: str, topic: str, lost: Callable[[Exception], None]):
        self.topic = topic
        self._scheduler = scheduler
        self._id = id
        self._lost = lost
        self._outbox: Outbox | None = None

    async def connect(self) -> None:
        """Make the queue of this host in the present term, and send what comes to the term's driver."""
        self.close()
        await mail.create(self._scheduler, self._queue)
        self._outbox = Outbox(self._scheduler, f"{self.topic}-up", self._lost)

    @property
    def _queue(self) -> str:
        return f"{self.topic}-{self._id}"

    def received(self) -> AsyncIterator[Mail]:
        """Every message of the present term. Raises what Dask raises when its queue is gone."""
        return mail.received(self._scheduler, self._queue)

    def send(self, kind: str, **fields: Any) -> None:
        if self._outbox is not None:
            self._outbox.send(self._message(kind, fields))

    async def deliver(self, body: bytes, kind: str, **fields: Any) -> None:
        """Send, and wait: so that large data fill neither this process nor the scheduler."""
        if self._outbox is not None:
            await self._outbox.deliver(self._message(kind, fields), body)

    async def flush(self) -> None:
        """Wait until everything is in the queue, or is lost."""
        if self._outbox is not None:
            await self._outbox.flush()

    def close(self) -> None:
        """Send nothing more, nor what waits."""
        if self._outbox is not None:
            self._outbox.close()

    def _message(self, kind: str, fields: Message) -> Message:
        return {"type": kind, "host": self._id, **fields}
