"""What the handlers share: threads for what would wait, and the events of the studies.

Studies are watched from the first request on, for as long as anybody listens: an event that nothing takes
ends the watch, and the next request begins it again, as pages ask anew after they have reconnected.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_events import EventLogger

if TYPE_CHECKING:
    from jupyter_tune.server.studies import Studies

Result = TypeVar("Result")

SCHEMA_ID = "https://schema.jupyter-tune.org/study/v1"

SCHEMA = {
    "$id": SCHEMA_ID,
    "version": "1",
    "title": "A hyperparameter study has changed",
    "description": "A study under the server's root has changed, or its file is gone.",
    "personal-data": False,
    "type": "object",
    "required": ["action", "path", "row"],
    "properties": {
        "action": {"enum": ["changed", "deleted"], "title": "Action"},
        "path": {"type": "string", "title": "File", "description": "Relative to the server's root."},
        "row": {
            "type": ["object", "null"],
            "title": "Row",
            "description": "How it stands, as GET jupyter-tune/api/studies lists it; null if it is gone.",
        },
    },
}

THREADS = 8

CONNECTING_S = 10.0
"""Seconds after a request in which the page that made it may still be connecting to the event bus."""


class Service:
    """Of one server. Args: hidden: whether it serves files whose names begin with a dot."""

    def __init__(self, root: str, events: EventLogger, *, hidden: bool):
        self._root = root
        self._hidden = hidden
        self._events = events
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="jupyter_tune server")
        self._studies: Studies | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked_at = 0.0

    async def run(self, act: Callable[[Studies], Result]) -> Result:
        """The result of `act`, which may wait: it is called on a thread."""
        self._loop = asyncio.get_running_loop()
        self._asked_at = time.monotonic()
        return await self._loop.run_in_executor(self._threads, lambda: act(self._ready()))

    def _ready(self) -> Studies:
        # imported by the first request, on its thread: the server's start does not wait for it
        from jupyter_tune.server.studies import Studies

        if self._studies is None:
            self._studies = Studies(Path(self._root), self._tell, hidden=self._hidden)
        return self._studies

    def _tell(self, data: dict[str, Any]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._emit, data)

    def _emit(self, data: dict[str, Any]) -> None:
        taken = self._events.emit(schema_id=SCHEMA_ID, data=data)
        is_connecting = time.monotonic() - self._asked_at < CONNECTING_S
        if taken is None and not is_connecting and self._studies is not None:
            self._studies.rest()
