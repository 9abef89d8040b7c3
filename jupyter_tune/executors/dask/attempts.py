"""The driver's attempts that have not ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.ports import Key
from jupyter_tune.executors.dask.remote_host import RemoteHost


@dataclass(eq=False)
class Attempt:
    """command:       None for one that an earlier driver has launched.
    nonce, future: of its task; none while it waits for a cluster that can run it.
    watch:         has the task submitted, and sees it end.
    host, is_sent: the worker that has claimed it, and whether it has been sent there.
    halt:          a command that came between the two.
    """

    key: Key
    command: Launch | None = None
    nonce: str = ""
    future: Any = None
    watch: asyncio.Task[None] | None = None
    host: RemoteHost | None = None
    is_sent: bool = False
    halt: Halt | None = None


class Attempts:
    """Those that have not ended, by trial and attempt."""

    def __init__(self) -> None:
        self._all: dict[Key, Attempt] = {}
        self._by_nonce: dict[str, Attempt] = {}

    def __iter__(self) -> Iterator[Attempt]:
        return iter(list(self._all.values()))

    def __contains__(self, attempt: Attempt) -> bool:
        return self._all.get(attempt.key) is attempt

    def get(self, key: Key) -> Attempt | None:
        return self._all.get(key)

    def enter(self, attempt: Attempt) -> Attempt:
        self._all[attempt.key] = attempt
        return attempt

    def name(self, attempt: Attempt, nonce: str) -> None:
        """Its task has this nonce now; "" for none."""
        self._by_nonce.pop(attempt.nonce, None)
        attempt.nonce = nonce
        if nonce:
            self._by_nonce[nonce] = attempt

    def remove(self, attempt: Attempt) -> None:
        self._all.pop(attempt.key, None)
        self._by_nonce.pop(attempt.nonce, None)

    def on(self, host: RemoteHost | None) -> list[Attempt]:
        """Those that this host has claimed; None for those that none has."""
        return [attempt for attempt in self if attempt.host is host]

    def claimed(self) -> list[Attempt]:
        return [attempt for attempt in self if attempt.host is not None]

    def of(self, nonce: str) -> Attempt | None:
        return self._by_nonce.get(nonce)
