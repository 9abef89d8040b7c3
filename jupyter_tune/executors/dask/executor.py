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
  workers. So whoever may join a cluster may run code in the driver, as in every Client. TLS keeps others out.

Workers need this package, in the same version, and the same minor version of Python (workers.py).
"""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted, event_from_json
from jupyter_tune.core.ports import TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.executors.dask import mail
from jupyter_tune.executors.dask.cluster import connect
from jupyter_tune.executors.dask.files import Arrivals
from jupyter_tune.executors.dask.host import BEAT_S, LEASE_S
from jupyter_tune.executors.dask.remote_host import RemoteHost
from jupyter_tune.executors.dask.task import key_of, run_attempt
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

Key = tuple[int, int]


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
        self._topic = ""
        self._work: Work | None = None
        self._asked: Message = {}
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self._workers: Workers | None = None
        self._attempts: dict[Key, _Attempt] = {}
        self._hosts: dict[str, RemoteHost] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._serving: asyncio.Task[None] | None = None
        self._is_closing = False
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

    async def open(self, work: Work, post: Callable[[TrialFact], None]) -> None:
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
        await self.connect()
        await self._begin()
        self._spawn(self._watch_hosts())

    def launch(self, command: Launch) -> None:
        attempt = self._attempts[command.number, command.attempt] = _Attempt(command)
        self._submit_soon(attempt)

    def acknowledge(self, fact: TrialFact) -> None:
        attempt = self._attempts.get((fact.number, fact.attempt))
        if isinstance(fact, TrialReported) and attempt is not None and attempt.host is not None:
            attempt.host.send("acknowledge", key=attempt.key)

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
        if not self._is_closing and self._client is not None:
            self._is_closing = True
            for attempt in [each for each in self._attempts.values() if each.host is None]:
                self._end(attempt, LOST, "the executor was closed")
            for host in self._hosts.values():
                host.send("close")
            with suppress(TimeoutError):
                if self._hosts:
                    await asyncio.wait_for(self._all_closed.wait(), CLOSE_S)
            self._lose(list(self._attempts.values()), "the executor was closed")
            await self._leave()
            for task in self._tasks:
                task.cancel()
            if self._asked:
                Path(self._asked["probe"]).unlink(missing_ok=True)

    # the connection

    async def _begin(self) -> None:
        """Begin on a cluster that is connected: queues, subscription, the tasks of all attempts."""
        self._topic = f"jupyter_tune-{secrets.token_hex(8)}"
        self._workers = self.asks(self._client, self._asked, self._notice)
        await mail.create(self._client.scheduler, self._up)
        self._client.subscribe_topic("all", self._cluster_changed)
        self._serving = self._spawn(self._serve())
        for address in await workers_of(self._client):
            self._spawn(self._look_at(address))

    @property
    def _up(self) -> str:
        return f"{self._topic}-up"

    async def _serve(self) -> None:
        try:
            async for message, body in mail.received(self._client.scheduler, self._up):
                try:
                    self._receive(message, body)
                except (LookupError, TypeError, ValueError, TuneError, OSError) as error:
                    self._notice(f"a message from the cluster was ignored: {error!r}", "error")
        except Exception as error:  # whatever Dask raises: of its own, of tornado, of the system
            if not self._is_closing:
                self._spawn(self._reconnect(error))

    async def _reconnect(self, error: Exception) -> None:
        address = self._cluster["address"]
        self._notice(
            f"the Dask scheduler at {address} is gone ({error!r}); trials wait until it is back",
            "error",
        )
        await self._leave()
        self._lose([each for each in self._attempts.values() if each.host], "the scheduler was lost")
        while not self._is_closing:
            with suppress(OptionError):
                self._client = await connect(self._cluster)
                await self._begin()
                self._notice(f"the Dask scheduler at {address} answers again; the study goes on", "info")
                for attempt in list(self._attempts.values()):
                    self._submit_soon(attempt)
                return
            await asyncio.sleep(RECONNECT_S)

    async def _leave(self) -> None:
        """Disconnect, and leave nothing on the scheduler."""
        client, self._client = self._client, None
        for host in self._hosts.values():
            host.close()
        queues = [self._up, *(f"{self._topic}-{host}" for host in self._hosts)]
        self._hosts.clear()
        if self._serving is not None and self._serving is not asyncio.current_task():
            self._serving.cancel()
        with suppress(Exception):  # the scheduler may be gone, and then so are they
            client.unsubscribe_topic("all")
            for queue in queues:
                client._send_to_scheduler({"op": "queue_release", "name": queue})
        with suppress(Exception):
            await client.close()

    def _cluster_changed(self, event: tuple[float, Any]) -> None:
        """Dask's log of the cluster: a worker has come or gone."""
        _, what = event
        action, address = what.get("action"), what.get("worker")
        if action == "add-worker" and address:
            self._spawn(self._look_at(address))
        elif action == "remove-worker" and address:
            self._lose_worker(address)

    async def _look_at(self, address: str) -> None:
        """Ask a worker before its first trial, and submit what has waited for one like it."""
        assert self._workers is not None
        with suppress(OSError, TimeoutError):
            kind = await self._workers.ask(address)
            if not kind.refusal:
                for attempt in [each for each in self._attempts.values() if each.future is None]:
                    self._submit_soon(attempt)

    async def _watch_hosts(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(BEAT_S, LEASE_S / 4))
            for host in list(self._hosts.values()):
                host.send("beat")
                if loop.time() - host.heard > LEASE_S:
                    self._lose_host(host, f"worker {host.kind.name} was silent for {LEASE_S:g} s")

    # tasks

    def _submit_soon(self, attempt: _Attempt) -> None:
        attempt.watch = self._spawn(self._run_task(attempt))

    async def _run_task(self, attempt: _Attempt) -> None:
        """Submit the task of an attempt, and again until a worker has claimed it; then see it end."""
        while self._is_current(attempt) and self._client is not None and self._workers is not None:
            usable = await self._workers.usable(attempt.command.avoid)
            if usable == []:
                attempt.future = None  # _look_at submits it when there is a worker
                return
            attempt.nonce = secrets.token_hex(8)
            attempt.future = self._client.submit(
                run_attempt,
                self._topic,
                attempt.nonce,
                key=key_of(attempt.nonce),
                retries=0,
                pure=False,
                resources=self._work.options.get("resources") if self._work else None,
                workers=usable,
            )
            await _finished(self._client, attempt.future)
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

    def _receive(self, message: Message, body: bytes) -> None:
        host = self._hosts.get(message["host"])
        if host is not None:
            host.heard = asyncio.get_running_loop().time()
        match message["type"]:
            case "claim":
                self._spawn(self._claimed(message["host"], message["worker"], message["nonce"]))
            case "fact":
                self._fact(host, message)
            case "file":
                attempt = self._of(host, message["nonce"])
                if attempt is not None:
                    self._arrivals(attempt).take(message["file"], body)
            case "broken" if host is not None:
                self._notice(f"worker {host.kind.name}: {message['error']}", "error")
                self._lose_host(host, message["error"])
            case "closed":
                self._hosts.pop(message["host"], None)
                if not self._hosts:
                    self._all_closed.set()

    async def _claimed(self, id: str, address: str, nonce: str) -> None:
        assert self._workers is not None
        assert self._work is not None
        with suppress(OSError, TimeoutError):  # of a worker that is gone
            kind = await self._workers.ask(address)
            host = self._hosts.get(id)
            if host is None:
                queue = f"{self._topic}-{id}"
                host = RemoteHost(self._client.scheduler, queue, address, kind, self._work, LEASE_S)
                host.heard = asyncio.get_running_loop().time()
                self._hosts[id] = host
                if not kind.refusal:
                    self._spawn(host.open())
            attempt = next((each for each in self._attempts.values() if each.nonce == nonce), None)
            if attempt is None or attempt.host is not None or kind.refusal:
                host.send("void", nonce=nonce)
                return
            attempt.host = host
            await host.launch(nonce, attempt.command, functools.partial(self._is_current, attempt))
            attempt.is_sent = True
            if attempt.halt is not None:
                host.halt(attempt.halt)

    def _fact(self, host: RemoteHost | None, message: Message) -> None:
        attempt = self._of(host, message["nonce"])
        if attempt is None or attempt.host is None:
            return
        fact = event_from_json(message["event"])
        if not isinstance(fact, TrialFact) or (fact.number, fact.attempt) != attempt.key:
            return
        if isinstance(fact, TrialStarted):
            fact = replace(fact, slot=attempt.host.kind.slot_of(fact.slot))
        if isinstance(fact, TrialEnded):
            self._forget(attempt)
        self._post(fact)

    def _of(self, host: RemoteHost | None, nonce: str) -> _Attempt | None:
        """The attempt that this host runs under `nonce`; None if it has ended, and then it ends there too."""
        for attempt in self._attempts.values():
            if attempt.nonce == nonce and attempt.host is host and host is not None:
                return attempt
        if host is not None:
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

    def _lose_worker(self, address: str) -> None:
        if self._workers is not None:
            self._workers.forget(address)
        for host in [each for each in self._hosts.values() if each.address == address]:
            self._lose_host(host, f"worker {host.kind.name} left the cluster")

    def _lose_host(self, host: RemoteHost, reason: str) -> None:
        self._lose([each for each in self._attempts.values() if each.host is host], reason)
        self._hosts = {id: each for id, each in self._hosts.items() if each is not host}
        if not self._hosts:
            self._all_closed.set()


async def _finished(client: Any, future: Any) -> None:
    """Wait until the task has ended, however it did."""
    from distributed import wait

    try:
        with client.as_current():
            ended = wait([future])
        await ended
    except asyncio.CancelledError:
        # of the task by others; of ourselves it goes on
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
    except Exception:
        return  # it failed: what matters is whether it was claimed
