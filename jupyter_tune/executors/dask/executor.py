"""Runs trials on a Dask cluster: the driver's side. What runs on a worker is task.py and host.py.

    launch        a Dask task with a nonce; it waits at the scheduler until a worker has a free slot
    claim         a worker has begun the task: it is sent the attempt, once for each nonce
    facts         come as messages (mail.py), and are posted as they come

Laws:
- Every launch gets exactly one `ended`. An attempt is lost when its worker leaves the cluster, when its host
  is silent for LEASE_S, when its task ends without a result, or when the scheduler is gone.
- A task that no worker has claimed is lost with nothing: it is submitted again.
- While the scheduler is away, launches wait; the driver connects again every RECONNECT_S.
- The driver unpickles nothing of ours: tasks return None and raise nothing, messages are JSON and files are
  bytes. What remains is Dask's own: its protocol can carry pickles from the scheduler and, through it, from
  workers. Any process that can join a cluster can run code in the driver, as in every Client. TLS keeps
  others out.

Workers need this package, in the same version, and the same minor version of Python (workers.py).
"""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted, event_from_json
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.executors.dask.cluster import connect
from jupyter_tune.executors.dask.files import Arrivals
from jupyter_tune.executors.dask.host import BEAT_S, LEASE_S
from jupyter_tune.executors.dask.remote_host import RemoteHost
from jupyter_tune.executors.dask.session import Session
from jupyter_tune.executors.dask.workers import Workers, workers_of
from jupyter_tune.trials.files import trial_folder
from jupyter_tune.wire.frames import Message

CLOSE_S = 15.0
"""Seconds in which all workers end their trials."""
RECONNECT_S = 3.0
RESULT_S = 10.0
"""Seconds from the end of a task to the end of its attempt; the messages take another way."""
RESUBMIT_S = 1.0
PROBE = ".on-a-shared-disk"


@dataclass(eq=False)
class _Attempt:
    """A launched attempt that has not ended.

    nonce, future: of its task; none while it waits for a cluster that can run it.
    host, is_sent: the worker that has claimed it, and whether it has been sent there.
    halt:          a command that came between the two.
    """

    command: Launch
    nonce: str = ""
    future: Any = None
    watch: asyncio.Task[None] | None = None
    host: RemoteHost | None = None
    is_sent: bool = False
    halt: Halt | None = None

    @property
    def key(self) -> Key:
        return self.command.number, self.command.attempt


