"""A study's connection to a cluster, as long as its scheduler lives: client, queues, workers, hosts."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from typing import Any

from jupyter_tune.core.ports import Work
from jupyter_tune.executors.dask import mail
from jupyter_tune.executors.dask.mail import Mail
from jupyter_tune.executors.dask.remote_host import RemoteHost
from jupyter_tune.executors.dask.task import key_of, run_attempt
from jupyter_tune.executors.dask.workers import WorkerKind, Workers, workers_of


class Session:
    """Makes tasks on a cluster, and knows the hosts that have claimed them.

    `hosts`: those that live, by their ids.

    Args:
        client:  an asynchronous Client that is connected; the session closes it.
        workers: what is known of the cluster's workers.
        changed: is called with add-worker or remove-worker, and the worker's address.
        lease_s: seconds of silence after which a host ends its trials.
    """

    def __init__(
        self,
        client: Any,
        work: Work,
        workers: Workers,
        changed: Callable[[str, str], None],
        lease_s: float,
    ):
        self.client = client
        self.topic = f"jupyter_tune-{secrets.token_hex(8)}"
        self.workers = workers
        self.hosts: dict[str, RemoteHost] = {}
        self._known: dict[str, RemoteHost] = {}
        self._work = work
        self._changed = changed
        self._lease_s = lease_s
        self._opening: set[asyncio.Task[None]] = set()

    async def begin(self) -> list[str]:
        """Make the queue for what workers send, and follow the cluster. Returns its workers' addresses."""
        await mail.create(self.client.scheduler, self._up)
        self.client.subscribe_topic("all", self._follow)
        return list(await workers_of(self.client))

    @property
    def _up(self) -> str:
        return f"{self.topic}-up"

    def received(self) -> AsyncIterator[Mail]:
        """The messages of all hosts. Raises what Dask raises when the scheduler is gone."""
        return mail.received(self.client.scheduler, self._up)

    async def submit(self, nonce: str, avoid: Collection[str]) -> Any:
        """The future of a new task; None if no worker may run it."""
        usable = await self.workers.usable(avoid)
        if usable == []:
            return None
        return self.client.submit(
            run_attempt,
            self.topic,
            nonce,
            key=key_of(nonce),
            retries=0,
            pure=False,
            resources=self._work.options.get("resources"),
            workers=usable,
        )

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

    async def host(self, id: str, address: str) -> RemoteHost:
        """The host of that id, which is opened at its first claim. Raises OSError, also as TimeoutError, if
        its worker is gone."""
        kind: WorkerKind = await self.workers.ask(address)
        host = self._known.get(id)
        if host is None:
            queue = f"{self.topic}-{id}"
            host = RemoteHost(self.client.scheduler, queue, address, kind, self._work, self._lease_s)
            self._known[id] = host
            if not kind.refusal:
                opening = asyncio.create_task(host.open())
                self._opening.add(opening)
                opening.add_done_callback(self._opening.discard)
        # one that was taken for dead has come back
        self.hosts[id] = host
        host.heard = asyncio.get_running_loop().time()
        return host

    def _follow(self, event: tuple[float, Any]) -> None:
        """Dask's log of the cluster."""
        _, what = event
        action, address = what.get("action"), what.get("worker")
        if action in ("add-worker", "remove-worker") and address:
            self._changed(action, address)

    async def leave(self) -> None:
        """Disconnect, and leave nothing on the scheduler."""
        for task in self._opening:
            task.cancel()
        for host in self._known.values():
            host.close()
        queues = [self._up, *(f"{self.topic}-{id}" for id in self._known)]
        with suppress(Exception):  # the scheduler may be gone, and then so are they
            self.client.unsubscribe_topic("all")
            for queue in queues:
                self.client._send_to_scheduler({"op": "queue_release", "name": queue})
        with suppress(Exception):
            await self.client.close()
