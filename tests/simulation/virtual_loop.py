"""An event loop in which time is a number: it jumps to the next timer when nothing is left to do now.

Several processes live on one loop. What a process starts belongs to it (its tasks, timers and callbacks, told
by their context), so that a process can be killed between any two callbacks, or in the middle of one by
raising Killed. A process that is stopped (SIGSTOP) keeps what is due until it goes on.

Nothing else is waited for: no socket, thread or clock. So one program has one history.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVarTuple

Args = TypeVarTuple("Args")


class Killed(SystemExit):
    """Ends the process that runs now, as SIGKILL would: asyncio and `except Exception` let it through."""


class Violation(SystemExit):
    """Something that must never happen has happened. It ends the simulation at once."""


class Process:
    """What dies together. `died`: called after it was killed."""

    def __init__(self, loop: VirtualLoop, name: str, died: Callable[[], None] = lambda: None):
        self.name = name
        self.is_alive = True
        self._loop = loop
        self._died = died
        self._is_stopped = False
        self._held: list[asyncio.Handle] = []
        loop.processes.append(self)
        self._context = contextvars.copy_context()
        self._context.run(_PROCESS.set, self)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._loop.create_task(work, context=self._context.copy())

    def call_later(self, delay_s: float, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
        """Have the process call that: how a message reaches it."""
        return self._loop.call_later(delay_s, callback, *args, context=self._context.copy())

    def kill(self) -> None:
        if self.is_alive:
            self.is_alive = False
            self._died()

    def stop(self) -> None:
        """Nothing of it runs until `go_on`."""
        self._is_stopped = True

    def go_on(self) -> None:
        self._is_stopped = False
        self._loop.run_next(self.held())

    @property
    def runs(self) -> bool:
        return self.is_alive and not self._is_stopped

    def holds(self, handle: asyncio.Handle) -> bool:
        """Whether it does not run this handle now: it is dead or stopped."""
        if self.runs:
            return False
        self._held.append(handle)
        return True

    def held(self) -> list[asyncio.Handle]:
        """The handles that it did not run, from now on the caller's."""
        held, self._held = self._held, []
        return held


_PROCESS: contextvars.ContextVar[Process] = contextvars.ContextVar("process")


class VirtualLoop(asyncio.BaseEventLoop):
    """A loop whose clock begins at 0. An error that no one handles ends it as a Violation."""

    # of BaseEventLoop, which has no types for them
    _ready: Any
    _scheduled: Any

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._is_closing = False
        self.processes: list[Process] = []
        # the tasks of dead processes too: their `finally` must not run while the simulation does
        self._all_tasks: list[asyncio.Task[Any]] = []
        self.set_task_factory(self._new_task)

    def time(self) -> float:
        return self._now

    def block(self, seconds: float) -> None:
        """Advance the clock by `seconds`, the duration of a call that blocks the loop."""
        self._now += seconds

    def run_next(self, handles: list[asyncio.Handle]) -> None:
        self._ready.extend(handles)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run until `work` is done, then cancel all that is left."""
        try:
            self.run_until_complete(work)
        finally:
            self._is_closing = True
            for process in self.processes:
                self.run_next(process.held())
            while left := [task for task in self._all_tasks if not task.done()]:
                for task in left:
                    task.cancel()
                self.run_until_complete(asyncio.wait(left))
            self._ready.clear()
            self._scheduled.clear()
            self.close()

    def _new_task(self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
        self._all_tasks.append(task)
        return task

    def _run_once(self) -> None:
        """One turn, as BaseEventLoop has it, but for the wait."""
        timers = self._scheduled
        while timers and (timers[0].cancelled() or not self._ready):
            timer = heapq.heappop(timers)
            timer._scheduled = False
            if not timer.cancelled():
                self._now = max(self._now, timer.when())
                self._ready.append(timer)
        while timers and timers[0].when() <= self._now:
            timer = heapq.heappop(timers)
            timer._scheduled = False
            self._ready.append(timer)
        if not self._ready:
            raise Violation("nothing is left to happen, and something is waited for")
        for _ in range(len(self._ready)):
            handle = self._ready.popleft()
            if not handle.cancelled():
                self._run_handle(handle)

    def _run_handle(self, handle: Any) -> None:
        process = handle._context.get(_PROCESS)
        if process is not None and not self._is_closing and process.holds(handle):
            return
        try:
            handle._run()
        except Killed:
            if process is not None:
                process.kill()
        except Violation:
            if not self._is_closing:
                raise

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self._is_closing:
            return
        error = context.get("exception")
        raise Violation(f"{context['message']}: {error!r}") from error

    def call_soon_threadsafe(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def _asyncgen_finalizer_hook(self, agen: Any) -> None:
        """A generator that a killed process has left: collected, not finished."""

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled timers are dropped when their time comes."""

    def _write_to_self(self) -> None:
        """There is no other thread that would have to wake the loop."""
