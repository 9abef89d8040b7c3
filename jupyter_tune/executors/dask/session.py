"""A term of a driver on a cluster (term.py), as long as its scheduler lives: client, queues, workers, hosts.

driver   TOPIC-up    <-  all hosts
host     TOPIC-HOST  <-  the driver
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from typing import Any

from jupyter_tune.core.ports import Work
from jupyter_tune.executors.dask import mail
from jupyter_tune.executors.dask.mail import Mail
from jupyter_tune.executors.dask.remote_host import RemoteHost
from jupyter_tune.executors.dask.survivors import Survivor
from jupyter_tune.executors.dask.task import key_of, run_attempt
from jupyter_tune.executors.dask.term import Term
from jupyter_tune.executors.dask.workers import WorkerKind, Workers, workers_of

FORGET = "fire-and-forget"
"""A client by that name wants a task until it ends (distributed.fire_and_forget)."""


class Session:
    """Makes tasks on a cluster, and knows the hosts that have claimed them.

    `hosts`: those that live, by their ids.

    Args:
        client:  an asynchronous Client that is connected; the session closes it.
        workers: what is known of the cluster's workers.
        changed: is called with add-worker or remove-worker, and the worker's address.
    """

    def __init__(
        self,
        client: Any,
        term: Term,
        work: Work,
        workers: Workers,
        changed: Callable[[str, str], None],
    ):
        self.client = client
        self.term = term
        self.workers = workers
        self.hosts: dict[str, RemoteHost] = {}
        self._known: dict[str, RemoteHost] = {}
        self._work = work
        self._changed = changed
        self._opening: set[asyncio.Task[None]] = set()

    async def begin(self) -> list[str]:
        """Make the queue for what hosts send, and follow the cluster. Returns its workers' addresses."""
        await mail.create(self.client.scheduler, self._up)
        self.client.subscribe_topic("all", self._follow)
        return list(await workers_of(self.client))

    @property
    def _up(self) -> str:
        return f"{self.term.topic}-up"

    def received(self) -> AsyncIterator[Mail]:
        """The messages of all hosts. Raises what Dask raises when the scheduler is gone."""
        return mail.received(self.client.scheduler, self._up)

    # tasks

    async def submit(self, nonce: str, avoid: Collection[str]) -> Any:
        """The future of a new task; None if no worker may run it."""
        usable = await self.workers.usable(avoid)
        if usable == []:
            return None
        return self.client.submit(
            run_attempt,
            self.term.study,
            self.term.number,
            self.term.topic,
            nonce,
            key=key_of(nonce),
            retries=0,
            pure=False,
            resources=self._work.options.get("resources"),
            workers=usable,
        )

    def adopt(self, nonce: str) -> Any:
        """The future of the task that an earlier driver has submitted."""
        from distributed import Future

        key = key_of(nonce)
        self._tell("client-desires-keys", keys=[key], client=self.client.id)
        return Future(key, self.client)

    def keep(self, future: Any) -> None:
        """Have the cluster run this task although the driver may end."""
        self._tell("client-desires-keys", keys=[future.key], client=FORGET)

    def release(self, future: Any) -> None:
        """Its attempt has ended. Else Dask would run the task again with its worker lost."""
        future.release()
        if not self.term.is_over:
            self._tell("client-releases-keys", keys=[future.key], client=FORGET)

    def _tell(self, op: str, **fields: Any) -> None:
        with suppress(Exception):  # of a client that is closed: then the scheduler is gone, or we are
            self.client._send_to_scheduler({"op": op, **fields})

    async def ended(self, future: Any) -> None:
        """Wait until a task has ended, however it did."""
        from distributed import wait

        try:
            with self.client.as_current():
                ended = wait([future])
            await ended
        except asyncio.CancelledError:
            # of the task by others; of ourselves it goes on
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
        except Exception:
            return  # it failed: what matters is whether it was claimed

    # hosts

    async def host(self, id: str, address: str) -> RemoteHost:
        """The host of that id, which is opened at its first claim. Raises OSError, also as TimeoutError, if
        its worker is gone."""
        kind = await self.workers.ask(address)
        if id not in self._known:
            host = self._meet(id, address, kind)
            if not kind.refusal:
                opening = asyncio.create_task(host.open())
                self._opening.add(opening)
                opening.add_done_callback(self._opening.discard)
        # one that was taken for dead has come back
        return self._heard_of(id)

    async def survivor(self, found: Survivor) -> RemoteHost:
        """The host of an earlier term. Raises OSError, also as TimeoutError, if its worker is gone."""
        self._meet(found.id, found.address, await self.workers.ask(found.address))
        for queue in (f"{found.before}-up", f"{found.before}-{found.id}"):
            self._tell("queue_release", name=queue)
        return self._heard_of(found.id)

    def _meet(self, id: str, address: str, kind: WorkerKind) -> RemoteHost:
        queue = f"{self.term.topic}-{id}"
        host = self._known[id] = RemoteHost(self.client.scheduler, queue, address, kind, self._work)
        return host

    def _heard_of(self, id: str) -> RemoteHost:
        host = self.hosts[id] = self._known[id]
        host.heard = asyncio.get_running_loop().time()
        return host

    def _follow(self, event: tuple[float, Any]) -> None:
        """Dask's log of the cluster."""
        _, what = event
        action, address = what.get("action"), what.get("worker")
        if action in ("add-worker", "remove-worker") and address:
            self._changed(action, address)

    async def leave(self, *, taken_over: bool = False) -> None:
        """Disconnect, and leave nothing on the scheduler.

        Args: taken_over: hosts may still use the queues, until another driver has them use its own.
        """
        for task in self._opening:
            task.cancel()
        for host in self._known.values():
            host.close()
        with suppress(Exception):  # the scheduler may be gone, and then so is the subscription
            self.client.unsubscribe_topic("all")
        if not taken_over:
            for queue in [self._up, *(f"{self.term.topic}-{id}" for id in self._known)]:
                self._tell("queue_release", name=queue)
        with suppress(Exception):
            await self.client.close()
