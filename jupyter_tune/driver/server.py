"""The driver: the process of one study. It serves clients; the study's loop does the work.

Laws:
- The owner's connection is inherited, not found: its end means that the kernel is gone. Then
  (unless detached) the driver ends its trials and itself and records nothing, as if killed.
- A driver may be started early (`warm`): it loads libraries, and gets its study by `open`.
- It holds the study's payload, and drops it with the study's end.
- After the study's end it stays a while, to draw landscapes. A driver may also be asked to draw those of
  a study that another one ran (`look`): then it only reads.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_tune import journal as journals
from jupyter_tune.core.events import Record, StopRequested, StudyEnded, TrialStarted
from jupyter_tune.core.ports import Work
from jupyter_tune.core.study import Study
from jupyter_tune.driver.clients import Client, Clients
from jupyter_tune.driver.executors import executor_for
from jupyter_tune.driver.loggers import Loggers
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.machine_watch import MachineWatch
from jupyter_tune.driver.notes import annotated
from jupyter_tune.driver.opening import opened
from jupyter_tune.driver.outlook import gains_of, landscape_of
from jupyter_tune.driver.replaying import replay_of
from jupyter_tune.driver.requests import grant
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.driver.what_if import what_if_of
from jupyter_tune.errors import DriverError, PayloadError, TuneError
from jupyter_tune.executors.client.executor import ClientExecutor
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.supervisor_process import SupervisorProcess
from jupyter_tune.payload.store import Hold
from jupyter_tune.registry import first_rung
from jupyter_tune.wire import messages, requests
from jupyter_tune.wire.frames import Message
from jupyter_tune.wire.requests import Request, Steering

REQUESTS = requests.named(Request)

LINGER_S = 180.0
"""Seconds that a driver stays after its study's end and after each request. With the model it holds 230 MB;
a landscape that is asked for later has a driver started for it."""


class Driver:
    """One study, once a client has opened it.

    Args: folder: this process's own, removed at its end; the socket for clients is made here.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._socket = str(folder / "driver.sock")
        self._sampler_thread = SamplerThread()
        self._supervisor: SupervisorProcess | None = None
        self._running: StudyLoop | None = None
        self._payload: Hold | None = None
        self._own_trials: ClientExecutor | None = None
        self._looked_at: Study | None = None
        self._machine: MachineWatch | None = None
        self._is_detached = self._is_opening = self._has_model = False
        self._clients = Clients()
        self._loggers = Loggers(self.notice, self._clients.logging)
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self._linger: asyncio.TimerHandle | None = None

    async def run(self, owner: socket.socket) -> None:
        """Serve until the owner is gone, or the study has been over for a while."""
        server = await asyncio.start_unix_server(self._serve, path=self._socket)
        owner_task = asyncio.create_task(self._serve_owner(owner))
        await self._over.wait()
        owner_task.cancel()
        server.close()
        if self._machine is not None:
            self._machine.close()
        if self._running is not None:
            await self._running.close()
        elif self._supervisor is not None:
            await self._supervisor.end()
        # last: they have all records to read
        self._loggers.close()
        self._drop_payload()
        self._clients.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _serve_owner(self, owner: socket.socket) -> None:
        await self._serve(*await asyncio.open_unix_connection(sock=owner))
        goes_on = self._running is not None and not self._running.study.is_ended
        if not (self._is_detached and goes_on):
            self._over.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = self._clients.enter(writer)
        try:
            async for message in messages.read(reader):
                self._spawn(self._answer(client, message))
        finally:
            self._clients.leave(client)
            if self._running is not None and self._running.study.is_ended:
                self._end_if_left()

    def _end_if_left(self) -> None:
        """End the driver of a detached study that has ended, once no client follows it."""
        if self._is_detached and not self._clients.followers:
            self._over.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # kept: asyncio itself holds its tasks only weakly
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, client: Client, message: Message) -> None:
        number = message.get("id", 0)
        if self._linger is not None:
            self._stay_a_while()
        try:
            request = requests.from_message(message, REQUESTS)
            client.send(messages.result(number, await self._result_of(client, request)))
        except TuneError as error:
            client.send(messages.refusal(number, error))
        except Exception as error:
            # a bug of ours must reach the client that asked, not only a log
            internal = DriverError(f"{message.get('type')}: internal error {error!r}")
            client.send(messages.refusal(number, internal))

    async def _result_of(self, client: Client, request: Request) -> Any:
        match request:
            case Steering():
                return grant(self._loop, request)
            case requests.Warm():
                return await self._warm(request)
            case requests.Check():
                return await self._check(request)
            case requests.Open():
                return await self._open(request)
            case requests.Follow(since=since):
                return await self._clients.follow(client, self._loop.journal.path, since)
            case requests.Stop():
                return self._stop()
            case requests.OwnTrial() if self._own_trials is not None:
                return await self._own_trials.answer(request)
            case requests.Landscape():
                return await self._sampler_thread.run(landscape_of, self._seen, request)
            case requests.Gains():
                return await self._sampler_thread.run(gains_of, self._seen, request)
            case requests.WhatIf(path=path, changes=changes):
                return await self._sampler_thread.run(what_if_of, Path(path), changes)
            case requests.Replay(path=path):
                return await self._sampler_thread.run(replay_of, Path(path))
            case requests.Annotate():
                return annotated(self._running, request, self._clients.publish)
            case requests.Look(path=path):
                return self._look(Path(path))
        raise DriverError(f"{request!r} is no request to a driver")

    def _stay_a_while(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
        self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._over.set)

    # for the study's loop

    def publish(self, record: Record, text: str) -> None:
        """Send a committed record, as the journal has it, to every follower."""
        self._clients.publish(text)
        if isinstance(record.event, TrialStarted) and not self._has_model:
            # not before: it shares cores and interpreter with the start of the first trial, and no trial
            # needs it before some have reported
            self._has_model = True
            self._spawn(self._sampler_thread.warm(self._loop.study.settings.sampler))
        if isinstance(record.event, StudyEnded):
            self._loggers.study_ended()
            self._drop_payload()
            self._end_if_left()
            self._stay_a_while()

    def _drop_payload(self) -> None:
        payload, self._payload = self._payload, None
        if payload is not None:
            payload.drop()

    def notice(self, text: str, level: str) -> None:
        """Tell every follower, also later ones."""
        # unbuffered: what has no room in the log must not come up again when the process ends
        with suppress(OSError):
            os.write(sys.stderr.fileno(), f"{text}\n".encode(errors="backslashreplace"))
        self._clients.notice(text, level)

    def fenced(self) -> None:
        """Another driver has the study: end, with the trials."""
        self._over.set()

    # requests

    @property
    def _loop(self) -> StudyLoop:
        if self._running is None:
            raise DriverError("no study is open in this driver yet")
        return self._running

    async def _warm(self, request: requests.Warm) -> None:
        if self._running is not None:
            return
        self._preloading(request.preload)
        if request.sampler is not None:
            await self._sampler_thread.warm(request.sampler)

    def _preloading(self, modules: list[str]) -> SupervisorProcess:
        """The supervisor, which imports `modules` before the first trial."""
        if self._supervisor is None:
            self._supervisor = SupervisorProcess()
        self._supervisor.load(modules)
        return self._supervisor

    async def _check(self, request: requests.Check) -> list[str]:
        supervisor = self._preloading(request.options["preload"])
        error, notices = await supervisor.check(request.payload, request.options)
        if error:
            raise PayloadError(error)
        return notices

    async def _open(self, request: requests.Open) -> dict[str, Any]:
        if self._running is not None or self._is_opening:
            raise DriverError("this driver has a study already")
        self._is_opening = True
        payload = None if request.here else Hold(Path(request.payload))
        executor, slots = await executor_for(request, self._supervisor, self.notice)
        if request.settings["workers"] is None:
            request = replace(request, settings={**request.settings, "workers": slots})
        study = opened(request, self._socket)
        self._payload = payload
        self._is_detached = request.detach
        journals.enter(study.journal.path, is_detached=request.detach)
        files = str(journals.files_folder(study.journal.path))
        work = Work(request.payload, files, study.study.settings.metric, request.options)
        if isinstance(executor, ClientExecutor):
            self._own_trials = executor
        if request.log_to is not None:
            self._loggers.start(study.journal.path, request.log_to, study.study.seq)
        if isinstance(executor, LocalExecutor):
            executor.others = lambda: self._loggers.pids
            self._machine = MachineWatch(executor, self._clients)
            executor.on_change = self._machine.changed
        self._running = StudyLoop(study.journal, study.study, executor, work, self._sampler_thread, self)
        if study.journal.damage:
            self.notice(study.journal.damage, "error")
        if study.remark:
            self.notice(study.remark, "info")
        self._spawn(self._running.begin(study.first))
        return {"said": study.said, "kept": str(study.kept) if study.kept else None}

    def _look(self, path: Path) -> None:
        self._looked_at = Study.fold(journals.read_records(path), first_rung)
        self._stay_a_while()

    def _stop(self) -> None:
        study = self._loop.study
        if not study.is_ended and study.stop_reason is None:
            self._loop.post(StopRequested("stopped by the user"), at_once=True)

    @property
    def _seen(self) -> Study:
        """The study that the model is drawn of, as it is now."""
        return self._looked_at or self._loop.study.snapshot()


def main() -> None:
    owner = socket.socket(fileno=int(sys.argv[1]))
    folder = Path(sys.argv[2])

    async def run() -> None:
        await Driver(folder).run(owner)

    asyncio.run(run())
    with suppress(OSError):
        sys.stderr.flush()
    # a model being fitted, or torch being imported, would hold the process; its result is not needed
    os._exit(0)


if __name__ == "__main__":
    main()
