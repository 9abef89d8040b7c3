"""The inbox of a running study: the facts that wait, and how they are recorded. loop.py has the laws."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from jupyter_tune.core.events import Event, Record, StudyEnded, TrialReported, TrialStarted
from jupyter_tune.core.study import Study
from jupyter_tune.driver.in_order import InOrder
from jupyter_tune.driver.overviews import Overviews
from jupyter_tune.driver.publisher import Publisher
from jupyter_tune.errors import FencedError, JournalError
from jupyter_tune.journal import Journal

DISK_RETRY_S = 1.0

UNTIL_POWER_FAILS = (TrialReported, TrialStarted)
"""What need not be on the disk before the study goes on: if the machine dies, the attempt dies with it. A
TrialSuggested must: its number would be given to other params, beside the files of these."""


class Recording(ABC):
    """Records facts in `journal`, and hands each on once it is committed.

    `_end` is recorded when nothing else waits, and `_may_end` allows it.
    """

    def __init__(self, journal: Journal, study: Study, publisher: Publisher, clock: Callable[[], float]):
        self.journal = journal
        self.study = study
        self._publisher = publisher
        self._clock = clock
        self._inbox: list[Event] = []
        self._in_order = InOrder(study)
        self._overviews = Overviews(journal, study, clock)
        self._end: StudyEnded | None = None
        self._planned: asyncio.Handle | None = None
        self._recorded = asyncio.Event()
        self._is_draining = self._is_closed = self._is_stuck = False

    @abstractmethod
    def _handle(self, record: Record) -> None:
        """A record is committed: fold it, and do what follows from it."""

    @abstractmethod
    def _look(self) -> None:
        """More than reports are committed and handled."""

    @abstractmethod
    def _may_end(self) -> bool:
        """Whether the end still holds, and nothing has to come before it."""

    @abstractmethod
    def _fenced(self, error: FencedError) -> None:
        """Another driver has the study."""

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
        if not batch and self._end is not None and self._may_end():
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
                self._look()
            self._overviews.look()
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
