"""Time that jumps, and processes that are killed and stopped in it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.simulation.virtual_loop import Killed, Process, Violation, VirtualLoop


def run(work: Coroutine[Any, Any, None], loop: VirtualLoop) -> None:
    loop.run(work)
    assert loop.is_closed()


def test_an_hour_passes_at_once_and_in_order() -> None:
    loop, seen = VirtualLoop(), []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append((seconds, loop.time()))

    async def all_of_them() -> None:
        await asyncio.gather(*map(wait, [3600.0, 0.5, 60.0]))

    run(all_of_them(), loop)
    assert seen == [(0.5, 0.5), (60.0, 60.0), (3600.0, 3600.0)]


def test_a_wait_that_nothing_can_end_is_a_violation() -> None:
    with pytest.raises(Violation, match="nothing is left to happen"):
        run(asyncio.Event().wait(), VirtualLoop())  # type: ignore[arg-type]


def test_an_error_that_no_one_handles_is_a_violation() -> None:
    loop = VirtualLoop()
    loop.call_later(1, lambda: 1 / 0)
    with pytest.raises(Violation, match="division by zero"):
        run(asyncio.sleep(2), loop)


def ticks(loop: VirtualLoop, process: Process, seen: list[float]) -> None:
    async def tick() -> None:
        while True:
            await asyncio.sleep(1)
            seen.append(loop.time())

    async def starts_another() -> None:
        # what a process starts belongs to it too
        await asyncio.create_task(tick())

    process.spawn(starts_another())


def test_nothing_of_a_killed_process_runs_any_more() -> None:
    loop, seen, died = VirtualLoop(), list[float](), list[float]()
    process = Process(loop, "p", lambda: died.append(loop.time()))
    ticks(loop, process, seen)

    def dies() -> None:
        raise Killed

    process.call_later(3.5, dies)
    run(asyncio.sleep(10), loop)
    assert seen == [1, 2, 3]
    assert died == [3.5]


def test_a_stopped_process_goes_on_with_what_was_due() -> None:
    loop, seen = VirtualLoop(), list[float]()
    process = Process(loop, "p")
    ticks(loop, process, seen)
    loop.call_later(2.5, process.stop)
    loop.call_later(7.5, process.go_on)
    run(asyncio.sleep(9), loop)
    assert seen == [1, 2, 7.5, 8.5]
