"""The driver's end of a host (host.py): a worker that has claimed trials of the study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.ports import Work
from jupyter_tune.executors.dask.files import Shipment
from jupyter_tune.executors.dask.host import ORPHANED_S
from jupyter_tune.executors.dask.mail import Outbox
from jupyter_tune.executors.dask.workers import WorkerKind
from jupyter_tune.payload.store import read_footer
from jupyter_tune.trials.files import trial_folder
from jupyter_tune.trials.report import CHECKPOINTS
from jupyter_tune.wire.frames import Message


class RemoteHost:
    """Sends commands to a host, and what its trials need there.

    Args:
        scheduler: the Client's; `queue`: the host's.
        address:   of its worker; `kind`: what the worker answered.
    """

    def __init__(self, scheduler: Any, queue: str, address: str, kind: WorkerKind, work: Work):
        self.address = address
        self.kind = kind
        self.heard = 0.0
        self._work = work
        self._outbox = Outbox(scheduler, queue)

    def send(self, kind: str, **fields: Any) -> None:
        self._outbox.send({"type": kind, **fields})

    async def open(self) -> None:
        """Send the study's data, unless the worker sees the files, and have the host opened."""
        payload = Path(self._work.payload)
        if not self.kind.has_payload:
            shipment = Shipment(payload.parent, self._deliver_to(None))
            for name in {payload.name, *(name for name, _, _ in read_footer(payload)["buffers"])}:
                await shipment.send_file(name)
        self.send(
            "open",
            work=asdict(self._work),
            has_payload=self.kind.has_payload,
            shares_files=self.kind.shares_files,
            patience_s=ORPHANED_S,
        )

    async def launch(self, nonce: str, command: Launch, is_current: Callable[[], bool]) -> None:
        """Send the attempt, after the checkpoints of an earlier one; if it is not wanted then, that."""
        if command.attempt > 1 and not self.kind.shares_files:
            folder = trial_folder(self._work.files, command.number)
            await Shipment(folder, self._deliver_to(command.number)).send_set(CHECKPOINTS, always=True)
        if is_current():
            # the study's workers share this host's processors only with those that are here
            local = replace(command, workers=min(command.workers, self.kind.slots))
            self.send("launch", nonce=nonce, command=asdict(local))
        else:
            self.send("void", nonce=nonce)

    def halt(self, command: Halt) -> None:
        self.send("halt", command=asdict(command))

    def close(self) -> None:
        """Send nothing more."""
        self._outbox.close()

    def _deliver_to(self, trial: int | None) -> Any:
        async def deliver(message: Message, body: bytes) -> None:
            await self._outbox.deliver({"type": "file", "trial": trial, "file": message}, body)

        return deliver
