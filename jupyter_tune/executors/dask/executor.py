"""Runs trials on a Dask cluster: the driver's side. What runs on a worker is task.py and host.py.

    StudyLoop ──> executor.py ──> connection.py ──> session.py ──> remote_host.py ──> mail.py ──> the hosts
                      │                 └─> cluster.py   └─> workers.py (probe.py), term.py
                      ├─> tasks.py ─> attempts.py
                      └─> survivors.py      hosts that an earlier driver has left

    launch        a Dask task with a nonce; it waits at the scheduler until a worker has a free slot
    claim         a worker has begun the task: it is sent the attempt, once for each nonce
    facts         come as messages (mail.py), and are posted as they come

Laws:
- Every launch gets exactly one `ended`, and so does every attempt that goes on from an earlier driver. An
  attempt is lost when its worker leaves the cluster, when its host is silent for LEASE_S, when its task ends
  without a result, or when the scheduler is gone.
- A task that no worker has claimed is lost with nothing: it is submitted again. One that is claimed stays
  wanted on the cluster when the driver dies.
- While the scheduler is away, launches wait; the driver connects again every RECONNECT_S.
- The driver unpickles nothing of ours: tasks return None and raise nothing, messages are JSON and files are
  bytes. What remains is Dask's own: its protocol can carry pickles from the scheduler and, through it, from
  workers. Any process that can join a cluster can run code in the driver, as in every Client. TLS keeps
  others out.

Workers need this package, in the same version, and the same minor version of Python (workers.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.encoding import event_from_json
from jupyter_tune.core.events import TrialEnded, TrialStarted
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.errors import TuneError
from jupyter_tune.executors.dask.attempts import Attempt, Attempts
from jupyter_tune.executors.dask.connection import Connection
from jupyter_tune.executors.dask.files import Arrivals
from jupyter_tune.executors.dask.remote_host import RemoteHost
from jupyter_tune.executors.dask.session import Session
from jupyter_tune.executors.dask.survivors import survivors
from jupyter_tune.executors.dask.tasks import Tasks
from jupyter_tune.executors.dask.workers import Workers, question, room_on
from jupyter_tune.trials.files import trial_folder
from jupyter_tune.wire.frames import Message

CLOSE_S = 15.0
"""Seconds in which all workers end their trials."""


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
        self._notice = notice
        self._connection = Connection(cluster, notice, self)
        self._work: Work | None = None
        self._probe: Path | None = None
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self._attempts = Attempts()
        self._tasks = Tasks(self._connection, self._attempts, lambda each, why: self._lose([each], why))
        # their hosts wait for the acknowledgement of their ends
        self._ended: dict[Key, Attempt] = {}
        self._is_closing = False
        self._closing: asyncio.Task[None] | None = None
        self._all_closed = asyncio.Event()

    async def connect(self, resources: Mapping[str, float] | None = None) -> int:
        """Connect. Returns the number of trials that the cluster can run at once now, at least 1.

        Args: resources: what a trial takes of its worker's.
        Raises: OptionError if no scheduler answers.
        """
        known = await self._connection.connect()
        return max(1, sum(room_on(worker, resources or {}) for worker in known.values()))

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        if not Path(work.payload).is_file():
            raise TuneError(f"{work.payload}: the data of the study's code is gone; run the cell again")
        Path(work.files).mkdir(parents=True, exist_ok=True)
        self._work, self._post = work, post
        asked, self._probe = question(work)
        session = await self._connection.begin(work, self.asks, asked)
        found: list[Attempt] = []
        if session is not None:
            await self._name_what_lacks(session, work)
            found = await self._found(session, adrift) if session.term.number > 1 else []
        self._tasks.submit_all()
        # the last thing: what follows from it is posted after this returns
        for attempt in found:
            assert attempt.host is not None
            attempt.host.send("keep", nonce=attempt.nonce, recorded=adrift[attempt.key])
        return [attempt.key for attempt in found if attempt in self._attempts]

    async def _name_what_lacks(self, session: Session, work: Work) -> None:
        with suppress(OSError):  # the scheduler is gone
            if lacking := await session.workers.lacking(work.options.get("resources") or {}):
                self._notice(lacking, "error")

    async def _found(self, session: Session, adrift: Collection[Key]) -> list[Attempt]:
        """The attempts of an earlier driver that go on here."""
        found = []
        for survivor in await survivors(session.client, session.term):
            with suppress(OSError):  # the worker is gone
                host = await session.survivor(survivor)
                for nonce, key in survivor.attempts.items():
                    attempt = self._attempts.get(key) or Attempt(key)
                    if key not in adrift or attempt.host is not None:
                        host.send("void", nonce=nonce)
                        continue
                    self._tasks.adopt(session, attempt, nonce, host)
                    found.append(self._attempts.enter(attempt))
        return found

    def launch(self, command: Launch) -> None:
        key = command.number, command.attempt
        if self._attempts.get(key) is None:
            self._tasks.submit_soon(self._attempts.enter(Attempt(key, command)))

    def acknowledge(self, fact: TrialFact) -> None:
        key = fact.number, fact.attempt
        attempt = self._ended.get(key) or self._attempts.get(key)
        if attempt is not None and attempt.host is not None:
            attempt.host.send("acknowledge", nonce=attempt.nonce)
        if isinstance(fact, TrialEnded):
            self._ended.pop(key, None)

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

    async def close(self, *, taken_over: bool = False) -> None:
        self._is_closing = True
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(taken_over))
        # a second call waits too, and a caller that is cancelled cancels nothing
        await asyncio.shield(self._closing)

    async def _close(self, taken_over: bool) -> None:
        self._connection.begin_to_close()
        if not taken_over:
            await self._end_all()
        await self._connection.close(taken_over=taken_over)
        if self._probe is not None and not taken_over:
            self._probe.unlink(missing_ok=True)

    async def _end_all(self) -> None:
        self._lose(self._attempts.on(None), "the executor was closed")
        session = self._connection.session
        if session is not None and session.hosts:
            for host in session.hosts.values():
                host.send("close")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_closed.wait(), CLOSE_S)
        self._lose(list(self._attempts), "the executor was closed")

    # messages

    def begun(self) -> None:
        self._tasks.submit_all()

    def worker_joined(self) -> None:
        self._tasks.submit_waiting()

    def receive(self, session: Session, message: Message, body: bytes) -> None:
        """Take a message of a host (host.py)."""
        if message["type"] == "claim":
            id, address, nonce = message["host"], message["worker"], message["nonce"]
            self._connection.spawn(self._claimed(session, id, address, nonce))
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
                if attempt is not None and not session.term.is_over:
                    self._arrivals(attempt).take(message["file"], body)
            case "notice":
                self._notice(f"worker {host.kind.name}: {message['text']}", message["level"])
            case "broken":
                session.workers.refuse(host.address, message["error"])
                self.lose_host(host, message["error"])
            case "closed":
                self._forget_host(host)

    async def _claimed(self, session: Session, id: str, address: str, nonce: str) -> None:
        with suppress(OSError):  # the worker is gone
            host = await session.host(id, address)
            attempt = self._attempts.of(nonce)
            if attempt is None or attempt.host is not None or host.kind.refusal or self._is_closing:
                host.send("void", nonce=nonce)
                return
            assert attempt.command is not None
            attempt.host = host
            session.keep(attempt.future)
            await host.launch(nonce, attempt.command, lambda: attempt in self._attempts)
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
            slot, place, versions = host.kind.slot_of(fact.slot), host.kind.name, host.kind.versions
            fact = replace(fact, slot=slot, place=place, versions=versions)
        if isinstance(fact, TrialEnded):
            self._ended[attempt.key] = attempt
            self._forget(attempt)
        self._post(fact)

    def _of(self, host: RemoteHost, nonce: str) -> Attempt | None:
        """The attempt that this host runs under `nonce`; None if it has ended, and then it ends there too."""
        attempt = self._attempts.of(nonce)
        if attempt is not None and attempt.host is host:
            return attempt
        host.send("void", nonce=nonce)
        return None

    def _arrivals(self, attempt: Attempt) -> Arrivals:
        assert self._work is not None
        return Arrivals(trial_folder(self._work.files, attempt.key[0]))

    # ends

    def _end(self, attempt: Attempt, state: str, reason: str) -> None:
        self._forget(attempt)
        self._post(TrialEnded(*attempt.key, state=state, reason=reason))

    def _forget(self, attempt: Attempt) -> None:
        """The attempt has ended."""
        self._attempts.remove(attempt)
        session = self._connection.session
        if session is not None and not session.term.is_over:
            self._arrivals(attempt).close()
        self._tasks.forget(attempt)

    def _lose(self, attempts: list[Attempt], reason: str) -> None:
        for attempt in attempts:
            if attempt in self._attempts:
                if attempt.host is not None:
                    attempt.host.send("void", nonce=attempt.nonce)
                self._end(attempt, LOST, reason)

    def lose_all(self, reason: str) -> None:
        self._lose(self._attempts.claimed(), reason)

    def lose_host(self, host: RemoteHost, reason: str) -> None:
        """It is gone, and so are its attempts."""
        self._lose(self._attempts.on(host), reason)
        self._forget_host(host)

    def _forget_host(self, host: RemoteHost) -> None:
        session = self._connection.session
        if session is not None:
            session.hosts = {id: each for id, each in session.hosts.items() if each is not host}
            if not session.hosts:
                self._all_closed.set()
