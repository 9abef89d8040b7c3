"""Tells clients what the study has of its machine: which slots are in use, how busy their GPUs are, and what
trials wait for. It is sent to those that follow and recorded nowhere.

A change is sent after SETTLE_S, since most waits are over by then. While trials run on GPUs and clients
follow, the GPUs are looked at every SAMPLE_S, in a thread: the NVIDIA driver may take its time.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from jupyter_tune.driver.clients import Clients
from jupyter_tune.executors.local.devices import Usage, usage
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.wire import messages
from jupyter_tune.wire.messages import GpuUse, Machine

SETTLE_S = 0.5

SAMPLE_S = 2.0


class MachineWatch:
    """Watches the slots of `executor`, which calls `changed`."""

    def __init__(self, executor: LocalExecutor, clients: Clients):
        self._executor = executor
        self._clients = clients
        self._usage: dict[str, Usage] = {}
        self._settle: asyncio.TimerHandle | None = None
        self._sampler: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """What the study has or waits for has changed."""
        if self._settle is None:
            self._settle = asyncio.get_running_loop().call_later(SETTLE_S, self._send)
        if self._sampler is None and self._gpus():
            self._sampler = asyncio.create_task(self._sample())

    def close(self) -> None:
        for planned in (self._settle, self._sampler):
            if planned is not None:
                planned.cancel()

    def _send(self) -> None:
        self._settle = None
        self._clients.machine(self._machine())

    def _machine(self) -> Machine:
        slots = {
            slot.name: [self._use(index, uuid) for index, uuid in slot.gpus.items()]
            for slot in self._executor.slots
        }
        return messages.machine(self._executor.waits_for(), slots)

    def _use(self, index: str, uuid: str) -> GpuUse:
        seen = self._usage.get(uuid)
        if seen is None:
            return {"index": index, "utilization": None, "used": None, "memory": None}
        return {"index": index, "utilization": seen.utilization, "used": seen.used, "memory": seen.memory}

    def _gpus(self) -> list[str]:
        return sorted({uuid for slot in self._executor.slots for uuid in slot.gpus.values()})

    async def _sample(self) -> None:
        with suppress(asyncio.CancelledError):
            while uuids := self._gpus():
                if self._clients.followers:
                    self._usage = await asyncio.to_thread(usage, uuids)
                    self._send()
                await asyncio.sleep(SAMPLE_S)
        self._usage = {}
        self._sampler = None
