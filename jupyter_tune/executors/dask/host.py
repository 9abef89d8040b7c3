"""A study on one Dask worker: a LocalExecutor whose commands come from the driver and whose facts go there.

There is one per worker and study, made by the first task. Its supervisor is a process of its own that forks
the trials, so the worker never runs their code, and when the worker is killed the supervisor sees its socket
end and kills them all (executors/local/supervisor.py).

    up    claim worker, nonce · fact nonce, event · file nonce, file · beat · notice text, level · broken
         error · closed
    down  open work · launch nonce, command · acknowledge key · halt command · void nonce · file trial, file ·
          beat · close

Laws:
- An attempt runs once its nonce is granted; everything about it carries the nonce.
- After `lease_s` without a message from the driver all attempts end, since their results would be lost. The
  same if Dask no longer wants the task of an attempt, as when its client is gone.
- If the worker does not share the study's folder, the trials write to the worker's own, and their files are
  copied to the driver: logs and checkpoints while they run, the rest before the fact of their end.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import secrets
import shutil
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, event_to_json
from jupyter_tune.core.ports import TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.errors import TuneError
from jupyter_tune.executors.dask import mail
from jupyter_tune.executors.dask.files import Arrivals, Shipment
from jupyter_tune.executors.dask.task import key_of
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.supervisor_process import SupervisorProcess
from jupyter_tune.trials.environment import THREAD_VARIABLES
from jupyter_tune.trials.files import log_path, trial_folder
from jupyter_tune.trials.report import ARTIFACTS, CHECKPOINTS
from jupyter_tune.wire.frames import Message

BEAT_S = 2.0
LEASE_S = 30.0
"""Seconds of silence after which driver and host each take the other for dead."""

COPY_S = 0.5
"""Seconds between two copies of the files of running trials."""
COPY_SHARE = 0.1
"""Copies take this share of the time at most: large checkpoints are copied less often."""

_HOSTS: dict[tuple[str, str], Host] = {}


def host_on(worker: Any, topic: str) -> Host:
    """The host of the study `topic` on this worker."""
    place = (worker.id, topic)
    if place not in _HOSTS:
        _HOSTS[place] = Host(worker, topic, lambda: _HOSTS.pop(place, None))
    return _HOSTS[place]


@dataclasses.dataclass
class _Task:
    """The task of an attempt here. `key`: trial and attempt, once granted; `over`: the task may return."""

    over: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    key: tuple[int, int] | None = None
    is_void: bool = False
    shipment: Shipment | None = None


class Host:
    """Args: worker: Dask's; topic: the study's on this cluster; ended: called when nothing is left here."""

    def __init__(self, worker: Any, topic: str, ended: Any):
        self.id = secrets.token_hex(8)
        self._worker = worker
        self._topic = topic
        self._ended = ended
        self._queue = f"{topic}-{self.id}"
        self._scratch = Path(worker.local_directory) / f"{topic}-{self.id}"
        self._executor = LocalExecutor(SupervisorProcess(environ=_environ()), notice=self._notice)
        self._work: Work | None = None
        self._shares_files = True
        self._lease_s = LEASE_S
        self._heard = time.monotonic()
        self._attempts: dict[str, _Task] = {}
        self._commands: asyncio.Queue[Message] = asyncio.Queue()
        self._arrivals: dict[str, Arrivals] = {}
        self._copying = asyncio.Lock()
        self._outbox: mail.Outbox | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closing = False
        self._begun = self._spawn(self._begin())

    async def run(self, nonce: str) -> None:
        """Claim the nonce and wait for the end of its attempt."""
        task = self._attempts[nonce] = _Task()
        try:
            await asyncio.shield(self._begun)
            self._send({"type": "claim", "host": self.id, "worker": self._worker.address, "nonce": nonce})
            await task.over.wait()
        finally:
            self._attempts.pop(nonce, None)

    async def _begin(self) -> None:
        await mail.create(self._worker.scheduler, self._queue)
        up = f"{self._topic}-up"
        self._outbox = mail.Outbox(self._worker.scheduler, up, lambda error: self._close_soon())
        self._spawn(self._receive())
        self._spawn(self._beat())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _send(self, message: Message) -> None:
        if self._outbox is not None:
            self._outbox.send(message)

    def _notice(self, text: str, level: str) -> None:
        self._send({"type": "notice", "host": self.id, "text": text, "level": level})

    # messages

    async def _receive(self) -> None:
        try:
            async for message, body in mail.received(self._worker.scheduler, self._queue):
                self._heard = time.monotonic()
                await self._handle(message, body)
        except Exception as error:  # a queue that is gone is a driver that is gone, and so is a full disk
            self._send({"type": "broken", "host": self.id, "error": f"{type(error).__name__}: {error}"})
            self._spawn(self._close())

    async def _handle(self, message: Message, body: bytes) -> None:
        match message["type"]:
            case "open":
                self._spawn(self._open(message))
            case "launch" | "halt" | "acknowledge":
                self._commands.put_nowait(message)
            case "void":
                self._void(message["nonce"])
            case "file":
                self._take_file(message, body)
            case "close":
                self._spawn(self._close())

    async def _open(self, message: Message) -> None:
        self._lease_s = message["lease_s"]
        self._shares_files = message["shares_files"]
        work = Work(**message["work"])
        payload = work.payload
        if not message["has_payload"]:
            payload = str(self._scratch / "payload" / Path(payload).name)
        files = work.files if self._shares_files else str(self._scratch / "files")
        work = self._work = dataclasses.replace(
            work, payload=payload, files=files, options=self._options(work.options)
        )
        try:
            await self._executor.open(work, self._post, {})
        except (TuneError, OSError) as error:
            self._send({"type": "broken", "host": self.id, "error": str(error)})
            await self._close()
            return
        if not self._shares_files:
            self._spawn(self._copy_files())
        while True:
            await self._command(await self._commands.get())

    def _options(self, options: Message) -> Message:
        """The trial program's options on this machine: of the notebook's paths those that exist here."""
        paths = [path for path in options.get("sys_path", []) if os.path.exists(path)]
        cwd = options.get("cwd", "")
        if not os.path.isdir(cwd):
            cwd = str(self._scratch / "work")
            os.makedirs(cwd, exist_ok=True)
        return {**options, "cwd": cwd, "sys_path": list(dict.fromkeys([*paths, *sys.path]))}

    async def _command(self, message: Message) -> None:
        match message["type"]:
            case "launch":
                self._launch(message["nonce"], Launch(**message["command"]))
            case "halt":
                self._executor.halt(Halt(**message["command"]))
            case "acknowledge":
                number, attempt = message["key"]
                self._executor.acknowledge(TrialReported(number, attempt, 0, {}))

    def _launch(self, nonce: str, command: Launch) -> None:
        task = self._attempts.get(nonce)
        if task is None or task.is_void:
            return
        assert self._work is not None, "a launch before open"
        task.key = (command.number, command.attempt)
        if not self._shares_files:
            task.shipment = self._shipment(nonce, command)
        self._executor.launch(command)

    def _void(self, nonce: str) -> None:
        """The attempt is not wanted: end it and report nothing."""
        task = self._attempts.get(nonce)
        if task is None:
            return
        task.is_void = True
        if task.key is None:
            task.over.set()
        else:
            self._executor.halt(Halt(*task.key, state=LOST, reason="it is not wanted any more"))

    def _shipment(self, nonce: str, command: Launch) -> Shipment:
        assert self._work is not None
        number = command.number

        async def deliver(message: Message, body: bytes) -> None:
            if self._outbox is not None:
                wrapped = {"type": "file", "host": self.id, "nonce": nonce, "file": message}
                await self._outbox.deliver(wrapped, body)

        shipment = Shipment(trial_folder(self._work.files, number), deliver)
        shipment.knows(CHECKPOINTS)
        return shipment

    def _take_file(self, message: Message, body: bytes) -> None:
        """A part of the payload, or of the checkpoints that an earlier attempt left."""
        number = message["trial"]
        folder = (
            self._scratch / "payload"
            if number is None
            else trial_folder(str(self._scratch / "files"), number)
        )
        Arrivals(folder).take(message["file"], body)

    # facts

    def _post(self, fact: TrialFact) -> None:
        key = (fact.number, fact.attempt)
        nonce = next((nonce for nonce, task in self._attempts.items() if task.key == key), None)
        if nonce is None:
            return
        if isinstance(fact, TrialEnded):
            self._spawn(self._finish(nonce, fact))
        elif not self._attempts[nonce].is_void:
            self._send_fact(nonce, fact)

    def _send_fact(self, nonce: str, fact: TrialFact) -> None:
        self._send({"type": "fact", "host": self.id, "nonce": nonce, "event": event_to_json(fact)})

    async def _finish(self, nonce: str, ended: TrialEnded) -> None:
        task = self._attempts[nonce]
        try:
            if not task.is_void:
                if task.shipment is not None:
                    async with self._copying:
                        await self._copy(task, at_the_end=True)
                self._send_fact(nonce, ended)
                if self._outbox is not None:
                    await self._outbox.flush()
        finally:
            task.over.set()

    # files

    async def _copy_files(self) -> None:
        while True:
            await asyncio.sleep(COPY_S)
            for task in list(self._attempts.values()):
                if task.shipment is not None and not task.over.is_set():
                    began = time.monotonic()
                    async with self._copying:
                        await self._copy(task)
                    await asyncio.sleep((time.monotonic() - began) / COPY_SHARE)

    async def _copy(self, task: _Task, *, at_the_end: bool = False) -> None:
        assert task.shipment is not None
        assert task.key is not None
        log = log_path(Path(), task.key[1]).as_posix()
        await task.shipment.send_growth(log, at_the_end=at_the_end)
        await task.shipment.send_set(CHECKPOINTS)
        if at_the_end:
            await task.shipment.send_folder(ARTIFACTS)

    # the end

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(min(BEAT_S, self._lease_s / 4))
            self._send({"type": "beat", "host": self.id})
            for nonce in list(self._attempts):
                if not self._is_wanted(nonce):
                    self._void(nonce)
            is_silent = time.monotonic() - self._heard > self._lease_s
            if is_silent or self._worker.status.name not in ("running", "paused", "closing_gracefully"):
                self._spawn(self._close())
                return

    def _is_wanted(self, nonce: str) -> bool:
        """Whether Dask still wants the task's result; it does not when the driver has died."""
        task = self._worker.state.tasks.get(key_of(nonce))
        return task is not None and task.state == "executing"

    def _close_soon(self) -> None:
        self._spawn(self._close())

    async def _close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        await self._executor.close()
        finishing = [task for task in self._attempts.values() if task.key is not None]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._lease_s):
                for task in finishing:
                    await task.over.wait()
                self._send({"type": "closed", "host": self.id})
                if self._outbox is not None:
                    await self._outbox.flush()
        for task in list(self._attempts.values()):
            task.over.set()
        if self._outbox is not None:
            self._outbox.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._ended()
        for each in self._tasks - {asyncio.current_task()}:
            each.cancel()


def _environ() -> dict[str, str]:
    """The worker's environment, without the one thread that Dask's nanny prescribes to all workers: a trial
    gets its share of the machine (trials/environment.py)."""
    import dask

    prescribed = dask.config.get("distributed.nanny.pre-spawn-environ", {})
    return {
        name: value
        for name, value in os.environ.items()
        if name not in THREAD_VARIABLES or value != str(prescribed.get(name))
    }
