"""Clients are told of slots, GPUs and waits; a wait that is over at once is not mentioned."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jupyter_tune.driver import machine_watch
from jupyter_tune.driver.clients import Clients
from jupyter_tune.driver.machine_watch import MachineWatch
from jupyter_tune.executors.local.devices import FAKE
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.slots import Slot

ON_GPU = Slot("gpu/1", 2, {"1": "GPU-00000001-fake"}, {})


class Executor(LocalExecutor):
    """Has the slots and waits that the test gives it."""

    now: list[Slot]
    waits = ""

    @property
    def slots(self) -> list[Slot]:
        return self.now

    def waits_for(self) -> str:
        return self.waits


class Told(Clients):
    def __init__(self, listen: bool = True) -> None:
        super().__init__()
        self.told: list[Any] = []
        self.listen = listen

    def machine(self, machine: Any) -> None:
        self.told.append(machine)

    @property
    def followers(self) -> list[Any]:
        return [None] if self.listen else []


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_watch, "SETTLE_S", 0.02)
    monkeypatch.setattr(machine_watch, "SAMPLE_S", 0.02)
    monkeypatch.setenv(FAKE, "2")


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


async def test_changes_that_come_together_are_told_once_as_they_are_then() -> None:
    executor, clients = Executor(), Told()
    watch = MachineWatch(executor, clients)
    executor.now, executor.waits = [], "1 trial waits"
    watch.changed()
    executor.now, executor.waits = [Slot("local/0", 1, {}, {})], ""
    watch.changed()
    await until(lambda: clients.told)
    assert clients.told == [{"type": "machine", "waits_for": "", "slots": {"local/0": []}}]
    watch.close()


async def test_gpus_are_looked_at_while_trials_run_and_no_longer() -> None:
    executor, clients = Executor(), Told()
    watch = MachineWatch(executor, clients)
    executor.now = [ON_GPU]
    watch.changed()
    use = {"index": "1", "utilization": 41, "used": 5_000_000_000, "memory": 80_000_000_000}
    await until(lambda: any(told["slots"] == {"gpu/1": [use]} for told in clients.told))
    executor.now = []
    watch.changed()
    await until(lambda: watch._sampler is None)
    assert clients.told[-1]["slots"] == {}
    executor.now = [ON_GPU]
    watch.changed()
    assert watch._sampler is not None
    watch.close()


async def test_gpus_are_not_looked_at_while_no_client_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_watch, "usage", None)
    executor, clients = Executor(), Told(listen=False)
    watch = MachineWatch(executor, clients)
    executor.now = [ON_GPU]
    watch.changed()
    await until(lambda: clients.told)
    await asyncio.sleep(0.1)
    assert watch._sampler is not None
    assert not watch._sampler.done()
    watch.close()
