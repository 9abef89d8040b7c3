"""The loop of a running study: one way round.

    inbox -> journal -> engine -> commands -> executor and sampler -> inbox

Laws:
- The inbox is touched only on the loop's thread; the sampler thinks in a thread of its own, on
  a snapshot, one suggestion at a time, so that each knows those before it. While none is asked
  for, the next may be thought of ahead (lookahead.py).
- A fact is handled, shown and acknowledged only after it is committed. While the disk refuses,
  nothing is handled: launches pause by themselves and go on when there is room.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from jupyter_tune.core.commands import Close, Command, Halt, Launch, Resume, Suggest
from jupyter_tune.core.engine import trial_seed
from jupyter_tune.core.events import (
    Event,
    Record,
    StopRequested,
    StudyEnded,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.ports import Executor, Sampler, Work
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.stopping import timeout_reached
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import WAITING
from jupyter_tune.driver.lookahead import Lookahead
from jupyter_tune.errors import JournalError, TuneError
from jupyter_tune.journal import Journal
from jupyter_tune.registry import make_engine, make_sampler, within_bound
from jupyter_tune.samplers.random import RandomSampler

DISK_RETRY_S = 1.0

Result = TypeVar("Result")


class Audience(Protocol):
    """Whoever is told what happens: the driver's clients."""

    def show(self, record: Record) -> None: ...

    def notice(self, text: str, level: str) -> None: ...


