"""The loop of a running study: one way round.

    inbox -> journal -> engine -> commands -> executor and sampler -> inbox

Laws:
- The inbox is touched only on the loop's thread. The sampler has a thread of its own (suggestions.py).
- A driver whose study was taken over while it was stopped ends, and records nothing.
- The end is recorded last, alone, when what is to be removed is: if a request came before it that gives more
  to do, the study goes on.
- A fact is handled, published and acknowledged only after it is committed. While the disk refuses, nothing is
  handled: launches pause by themselves and go on when there is room.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from jupyter_tune.core.commands import Close, Command, Halt, Launch, Resume, Suggest
from jupyter_tune.core.events import (
    BudgetChanged,
    Event,
    RangesNarrowed,
    Record,
    StopRequested,
    StudyEnded,
    StudyPaused,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialStarted,
)
from jupyter_tune.core.ports import Executor, Work
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import WAITING
from jupyter_tune.driver.found import gone_on_with
from jupyter_tune.driver.in_order import InOrder, end_of_waiting
from jupyter_tune.driver.outlook import Outlook
from jupyter_tune.driver.publisher import Publisher
from jupyter_tune.driver.quarantine import Quarantine
from jupyter_tune.driver.removal import Removal
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.driver.suggestions import Suggestions
from jupyter_tune.driver.tasks import Tasks
from jupyter_tune.errors import FencedError, JournalError, TuneError
from jupyter_tune.journal import BEAT_S, Journal
from jupyter_tune.registry import make_engine, within_bound

DISK_RETRY_S = 1.0

UNTIL_POWER_FAILS = (TrialReported, TrialStarted)
"""What need not be on the disk before the study goes on: if the machine dies, the attempt dies with it. A
TrialSuggested must: its number would be given to other params, beside the files of these."""


class StudyLoop:
    """`study` is the fold of `journal`, and the loop's from now on. `clock`: unix seconds."""

    def __init__(
        self,
        journal: Journal,
        study: Study,
        executor: Executor,
        work: Work,
        sampler_thread: SamplerThread,
        publisher: Publisher,
        clock: Callable[[], float] = time.time,
    ):
        self.journal = journal
        self.study = study
        self.work = work
        self._engine = make_engine(study)
        self._executor = executor
        self._publisher = publisher
        self._clock = clock
        self._inbox: list[Event] = []
        self._in_order = InOrder(study)
        self._quarantine = Quarantine(study, publisher.notice)
        self._end: StudyEnded | None = None
        self._planned: asyncio.Handle | None = None
        self._recorded = asyncio.Event()
        self._is_draining = self._is_closed = self._is_fenced = self._is_stuck = False
        self._tasks = Tasks(self.notice)
        at_once = partial(self.post, at_once=True)
        self._suggestions = Suggestions(self._engine, sampler_thread, at_once, self.notice)
        self._outlook = Outlook(study, sampler_thread, self._tasks, self.post, self.notice, clock)
        self._removal = Removal(study, work.files, self._tasks, self.post, self.notice, self._plan_drain)

    async def begin(self, first: Sequence[Event]) -> None:
        """Start, or go on; `first` are the facts to begin with."""
        try:
            found = await self._executor.open(self.work, self.post, self.study.adrift)
            # before any fact about them
            first = [*gone_on_with(found, self._engine, self._executor), *first]
        except (TuneError, OSError) as error:
            # a stop that came first has closed the executor while it opened
            if self.study.stop_reason is None:
                self._publisher.notice(str(error), "error")
                first = [*first, StopRequested(str(error))]
        self._outlook.begin()
        # it may have been stopped meanwhile, and have lost the study
        if not self._has_the_study():
            return
        self._tasks.spawn(self._beat())
        self._removal.begin()
        for event in first:
            self.post(event, at_once=True)
            # what happens next depends on all of them
            while self._inbox and not self._is_closed:
                self._recorded.clear()
                await self._recorded.wait()
        if not self._is_closed:
            for command in self._engine.go_on():
                self._do(command)

    async def _beat(self) -> None:
        """Give signs of life, for others to see that this driver has the study."""
        while not (self.study.is_ended or self._is_closed) and self._has_the_study():
            await asyncio.sleep(BEAT_S)

    def _has_the_study(self) -> bool:
        try:
            self.journal.beat()
        except FencedError as error:
            self._fenced(error)
            return False
        return True

    def _fenced(self, error: FencedError) -> None:
        if not self._is_closed:
            self._is_closed = self._is_fenced = True
            self._publisher.notice(str(error), "error")
            self._publisher.fenced()

    async def close(self) -> None:
        """End the trials and close the file. Nothing is recorded: as if killed."""
        self._is_closed = True
        self._suggestions.drop()
        self._tasks.cancel()
        await self._executor.close(taken_over=self._is_fenced)
        self.journal.close()

    # for requests

    @property
    def committed(self) -> int:
        """Trials that count against the budget, with those being suggested."""
        return self._engine.committed

    @property
    def promised(self) -> int:
        """`committed`, and what is enqueued."""
        return self._engine.committed + len(self._engine.unserved)

    def notice(self, text: str, level: str) -> None:
        """Tell all who follow the study."""
        self._publisher.notice(text, level)

    def bounded(self, settings: Settings) -> Settings:
        """`settings` with no more trials than the sampler has points, with a notice if those are fewer."""
        within, remark = within_bound(self.study.space, settings)
        if within != settings:
            self._publisher.notice(remark, "info")
        return within

    # facts

    def post(self, event: Event, *, at_once: bool = False) -> None:
        """Put a fact into the inbox. What arrives in one turn of the loop shares a commit.
        After the study's end, or `close`, nothing is recorded any more."""
        if self.study.is_ended or self._is_closed:
            return
        self._inbox.append(event)
        if at_once and not self._is_draining:
            self._drain()
        else:
            self._plan_drain()

    def settle(self) -> None:
        """Record what waits, for a request to be checked with it. Raises JournalError if the disk refuses."""
        self._drain()
        if self._inbox:
            raise self._no_change()

    def record(self, *events: Event) -> None:
        """Have these events recorded now, as a user requested.

        Raises: JournalError if the disk refuses; then they never are, as the user is told.
        """
        self._inbox += events
        self._drain()
        waiting = [event for event in self._inbox if not any(event is each for each in events)]
        if len(waiting) < len(self._inbox):
            self._inbox = waiting
            raise self._no_change()

    def _no_change(self) -> JournalError:
        return JournalError(
            f"{self.journal.path} cannot be written now, so that nothing can be changed; "
            "make room on its disk and try again"
        )

    def _plan_drain(self, delay_s: float = 0.0) -> None:
        if self._planned is None:
            loop = asyncio.get_running_loop()
            self._planned = loop.call_later(delay_s, self._drain) if delay_s else loop.call_soon(self._drain)

    def _drain(self) -> None:
        while self._drain_once():
            pass

    def _drain_once(self) -> bool:
        """Record what can be recorded now, and handle it. Returns whether more has waited for that."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        # one batch a turn: facts that follow from it come in the next, after other callbacks
        batch, later = self._in_order.next_of(self._inbox)
        if not batch and self._end is not None and self._engine.is_closing and not self._removal.is_busy:
            batch = [self._end]
        if not batch or self._is_closed or self.study.is_ended:
            self._inbox = [*later]
            return False
        self._is_draining = True
        try:
            if self.journal.put_back():
                text = f"{self.journal.path} was removed during the study; it has been written again"
                self._publisher.notice(text, "error")
            durable = not all(isinstance(event, UNTIL_POWER_FAILS) for event in batch)
            records = self.journal.append(batch, self._clock(), durable=durable)
            self._inbox = [*later]
            self._recorded.set()
            if self._is_stuck:
                self._is_stuck = False
                self._publisher.notice("the journal can be written again; the study goes on", "info")
            for record, text in zip(records, self.journal.texts, strict=True):
                self._handle(record)
                self._publisher.publish(record, text)
            if self._end is not None:
                self._plan_drain()
            # reports alone change nothing about which command comes next
            if not all(isinstance(event, TrialReported) for event in batch):
                self._suggestions.look_ahead()
                self._outlook.look()
                self._removal.look()
        except FencedError as error:
            self._fenced(error)
        except JournalError as error:
            if not self._is_stuck:
                self._is_stuck = True
                self._publisher.notice(
                    f"the journal cannot be written: {error}; trials wait until it can be", "error"
                )
            self._plan_drain(DISK_RETRY_S)
            return False
        finally:
            self._is_draining = False
        return bool(later)

    def _handle(self, record: Record) -> None:
        for command in self._engine.handle(record):
            self._do(command)
        if isinstance(record.event, (StudyPaused, BudgetChanged, RangesNarrowed)):
            self._decide_again()
        if isinstance(record.event, (TrialStarted, TrialReported, TrialEnded)):
            # after the commands: a halt overtakes the permission to go on
            self._executor.acknowledge(record.event)
        if isinstance(record.event, TrialEnded):
            self._suggestions.note_end(self.study.trials[record.event.number])
            self._quarantine.look()
        if isinstance(record.event, StudyEnded):
            # releases the lease: another driver may resume while this one still answers requests
            self.journal.close()
            self._tasks.spawn(self._executor.close())

    def _decide_again(self) -> None:
        """Take launches back that still wait for a slot, and give those that hold now."""
        for number, attempt in self._engine.launching:
            if self._executor.recall(number, attempt):
                self._engine.recalled(number, attempt)
        for command in self._engine.go_on():
            self._do(command)

    def _do(self, command: Command) -> None:
        match command:
            case Suggest():
                self._tasks.spawn(self._suggestions.suggest(command.number))
            case Launch():
                self._executor.launch(command)
            case Halt(number=number, attempt=attempt):
                self._in_order.note(command)
                waits = self.study.trials[number].state == WAITING
                if waits and not self._engine.is_launching(number):
                    self.post(end_of_waiting(self.study, command))
                else:
                    self._executor.halt(command)
            case Resume(number=number, attempt=attempt):
                self.post(TrialResumed(number, attempt))
            case Close():
                self._end = StudyEnded(command.reason)
                self._plan_drain()
