from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jupyter_tune.executors.dask import mail
from jupyter_tune.wire.frames import FrameError, Message


class Scheduler:
    """The queues of a scheduler. `is_slow`: a transfer waits until `go` is set."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.go = asyncio.Event()
        self.go.set()
        self.elements = 0

    async def queue_put(self, name: str, data: bytes) -> None:
        await self.go.wait()
        self.elements += 1
        await self.queue.put({"value": data})

    async def queue_get(self, name: str, batch: bool = False) -> Any:
        if batch:
            return [self.queue.get_nowait() for _ in range(self.queue.qsize())]
        return await self.queue.get()


async def take(scheduler: Scheduler, count: int) -> list[tuple[Message, bytes]]:
    taken = []
    async for each in mail.received(scheduler, "queue"):
        taken.append(each)
        if len(taken) == count:
            break
    return taken


async def test_messages_arrive_in_their_order_with_their_bytes():
    scheduler = Scheduler()
    outbox = mail.Outbox(scheduler, "queue")
    sent = [({"n": n}, b"\n{" * n) for n in range(5)]
    for message, body in sent:
        outbox.send(message, body)
    assert [(message["n"], body) for message, body in await take(scheduler, 5)] == [
        (message["n"], body) for message, body in sent
    ]
    outbox.close()


async def test_what_waits_for_a_transfer_goes_together():
    scheduler = Scheduler()
    outbox = mail.Outbox(scheduler, "queue")
    scheduler.go.clear()
    outbox.send({"n": 0})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for n in range(1, 100):
        outbox.send({"n": n})
    scheduler.go.set()
    await outbox.flush()
    assert [message["n"] for message, _ in await take(scheduler, 100)] == list(range(100))
    assert scheduler.elements == 2
    outbox.close()


async def test_deliver_returns_when_the_bytes_are_in_the_queue():
    scheduler = Scheduler()
    outbox = mail.Outbox(scheduler, "queue")
    await outbox.deliver({"n": 0}, b"x" * mail.CHUNK)
    assert scheduler.queue.qsize() == 1
    outbox.close()


async def test_a_queue_that_is_gone_is_told_once_and_nobody_waits_for_it():
    scheduler = Scheduler()
    lost: list[Exception] = []
    outbox = mail.Outbox(scheduler, "queue", lost.append)

    async def refuse(name: str, data: bytes) -> None:
        raise KeyError(name)

    scheduler.queue_put = refuse  # type: ignore[method-assign]
    await outbox.deliver({"n": 0}, b"")
    await outbox.deliver({"n": 1}, b"")
    assert [repr(error) for error in lost] == ["KeyError('queue')"]


@pytest.mark.parametrize(
    "data", [b"no json\n", b"[1]\n", b'{"n": 1}', b'{"bytes": 5}\nabc', "text", 5, b'{"bytes": -14}\n']
)
async def test_elements_of_others_are_passed_over(data):
    scheduler = Scheduler()
    await scheduler.queue.put({"value": data})
    await scheduler.queue.put({"value": mail.encode({"n": 1})})
    assert await take(scheduler, 1) == [({"n": 1}, b"")]
    with pytest.raises(FrameError):
        list(mail.decode(data))
