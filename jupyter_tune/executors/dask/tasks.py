"""The Dask tasks of the driver's attempts: each is submitted until a worker has claimed it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from jupyter_tune.executors.dask.attempts import Attempt, Attempts
from jupyter_tune.executors.dask.connection import Connection
from jupyter_tune.executors.dask.remote_host import RemoteHost
from jupyter_tune.executors.dask.session import Session

RESULT_S = 10.0
"""Seconds from the end of a task to the end of its attempt; the messages take another way."""
RESUBMIT_S = 1.0


class Tasks:
    """Args: lose: ends a claimed attempt whose task has ended, with the reason."""

    def __init__(self, connection: Connection, attempts: Attempts, lose: Callable[[Attempt, str], None]):
        self._connection = connection
        self._attempts = attempts
        self._lose = lose

    def submit_soon(self, attempt: Attempt) -> None:
        if attempt.watch is not None:
            attempt.watch.cancel()
        attempt.watch = self._connection.spawn(self._run(attempt))

    def submit_all(self) -> None:
        """Submit what waits for a scheduler, again if it was known to another one."""
        for attempt in self._attempts.on(None):
            self.submit_soon(attempt)

    def submit_waiting(self) -> None:
        """Submit what no worker could run until now."""
        for attempt in self._attempts.on(None):
            if attempt.future is None:
                self.submit_soon(attempt)

    def adopt(self, session: Session, attempt: Attempt, nonce: str, host: RemoteHost) -> None:
        """Go on with the task that an earlier driver has submitted for this attempt."""
        self.forget(attempt)
        self._attempts.name(attempt, nonce)
        attempt.host, attempt.is_sent = host, True
        attempt.future = session.adopt(nonce)
        attempt.watch = self._connection.spawn(self._see_end(session, attempt))

    def forget(self, attempt: Attempt) -> None:
        """The attempt needs its task no more."""
        if attempt.watch is not None and attempt.watch is not asyncio.current_task():
            attempt.watch.cancel()
        if attempt.future is not None and self._connection.session is not None:
            self._connection.session.release(attempt.future)

    async def _run(self, attempt: Attempt) -> None:
        """Submit the task of an attempt, and again until a worker has claimed it; then see it end."""
        assert attempt.command is not None
        while attempt in self._attempts and (session := self._connection.session) is not None:
            nonce = secrets.token_hex(8)
            self._attempts.name(attempt, nonce)
            attempt.future = await session.submit(nonce, attempt.command.avoid)
            if attempt.future is None:
                return  # it waits for a worker that may run it
            await self._see_end(session, attempt)
            self._attempts.name(attempt, "")  # a claim that comes now is void
            await asyncio.sleep(RESUBMIT_S)

    async def _see_end(self, session: Session, attempt: Attempt) -> None:
        """Wait for the end of a task. If it was claimed, its attempt ends too."""
        await session.ended(attempt.future)
        if attempt.host is not None:
            await asyncio.sleep(RESULT_S)
            self._lose(attempt, f"its task ended without a result ({attempt.future.status})")