class Thinker:
    """The one thread in which samplers and landscapes are computed, in the order of asking."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sampler")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="warm")
        self._samplers: dict[str, Sampler] = {}
        self.took_s = 0.0
        """How long the sampler took for its last suggestion."""

    async def run(self, function: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    async def warm(self, sampler: str) -> None:
        """Load what `sampler` needs, in a thread beside: no other sampler waits for it."""
        await asyncio.get_running_loop().run_in_executor(self._beside, make_sampler, sampler)

    def think(self, study: Study, command: Suggest) -> Future[tuple[Params, str]]:
        """Begin, or queue, a suggestion by the study's sampler. `study` is the thread's from now on."""
        return self._thread.submit(self._suggest, study, command)

    def _suggest(self, study: Study, command: Suggest) -> tuple[Params, str]:
        sampler, seed = self.sampler(study.settings.sampler), trial_seed(study.settings.seed, command.number)
        began = time.monotonic()
        suggestion = sampler.suggest(study, command, seed)
        self.took_s = time.monotonic() - began
        return suggestion

    def sampler(self, name: str) -> Sampler:
        """The sampler of that name; called in the thread, as loading it may take seconds."""
        if name not in self._samplers:
            self._samplers[name] = make_sampler(name)
        return self._samplers[name]


class StudyLoop:
    """`study` is the fold of `journal`, and the loop's from now on."""

    def __init__(
        self,
        journal: Journal,
        study: Study,
        executor: Executor,
        work: Work,
        thinker: Thinker,
        audience: Audience,
    ):
        self.journal = journal
        self.study = study
        self.work = work
        self._engine = make_engine(study)
        self._executor = executor
        self._thinker = thinker
        self._audience = audience
        self._inbox: list[Event] = []
        self._is_draining = self._drain_is_planned = self._is_closed = self._is_stuck = False
        self._ahead = Lookahead(thinker.think)
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, first: Sequence[Event]) -> None:
        """Start, or go on; `first` are the facts to begin with."""
        try:
            await self._executor.open(self.work, self.post)
        except TuneError as error:
            # a stop that came first has closed the executor while it opened
            if self.study.stop_reason is None:
                self._audience.notice(str(error), "error")
                first = [*first, StopRequested(str(error))]
        timeout_s = self.study.settings.timeout_s
        if timeout_s is not None:
            asyncio.get_running_loop().call_later(timeout_s, self.post, timeout_reached(timeout_s))
        for event in first:
            if isinstance(event, TrialAdded):
                event = TrialAdded(self._engine.next_number, event.params, event.value)
            self.post(event, at_once=True)
        for command in self._engine.go_on():
            self._do(command)

    async def close(self) -> None:
        """End the trials and let go of the file. Nothing is recorded: as if killed."""
        self._is_closed = True
        self._ahead.drop()
        for task in self._tasks:
            task.cancel()
        await self._executor.close()
        self.journal.close()

    # what requests ask of it

    @property
    def committed(self) -> int:
        """Trials that count against the budget, with those in the making."""
        return self._engine.committed

    @property
    def promised(self) -> int:
        """`committed`, with what is enqueued."""
        return self._engine.committed + len(self._engine.unserved)

    def bounded(self, settings: Settings) -> Settings:
        """`settings` with no more trials than the sampler has points; if those are fewer, it is said."""
        within, remark = within_bound(self.study.space, settings)
        if within != settings:
            self._audience.notice(remark, "info")
        return within

    # the way of a fact

    def post(self, event: Event, *, at_once: bool = False) -> None:
        """Put a fact into the inbox. What arrives in one turn of the loop shares a commit.
        After the study's end, or `close`, nothing is recorded any more."""
        if self.study.is_ended or self._is_closed:
            return
        self._inbox.append(event)
        if at_once and not self._is_draining:
            self._drain()
        elif not self._drain_is_planned:
            self._drain_is_planned = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        self._drain_is_planned = False
        # one batch a turn: what it gives rise to comes in the next, after whoever else waits
        batch = list(self._inbox)
        if not batch or self._is_closed or self.study.is_ended:
            return
        self._is_draining = True
        try:
            if self.journal.put_back():
                text = f"{self.journal.path} was removed during the study; it has been written again"
                self._audience.notice(text, "error")
            durable = any(not isinstance(event, TrialReported) for event in batch)
            records = self.journal.append(batch, time.time(), durable=durable)
            self._inbox.clear()
            if self._is_stuck:
                self._is_stuck = False
                self._audience.notice("the journal can be written again; the study goes on", "info")
            for record in records:
                self._handle(record)
            if durable:  # reports alone change nothing about which command comes next
                self._look_ahead()
        except JournalError as error:
            if not self._is_stuck:
                self._is_stuck = True
                self._audience.notice(
                    f"the journal cannot be written: {error}; trials wait until it can be", "error"
                )
            self._drain_is_planned = True
            asyncio.get_running_loop().call_later(DISK_RETRY_S, self._drain)
        finally:
            self._is_draining = False

    def _handle(self, record: Record) -> None:
        for command in self._engine.handle(record):
            self._do(command)
        if isinstance(record.event, (TrialStarted, TrialReported, TrialEnded)):
            # after the commands: a halt overtakes the permission to go on
            self._executor.acknowledge(record.event)
        if isinstance(record.event, TrialEnded):
            self._ahead.note(self.study.trials[record.event.number])
        if isinstance(record.event, StudyEnded):
            # lets go of the lease: another driver may resume while this one still answers questions
            self.journal.close()
        self._audience.show(record)

    def _do(self, command: Command) -> None:
        match command:
            case Suggest():
                self._spawn(self._suggest(command.number))
            case Launch():
                self._executor.launch(command)
            case Halt(number=number, attempt=attempt):
                waits = self.study.trials[number].state == WAITING
                if waits and not self._engine.is_launching(number):
                    self.post(TrialEnded(number, attempt, command.state, reason=command.reason))
                else:
                    self._executor.halt(command)
            case Resume(number=number, attempt=attempt):
                self.post(TrialResumed(number, attempt))
            case Close():
                self.post(StudyEnded(command.reason))
                self._spawn(self._executor.close())

    # the way of a suggestion

    async def _suggest(self, number: int) -> None:
        async with self._one_at_a_time:
            command, params, source, revision = await self._think(number)
            suggestion = TrialSuggested(number, params, source, revision, command.enqueued)
            # at once: the next suggestion counts this one among the pending
            self.post(suggestion, at_once=True)

    async def _think(self, number: int) -> tuple[Suggest, Params, str, int]:
        while True:
            command, revision = self._engine.command_for(number), self.study.revision
            if command.source == "default":
                return command, self.study.ranges.defaults(), command.source, revision
            params, source = await self._propose(self.study.snapshot(), command)
            # nothing drawn from ranges that moved meanwhile may start, nor what was withdrawn
            if revision == self.study.revision and command is self._engine.command_for(number):
                return command, params, command.source or source, revision

    async def _propose(self, study: Study, command: Suggest) -> tuple[Params, str]:
        thought = self._ahead.take(command, study.revision) or self._thinker.think(study, command)
        try:
            return await asyncio.wrap_future(thought)
        except Exception as error:
            # a numerical failure of the model must not end a night's work
            self._audience.notice(
                f"sampler {study.settings.sampler} failed on trial {command.number} ({error!r}); "
                "its parameters were drawn at random",
                "error",
            )
            return RandomSampler().suggest(study, command, trial_seed(study.settings.seed, command.number))

    def _look_ahead(self) -> None:
        """Once all that was asked for runs, have the sampler think of what comes next, if anything."""
        if self._engine.is_starting_trials:
            return
        command = self._engine.upcoming()
        if command is None:
            self._ahead.drop()
        else:
            self._ahead.prepare(self.study, command, self._thinker.took_s)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._audience.notice(f"internal error: {error!r}", "error")
            with contextlib.suppress(RuntimeError):  # the loop is closing
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "study loop", "exception": error}
                )
