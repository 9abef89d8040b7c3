"""The loop of a running study: one way round.

    inbox -> journal -> engine -> commands -> executor and sampler -> inbox

The inbox and its way to the journal are in recording.py.

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

from jupyter_tune.core.commands import Close, Command, EndSearch, Halt, Launch, Resume, Suggest
from jupyter_tune.core.events import (
    BudgetChanged,
    Event,
    RangesNarrowed,
    Record,
    SearchEnded,
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
from jupyter_tune.driver.in_order import end_of_waiting
from jupyter_tune.driver.outlook import Outlook
from jupyter_tune.driver.publisher import Publisher
from jupyter_tune.driver.quarantine import Quarantine
from jupyter_tune.driver.recording import Recording
from jupyter_tune.driver.removal import Removal
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.driver.suggestions import Suggestions
from jupyter_tune.driver.tasks import Tasks
from jupyter_tune.errors import FencedError, TuneError
from jupyter_tune.journal import BEAT_S, Journal
from jupyter_tune.registry import make_engine, within_bound


class StudyLoop(Recording):
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
        super().__init__(journal, study, publisher, clock)
        self.work = work
        self._engine = make_engine(study)
        self._executor = executor
        self._quarantine = Quarantine(study, publisher.notice)
        self._is_fenced = False
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
        self._overviews.look()
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
        self._overviews.cancel()
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

    # for what is recorded (recording.py)

    def _may_end(self) -> bool:
        return self._engine.is_closing and not self._removal.is_busy

    def _look(self) -> None:
        self._suggestions.look_ahead()
        self._outlook.look()
        self._removal.look()

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
            self._overviews.write()
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
            case Resume(number, attempt, afresh):
                self.post(TrialResumed(number, attempt, afresh))
            case EndSearch(reason=reason):
                self.post(SearchEnded(reason))
                self.notice(f"{reason}; the best trials are measured again before the study ends", "info")
            case Close():
                self._end = StudyEnded(command.reason)
                self._plan_drain()
