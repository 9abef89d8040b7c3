"""The driver's connection to a cluster: a session for as long as a scheduler lives, and then the next.

It tells the executor of messages, of workers that have come and of hosts that are lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from jupyter_tune.core.ports import Work
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.executors.dask.cluster import connect
from jupyter_tune.executors.dask.host import BEAT_S, LEASE_S
from jupyter_tune.executors.dask.remote_host import RemoteHost
from jupyter_tune.executors.dask.session import Session
from jupyter_tune.executors.dask.term import Term
from jupyter_tune.executors.dask.workers import Workers, workers_of
from jupyter_tune.wire.frames import Message

RECONNECT_S = 3.0


class Listener(Protocol):
    def receive(self, session: Session, message: Message, body: bytes) -> None: ...

    def worker_joined(self) -> None:
        """One that may run trials."""
        ...

    def lose_host(self, host: RemoteHost, reason: str) -> None: ...

    def lose_all(self, reason: str) -> None:
        """No host is left."""
        ...

    def begun(self) -> None:
        """There is a new session."""
        ...


class Connection:
    """Args: cluster: its address and security (cluster.py); notice: for users: text and level."""

    def __init__(self, cluster: Message, notice: Callable[[str, str], None], listener: Listener):
        self.session: Session | None = None
        self._cluster = cluster
        self._notice = notice
        self._listener = listener
        self._client: Any = None
        self._open: Callable[[Any], Session] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._beating: asyncio.Task[None] | None = None
        self._is_closing = False

    async def connect(self) -> dict[str, dict[str, Any]]:
        """Connect. Returns what workers_of does. Raises OptionError if no scheduler answers."""
        if self._client is None:
            self._client = await connect(self._cluster)
        known = await workers_of(self._client)
        if not known:
            self._notice(
                f"the cluster at {self._cluster['address']} has no workers yet; trials wait for them", "info"
            )
        return known

    async def begin(self, work: Work, asks: type[Workers], asked: Message) -> Session | None:
        """The first session of a study; None if the scheduler was lost since it was connected."""
        if self._client is None:
            await self.connect()

        def session(client: Any) -> Session:
            workers = asks(client, asked, self._notice)
            return Session(client, Term.begin(Path(work.files)), work, workers, self._changed)

        self._open = session
        self._beating = self.spawn(self._beat())
        first = session(self._client)
        try:
            await self._begin(first)
        except OSError as error:
            # trials wait for it, as later
            self.spawn(self._reconnect(first, error))
            return None
        return first

    async def _begin(self, session: Session) -> None:
        self.session = session
        addresses = await session.begin()
        self.spawn(self._serve(session))
        for address in addresses:
            self.spawn(self._look_at(address))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have this run until it ends, or the connection is closed."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _serve(self, session: Session) -> None:
        try:
            async for message, body in session.received():
                try:
                    self._listener.receive(session, message, body)
                except (LookupError, TypeError, ValueError, TuneError, OSError) as error:
                    self._notice(f"a message from the cluster was ignored: {error!r}", "error")
        except Exception as error:  # whatever Dask raises: of its own, of tornado, of the system
            # a driver whose study was taken over has nothing left to do here
            if not (self._is_closing or session.term.is_over):
                await self._reconnect(session, error)

    async def _reconnect(self, lost: Session, error: Exception) -> None:
        scheduler = f"the Dask scheduler at {self._cluster['address']}"
        self._notice(f"{scheduler} is gone ({error!r}); trials wait until it is back", "error")
        self.session = None
        self._listener.lose_all("the scheduler was lost")
        await lost.leave()
        while not self._is_closing:
            with suppress(OptionError, OSError):
                self._client = await connect(self._cluster)
                assert self._open is not None
                await self._begin(self._open(self._client))
                self._listener.begun()
                self._notice(f"{scheduler} answers again; the study goes on", "info")
                return
            await asyncio.sleep(RECONNECT_S)

    def _changed(self, action: str, address: str) -> None:
        if self.session is None:
            return
        if action == "add-worker":
            self.spawn(self._look_at(address))
            return
        self.session.workers.forget(address)
        for host in [each for each in self.session.hosts.values() if each.address == address]:
            self._listener.lose_host(host, f"worker {host.kind.name} left the cluster")

    async def _look_at(self, address: str) -> None:
        """Ask a worker before its first trial."""
        if self.session is None:
            return
        with suppress(OSError):
            kind = await self.session.workers.ask(address)
            if not kind.refusal:
                self._listener.worker_joined()

    async def _beat(self) -> None:
        """Show the hosts that the driver lives, and see which of them do."""
        loop = asyncio.get_running_loop()
        pause_s = min(BEAT_S, LEASE_S / 4)
        while True:
            began = loop.time()
            await asyncio.sleep(pause_s)
            if loop.time() - began > LEASE_S / 2 and self.session is not None:
                # this process was stopped, and what hosts have sent meanwhile waits to be read
                for host in self.session.hosts.values():
                    host.heard = loop.time()
            for host in list(self.session.hosts.values()) if self.session is not None else ():
                host.send("beat")
                if loop.time() - host.heard > LEASE_S:
                    self._listener.lose_host(host, f"worker {host.kind.name} was silent for {LEASE_S:g} s")

    async def close(self, *, taken_over: bool) -> None:
        """Args: taken_over: another driver may go on with the hosts."""
        for task in self._tasks:
            task.cancel()
        if self.session is not None:
            await self.session.leave(taken_over=taken_over)
            if not taken_over:
                self.session.term.end()
        elif self._client is not None:
            await self._client.close()

    def begin_to_close(self) -> None:
        """Connect to no other scheduler."""
        self._is_closing = True