class DaskExecutor:
    """Runs attempts as tasks on a cluster.

    Args:
        cluster: its address and security (cluster.py).
        notice:  for users: text and level.

    Its Work takes the options of LocalExecutor, and `resources`: what a trial takes of a worker's, as
    {"GPU": 1}.
    """

    asks: type[Workers] = Workers

    def __init__(self, cluster: Message, notice: Callable[[str, str], None] = lambda text, level: None):
        self._cluster = cluster
        self._notice = notice
        self._client: Any = None
        self._session: Session | None = None
        self._work: Work | None = None
        self._asked: Message = {}
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self._attempts: dict[Key, _Attempt] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._beating: asyncio.Task[None] | None = None
        self._is_closing = False
        self._closing: asyncio.Task[None] | None = None
        self._all_closed = asyncio.Event()

    async def connect(self) -> int:
        """Connect. Returns the number of trials that the cluster can run at once now, at least 1.

        Raises OptionError if no scheduler answers.
        """
        if self._client is None:
            self._client = await connect(self._cluster)
        known = await workers_of(self._client)
        if not known:
            self._notice(
                f"the cluster at {self._cluster['address']} has no workers yet; trials wait for them", "info"
            )
        threads: int = sum(worker["nthreads"] for worker in known.values())
        return max(1, threads)

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        if not Path(work.payload).is_file():
            raise TuneError(f"{work.payload}: the data of the study's code is gone; run the cell again")
        Path(work.files).mkdir(parents=True, exist_ok=True)
        self._work, self._post = work, post
        probe, token = Path(work.files) / PROBE, secrets.token_hex(16)
        probe.write_text(token)
        status = os.stat(work.payload)
        self._asked = {
            "probe": str(probe),
            "token": token,
            "payload": work.payload,
            "version": [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns],
        }
        if self._client is None:
            await self.connect()
        try:
            await self._begin(work)
        except OSError as error:
            # the scheduler was lost since then: trials wait for it, as later
            assert self._session is not None
            self._spawn(self._reconnect(self._session, work, error))
        self._beating = self._spawn(self._beat())
        return ()

    def launch(self, command: Launch) -> None:
        attempt = self._attempts[command.number, command.attempt] = _Attempt(command)
        self._submit_soon(attempt)

    def acknowledge(self, fact: TrialFact) -> None:
        attempt = self._attempts.get((fact.number, fact.attempt))
        if isinstance(fact, TrialReported) and attempt is not None and attempt.host is not None:
            attempt.host.send("acknowledge", key=attempt.key)

    def recall(self, number: int, attempt: int) -> bool:
        # the cluster may have begun with it
        return False

    def halt(self, command: Halt) -> None:
        attempt = self._attempts.get((command.number, command.attempt))
        if attempt is None:
            return
        if attempt.host is None:
            self._end(attempt, command.state, command.reason)
        elif attempt.is_sent:
            attempt.host.halt(command)
        else:
            attempt.halt = command

    async def close(self) -> None:
        self._is_closing = True
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        # a second call waits too, and a caller that is cancelled cancels nothing
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._lose([each for each in self._attempts.values() if each.host is None], "the executor was closed")
        if self._session is not None and self._session.hosts:
            for host in self._session.hosts.values():
                host.send("close")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_closed.wait(), CLOSE_S)
        self._lose(list(self._attempts.values()), "the executor was closed")
        for task in self._tasks:
            task.cancel()
        if self._session is not None:
            await self._session.leave()
        elif self._client is not None:
            await self._client.close()
        if self._asked:
            Path(self._asked["probe"]).unlink(missing_ok=True)

    # the cluster

    async def _begin(self, work: Work) -> None:
        """Begin on a cluster that is connected, and submit the tasks of all attempts."""
        workers = self.asks(self._client, self._asked, self._notice)
        session = self._session = Session(self._client, work, workers, self._changed, LEASE_S)
        addresses = await session.begin()
        self._spawn(self._serve(session, work))
        for address in addresses:
            self._spawn(self._look_at(address))
        for attempt in self._attempts.values():
            self._submit_soon(attempt)

    async def _serve(self, session: Session, work: Work) -> None:
        try:
            async for message, body in session.received():
                try:
                    self._receive(session, message, body)
                except (LookupError, TypeError, ValueError, TuneError, OSError) as error:
                    self._notice(f"a message from the cluster was ignored: {error!r}", "error")
        except Exception as error:  # whatever Dask raises: of its own, of tornado, of the system
            if not self._is_closing:
                await self._reconnect(session, work, error)

    async def _reconnect(self, lost: Session, work: Work, error: Exception) -> None:
        scheduler = f"the Dask scheduler at {self._cluster['address']}"
        self._notice(f"{scheduler} is gone ({error!r}); trials wait until it is back", "error")
        self._session = None
        self._lose([each for each in self._attempts.values() if each.host], "the scheduler was lost")
        await lost.leave()
        while not self._is_closing:
            with suppress(OptionError, OSError):
                self._client = await connect(self._cluster)
                await self._begin(work)
                self._notice(f"{scheduler} answers again; the study goes on", "info")
                return
            await asyncio.sleep(RECONNECT_S)

    def _changed(self, action: str, address: str) -> None:
        if self._session is None:
            return
        if action == "add-worker":
            self._spawn(self._look_at(address))
            return
        self._session.workers.forget(address)
        for host in [each for each in self._session.hosts.values() if each.address == address]:
            self._lose_host(host, f"worker {host.kind.name} left the cluster")

    async def _look_at(self, address: str) -> None:
        """Ask a worker before its first trial, and submit what has waited for one like it."""
        if self._session is None:
            return
        with suppress(OSError):
            kind = await self._session.workers.ask(address)
            if not kind.refusal:
                for attempt in [each for each in self._attempts.values() if each.future is None]:
                    self._submit_soon(attempt)

    async def _beat(self) -> None:
        """Show the hosts that the driver lives, and see which of them do."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(BEAT_S, LEASE_S / 4))
            for host in list(self._session.hosts.values()) if self._session is not None else ():
                host.send("beat")
                if loop.time() - host.heard > LEASE_S:
                    self._lose_host(host, f"worker {host.kind.name} was silent for {LEASE_S:g} s")

    # tasks

    def _submit_soon(self, attempt: _Attempt) -> None:
        if attempt.watch is not None:
            attempt.watch.cancel()
        attempt.watch = self._spawn(self._run_task(attempt))

    async def _run_task(self, attempt: _Attempt) -> None:
        """Submit the task of an attempt, and again until a worker has claimed it; then see it end."""
        while self._is_current(attempt) and self._session is not None:
            session, nonce = self._session, secrets.token_hex(8)
            attempt.nonce = nonce
            attempt.future = await session.submit(nonce, attempt.command.avoid)
            if attempt.future is None:
                return  # _look_at submits it when there is a worker that may run it
            await session.ended(attempt.future)
            if attempt.host is not None:
                await asyncio.sleep(RESULT_S)
                self._lose([attempt], f"its task ended without a result ({attempt.future.status})")
                return
            attempt.nonce = ""  # a claim that comes now is void
            await asyncio.sleep(RESUBMIT_S)

    def _is_current(self, attempt: _Attempt) -> bool:
        return self._attempts.get(attempt.key) is attempt

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # messages

    def _receive(self, session: Session, message: Message, body: bytes) -> None:
        if message["type"] == "claim":
            self._spawn(self._claimed(session, message["host"], message["worker"], message["nonce"]))
            return
        host = session.hosts.get(message["host"])
        if host is None:
            return
        host.heard = asyncio.get_running_loop().time()
        match message["type"]:
            case "fact":
                self._fact(host, message)
            case "file":
                attempt = self._of(host, message["nonce"])
                if attempt is not None:
                    self._arrivals(attempt).take(message["file"], body)
            case "notice":
                self._notice(f"worker {host.kind.name}: {message['text']}", message["level"])
            case "broken":
                session.workers.refuse(host.address, message["error"])
                self._lose_host(host, message["error"])
            case "closed":
                self._forget_host(host)

    async def _claimed(self, session: Session, id: str, address: str, nonce: str) -> None:
        with suppress(OSError):  # the worker is gone
            host = await session.host(id, address)
            attempt = next((each for each in self._attempts.values() if each.nonce == nonce), None)
            if attempt is None or attempt.host is not None or host.kind.refusal or self._is_closing:
                host.send("void", nonce=nonce)
                return
            attempt.host = host
            await host.launch(nonce, attempt.command, functools.partial(self._is_current, attempt))
            attempt.is_sent = True
            if attempt.halt is not None:
                host.halt(attempt.halt)

    def _fact(self, host: RemoteHost, message: Message) -> None:
        attempt = self._of(host, message["nonce"])
        if attempt is None:
            return
        fact = event_from_json(message["event"])
        if not isinstance(fact, TrialFact) or (fact.number, fact.attempt) != attempt.key:
            return
        if isinstance(fact, TrialStarted):
            fact = replace(fact, slot=host.kind.slot_of(fact.slot), place=host.kind.name)
        if isinstance(fact, TrialEnded):
            self._forget(attempt)
        self._post(fact)

    def _of(self, host: RemoteHost, nonce: str) -> _Attempt | None:
        """The attempt that this host runs under `nonce`; None if it has ended, and then it ends there too."""
        for attempt in self._attempts.values():
            if attempt.nonce == nonce and attempt.host is host:
                return attempt
        host.send("void", nonce=nonce)
        return None

    def _arrivals(self, attempt: _Attempt) -> Arrivals:
        assert self._work is not None
        return Arrivals(trial_folder(self._work.files, attempt.command.number))

    # ends

    def _end(self, attempt: _Attempt, state: str, reason: str) -> None:
        self._forget(attempt)
        self._post(TrialEnded(*attempt.key, state=state, reason=reason))

    def _forget(self, attempt: _Attempt) -> None:
        """The attempt has ended. Its future is released, or Dask would run its task again with its worker
        lost."""
        self._attempts.pop(attempt.key, None)
        self._arrivals(attempt).close()
        if attempt.watch is not None and attempt.watch is not asyncio.current_task():
            attempt.watch.cancel()
        if attempt.future is not None:
            attempt.future.release()

    def _lose(self, attempts: list[_Attempt], reason: str) -> None:
        for attempt in attempts:
            if self._is_current(attempt):
                if attempt.host is not None:
                    attempt.host.send("void", nonce=attempt.nonce)
                self._end(attempt, LOST, reason)

    def _lose_host(self, host: RemoteHost, reason: str) -> None:
        self._lose([each for each in self._attempts.values() if each.host is host], reason)
        self._forget_host(host)

    def _forget_host(self, host: RemoteHost) -> None:
        if self._session is not None:
            self._session.hosts = {id: each for id, each in self._session.hosts.items() if each is not host}
            if not self._session.hosts:
                self._all_closed.set()
