"""Waiting for a study: in a notebook's cell, in a script, and on an event loop that is running."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Generator
from typing import Any

from jupyter_tune.client.followed_study import FollowedStudy

# an interrupt is noticed between two such waits
_SLICE_S = 0.2


class AwaitedStudy(FollowedStudy):
    """A study whose end can be waited for."""

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the end of the study and of its loggers, or at most `timeout` seconds; the caller's own
        asyncio tasks go on meanwhile. An interrupt ends the wait, not the study."""
        try:
            loop = _running_loop()
            if loop is None:
                self._wait_blocking(timeout)
            else:
                # the kernel's loop is running already: nest-asyncio2 lets it turn inside this call
                import nest_asyncio2

                nest_asyncio2.apply(loop)
                loop.run_until_complete(self._wait_on(loop, timeout))
        except KeyboardInterrupt:
            self._say_that_it_goes_on()
            raise

    def _wait_blocking(self, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self.is_settled:
                left = _SLICE_S if deadline is None else min(_SLICE_S, deadline - time.monotonic())
                if left <= 0:
                    return
                self._changed.wait(left)

    async def _wait_on(self, loop: asyncio.AbstractEventLoop, timeout: float | None) -> None:
        over = asyncio.Event()

        def look() -> None:
            if self.is_settled:
                with contextlib.suppress(RuntimeError):  # the loop was closed under a wait
                    loop.call_soon_threadsafe(over.set)

        unwatch = self.watch(look)
        look()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), timeout)
        finally:
            unwatch()

    def __await__(self) -> Generator[Any, None, None]:
        return self._awaited().__await__()

    async def _awaited(self) -> None:
        # gives nothing back: `await study` as a cell's last line would show the study once more
        try:
            await self._wait_on(asyncio.get_running_loop(), None)
        except (asyncio.CancelledError, KeyboardInterrupt):
            # a kernel turns an interrupt into a cancellation
            self._say_that_it_goes_on()
            raise

    def _say_that_it_goes_on(self) -> None:
        print(f"The wait was interrupted; study {self.name!r} goes on. study.stop() ends it.")


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
