"""A study on one Dask worker, in one term of its driver (term.py).

There is one per worker and term, made by the first task. Its supervisor is a process of its own that forks
the trials, so the worker never runs their code, and when the worker is killed the supervisor sees its socket
end and kills them all (executors/local/supervisor.py).

    task.py ──> host.py ──> assignments.py ──> LocalExecutor ──> supervisor ──> trials
                   │              ├─> copies.py        files of trials, without a shared file system
                   └──────────────┴─> line.py <──> mail.py <──> the driver

    up    claim worker, nonce · fact nonce, event · file nonce, file · beat · notice text, level · broken
         error · closed
    down  open work · launch nonce, command · acknowledge nonce · halt command · void nonce · keep nonce,
         recorded · file trial, file · beat · close

Laws:
- An attempt runs once its nonce is granted; everything about it carries the nonce.
- While the driver is silent the trials go on, for another driver may go on with the study. It has the host
  obey a later term, and keeps the attempts that it wants; what it has not kept after LEASE_S ends. New
  attempts of that term have hosts of their own, with the new driver's code and data. This one closes with its
  last attempt.
- After ORPHANED_S without a message all attempts end; a host without any ends after LEASE_S.
- So does an attempt whose task Dask no longer wants.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.errors import TuneError
from jupyter_tune.executors.dask.assignments import Assignment, Assignments
from jupyter_tune.executors.dask.line import Line
from jupyter_tune.executors.dask.task import key_of
from jupyter_tune.wire.frames import Message

BEAT_S = 2.0
LEASE_S = 30.0
"""Seconds of silence after which the driver takes a host for dead; or a host that has no study yet, the
driver."""
ORPHANED_S = 300.0
"""Seconds without a driver after which trials end: time for a user to see it, and to resume the study."""

_HOSTS: dict[tuple[str, str, int], Host] = {}


def host_on(worker: Any, study: str, number: int, topic: str) -> Host:
    """The host on this worker of a term of the study."""
    place = (worker.id, study, number)
    if place not in _HOSTS:
        _HOSTS[place] = Host(worker, number, topic, lambda: _HOSTS.pop(place, None))
    return _HOSTS[place]


async def hand_over(worker: Any, study: str, number: int, topic: str) -> list[Message]:
    """See task.py."""
    hosts = [host for (id, of, _), host in _HOSTS.items() if (id, of) == (worker.id, study)]
    return [told for host in hosts if (told := await host.obey(number, topic)) is not None]


class Host:
    """Args: worker: Dask's; number, topic: of the term; ended: called when nothing is left here."""

    def __init__(self, worker: Any, number: int, topic: str, ended: Any):
        self.id = secrets.token_hex(8)
        self._worker = worker
        self._number = number
        self._ended = ended
        self._scratch = Path(worker.local_directory) / f"{topic}-{self.id}"
        self._line = Line(worker.scheduler, self.id, topic, lambda error: self._close_soon())
        self._assignments = Assignments(self._line, self._scratch, self._spawn)
        self._patience_s = LEASE_S
        self._heard = self._obeyed = time.monotonic()
        self._commands: asyncio.Queue[Message] = asyncio.Queue()
        self._receiving: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_former = self._is_closing = False
        self._begun = self._spawn(self._begin())

    async def run(self, nonce: str) -> None:
        """Claim the nonce and wait for the end of its attempt."""
        assignment = self._assignments.claimed(nonce)
        try:
            await asyncio.shield(self._begun)
            if not self._is_former:
                self._line.send("claim", worker=self._worker.address, nonce=nonce)
                await assignment.over.wait()
        finally:
            self._assignments.forget(nonce)
            self._close_if_done()

    async def _begin(self) -> None:
        await self._connect()
        self._spawn(self._beat())

    async def _connect(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
        await self._line.connect()
        self._receiving = self._spawn(self._receive())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def obey(self, number: int, topic: str) -> Message | None:
        """Obey the driver of this term from now on. Returns what task.py says; None if a later one counts,
        or the host ends."""
        if self._is_closing or number <= self._number:
            return None
        before, self._number, self._line.topic = self._line.topic, number, topic
        self._is_former = True
        self._heard = self._obeyed = time.monotonic()
        await self._connect()
        for assignment in self._assignments:
            if assignment.key is None:
                self._assignments.void(assignment.nonce)
        kept = [each for each in self._assignments if each.key is not None and not each.is_void]
        self._close_if_done()
        return {"id": self.id, "before": before, "attempts": [(each.nonce, *each.key) for each in kept]}

    # messages

    async def _receive(self) -> None:
        try:
            async for message, body in self._line.received():
                self._heard = time.monotonic()
                self._handle(message, body)
        except Exception as error:  # a queue that is gone is a driver that is gone, and so is a full disk
            self._line.send("broken", error=f"{type(error).__name__}: {error}")
            self._close_soon()

    def _handle(self, message: Message, body: bytes) -> None:
        match message["type"]:
            case "open":
                self._spawn(self._open(message))
            case "launch" | "halt" | "acknowledge":
                self._commands.put_nowait(message)
            case "void":
                self._assignments.void(message["nonce"])
            case "keep":
                self._assignments.keep(message["nonce"], message["recorded"])
            case "file":
                self._assignments.take_file(message["trial"], message["file"], body)
            case "close":
                self._close_soon()

    async def _open(self, message: Message) -> None:
        self._patience_s = message["patience_s"]
        try:
            await self._assignments.open(message)
        except (TuneError, OSError) as error:
            self._line.send("broken", error=str(error))
            await self._close()
            return
        while True:
            self._command(await self._commands.get())

    def _command(self, message: Message) -> None:
        match message["type"]:
            case "launch":
                self._assignments.launch(message["nonce"], Launch(**message["command"]))
            case "halt":
                self._assignments.halt(Halt(**message["command"]))
            case "acknowledge":
                self._assignments.acknowledge(message["nonce"])

    # the end

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(min(BEAT_S, self._patience_s / 4))
            self._line.send("beat")
            for assignment in self._assignments:
                self._look_at(assignment)
            patience_s = self._patience_s if self._assignments else min(LEASE_S, self._patience_s)
            is_alone = time.monotonic() - self._heard > patience_s
            if is_alone or self._worker.status.name not in ("running", "paused", "closing_gracefully"):
                self._close_soon()
                return

    def _look_at(self, assignment: Assignment) -> None:
        """End an attempt that is not wanted."""
        if assignment.key is not None and assignment.topic != self._line.topic:
            if time.monotonic() - self._obeyed > LEASE_S:
                self._assignments.void(assignment.nonce)
        elif not self._is_wanted(assignment) and not assignment.has_ended:
            if assignment.key is None:
                self._assignments.void(assignment.nonce)
            else:
                self._assignments.lose(assignment, "its task was cancelled on the cluster")

    def _is_wanted(self, assignment: Assignment) -> bool:
        """Whether Dask still wants the task's result."""
        task = self._worker.state.tasks.get(key_of(assignment.nonce))
        return task is not None and task.state == "executing"

    def _close_if_done(self) -> None:
        if self._is_former and not self._assignments:
            self._close_soon()

    def _close_soon(self) -> None:
        self._spawn(self._close())

    async def _close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        await self._assignments.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(LEASE_S):
                for assignment in self._assignments:
                    await assignment.over.wait()
                self._line.send("closed")
                await self._line.flush()
        for assignment in self._assignments:
            assignment.over.set()
        self._line.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._ended()
        for each in self._tasks - {asyncio.current_task()}:
            each.cancel()
