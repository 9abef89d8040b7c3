"""The tasks of a study's loop: kept until they are done, and none fails unheard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """`notice`: tells users."""

    def __init__(self, notice: Callable[[str, str], None]):
        self._notice = notice
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._notice(f"internal error: {error!r}", "error")
            with contextlib.suppress(RuntimeError):  # the loop is closing
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "study loop", "exception": error}
                )
