"""The driver: the process of one study. It serves clients, the study's loop does the work.

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
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from jupyter_tune import journal as journals
from jupyter_tune.core.events import (
    Event,
    Record,
    StopRequested,
    StudyEnded,
    StudyOpened,
    TrialAdded,
    TrialEnqueued,
)
from jupyter_tune.core.ports import Work
from jupyter_tune.core.resuming import (
    changed_code,
    first_facts,
    kept_settings,
    not_yet_added,
    other_search,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.driver.clients import Client, Clients
from jupyter_tune.driver.loop import StudyLoop, Thinker
from jupyter_tune.driver.requests import REQUESTS
from jupyter_tune.errors import DriverError, OptionError, PayloadError, TuneError
from jupyter_tune.executors.local.executor import LocalExecutor, SupervisorHandle, warm
from jupyter_tune.payload.store import Hold
from jupyter_tune.registry import first_rung, within_bound
from jupyter_tune.wire import messages

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
        self._thinker = Thinker()
        self._supervisor: SupervisorHandle | None = None
        self._running: StudyLoop | None = None
        self._payload: Hold | None = None
        self._looked_at: Study | None = None
        self._is_detached = False
        self._clients = Clients()
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
        if self._running is not None:
            await self._running.close()
        elif self._supervisor is not None:
            await self._supervisor.end()
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
            while (message := await messages.read_message(reader)) is not None:
                task = asyncio.create_task(self._answer(client, message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            self._clients.leave(client)

    async def _answer(self, client: Client, message: dict[str, Any]) -> None:
        number = message.get("id")
        if self._linger is not None:
            self._stay_a_while()
        try:
            client.send({"id": number, "result": await self._result_of(client, message)})
        except TuneError as error:
            client.send({"id": number, **messages.error_to_json(error)})
        except Exception as error:
            # a bug of ours must reach whoever asked, not only a log
            internal = DriverError(f"{message.get('do')}: internal error {error!r}")
            client.send({"id": number, **messages.error_to_json(internal)})

    async def _result_of(self, client: Client, message: dict[str, Any]) -> Any:
        do = message.get("do", "")
        if do in REQUESTS:
            return REQUESTS[do](self._steerable, message)
        if do in self._HANDLERS:
            return await self._HANDLERS[do](self, client, message)
        raise DriverError(f"no such request {do!r}; is the client newer than the driver?")

    def _stay_a_while(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
        self._linger = asyncio.get_running_loop().call_later(LINGER_S, self._over.set)

    # what the study's loop tells

    def show(self, record: Record) -> None:
        self._clients.tell(record)
        if isinstance(record.event, StudyEnded):
            self._drop_payload()
            if self._is_detached and not self._clients.followers:
                self._over.set()
            self._stay_a_while()

    def _drop_payload(self) -> None:
        payload, self._payload = self._payload, None
        if payload is not None:
            payload.drop()

    def notice(self, text: str, level: str) -> None:
        """Say something to every follower, now or to come."""
        # unbuffered: what has no room in the log must not come up again when the process ends
        with suppress(OSError):
            os.write(sys.stderr.fileno(), f"{text}\n".encode(errors="backslashreplace"))
        self._clients.notice(text, level)

    # what clients may ask

    @property
    def _loop(self) -> StudyLoop:
        if self._running is None:
            raise DriverError("no study is open in this driver yet")
        return self._running

    @property
    def _steerable(self) -> StudyLoop:
        study = self._loop.study
        if study.is_ended:
            raise DriverError(
                f"the study has ended ({study.end_reason}); study.resume(trials=20) goes on with it"
            )
        if study.stop_reason is not None:
            raise DriverError(f"the study is stopping ({study.stop_reason}); resume it once it has ended")
        return self._loop

    async def _warm(self, client: Client, message: dict[str, Any]) -> None:
        """Have ready what the first trials will need: the libraries, and the sampler's."""
        if self._running is not None:
            return
        if self._supervisor is None:
            self._supervisor = warm()
        self._supervisor.load(message["preload"])
        await self._thinker.warm(message["sampler"])

    async def _check(self, client: Client, message: dict[str, Any]) -> list[str]:
        """Load the payload once, as trials load it.

        Returns: notices for the user, a sentence each. Raises: PayloadError naming what cannot be loaded.
        """
        options = message["options"]
        if self._supervisor is None:
            self._supervisor = warm()
        self._supervisor.load(options["preload"])
        error, notices = await self._supervisor.check(message["payload"], options)
        if error:
            raise PayloadError(error)
        return notices

    async def _open(self, client: Client, message: dict[str, Any]) -> dict[str, Any]:
        """Begin a study, or go on with one.

        The answer: `said`, what there is to say about it, a sentence each; `kept`, the file that an
        earlier study of the name has now, or None.
        """
        if self._running is not None:
            raise DriverError("this driver has a study already")
        payload = Hold(Path(message["payload"]))
        path = Path(message["path"])
        space = Space.from_json(message["space"])
        settings, remark = within_bound(space, Settings(**message["settings"]))
        first: list[Event] = [TrialAdded(-1, params, value) for params, value in message["added"]]
        said: list[str] = []
        kept: Path | None = None
        if message["resume"]:
            journal, study, said = self._reopen(path, space, settings, message)
            added = not_yet_added(study, message["added"])
            first = [TrialAdded(-1, params, value) for params, value in added]
        else:
            opened = StudyOpened(message["name"], space, settings, origin=message["origin"])
            if message["overwrite"]:
                kept = journals.set_aside(path, time.time())
                said += [f"The earlier study {opened.name!r} is kept in {kept}."] if kept else []
            journal = journals.Journal.create(path, opened, time.time(), socket=self._socket)
            study = Study.fold(journal.records(), first_rung)
        if message["enqueue"] is not None:
            first.append(TrialEnqueued(message["enqueue"]))
        self._payload = payload
        self._is_detached = message["detach"]
        files = str(journals.files_folder(path))
        work = Work(message["payload"], files, settings.metric, message["options"])
        executor = LocalExecutor(self._supervisor, alone=True)
        self._running = StudyLoop(journal, study, executor, work, self._thinker, self)
        if journal.damage:
            self.notice(journal.damage, "error")
        if remark:
            self.notice(remark, "info")
        task = asyncio.create_task(self._running.begin(first))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return {"said": said, "kept": str(kept) if kept else None}

    def _reopen(
        self, path: Path, space: Space, settings: Settings, message: dict[str, Any]
    ) -> tuple[journals.Journal, Study, list[str]]:
        journal = journals.Journal.open(path, socket=self._socket)
        study = Study.fold(journal.records(), first_rung)
        differences = other_search(study, space, settings)
        if differences:
            journal.close()
            raise OptionError(
                f"{path.name} holds another search: {'; '.join(differences)}. Resume it with its own ranges "
                "and metric, give another --name, or --overwrite to replace it"
            )
        kept = kept_settings(study, settings)
        said = [f"The study keeps its own {', '.join(kept)}."] if kept else []
        changed = changed_code(study.origin, message["origin"])
        if changed:
            said.append(
                f"The code has changed since the study began ({', '.join(changed)}): earlier trials ran the "
                "old code."
            )
        # before anybody follows: who resumes must not see the earlier end as this run's
        owner = f"process {os.getpid()}"
        facts = list(first_facts(study, settings, owner, all_again=message["enqueue"] is None))
        for record in journal.append(facts, time.time()):
            study.apply(record)
        return journal, study, said

    async def _look(self, client: Client, message: dict[str, Any]) -> None:
        """Be ready to draw landscapes of the study in `path`, as its file tells it now."""
        self._looked_at = Study.fold(journals.read_records(Path(message["path"])), first_rung)
        self._stay_a_while()

    async def _follow(self, client: Client, message: dict[str, Any]) -> None:
        """All records after `since`, before the answer, and every later one as it is committed."""
        await self._clients.follow(client, self._loop.journal.path, message["since"])

    async def _stop(self, client: Client, message: dict[str, Any]) -> None:
        study = self._loop.study
        if not study.is_ended and study.stop_reason is None:
            self._loop.post(StopRequested("stopped by the user"), at_once=True)

    async def _landscape(self, client: Client, message: dict[str, Any]) -> dict[str, Any]:
        """The model over two parameters; see samplers.gp.landscape. Queues behind suggestions."""
        held = {"at": message["at"]} if message.get("at") else {}
        study = self._looked_at or self._loop.study.snapshot()
        return await self._thinker.run(_draw_landscape, study, message["x"], message["y"], held)

    _HANDLERS: ClassVar[dict[str, Callable[[Driver, Client, dict[str, Any]], Awaitable[Any]]]] = {
        "warm": _warm,
        "check": _check,
        "open": _open,
        "follow": _follow,
        "stop": _stop,
        "landscape": _landscape,
        "look": _look,
    }


def _draw_landscape(study: Study, x: str, y: str, held: dict[str, Any]) -> dict[str, Any]:
    # here, not above: it brings torch with it
    from jupyter_tune.samplers.gp.landscape import landscape

    return landscape(study, x, y, **held)


def main() -> None:
    owner = socket.socket(fileno=int(sys.argv[1]))
    folder = Path(sys.argv[2])

    async def run() -> None:
        await Driver(folder).run(owner)

    asyncio.run(run())
    with suppress(OSError):
        sys.stderr.flush()
    # a model being fitted, or torch being imported, holds its thread; nobody waits for it any more
    os._exit(0)


if __name__ == "__main__":
    main()
