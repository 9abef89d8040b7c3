"""An engine to which a test tells events, and pruners that always answer the same."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.commands import Command
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialStarted,
)
from jupyter_tune.core.ports import Pruner
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.pruners.none import NoPruner
from tests.core.studies import SPACE, suggested


class Desk:
    """An engine, and the records it was given: `tell` records an event and gives the answer."""

    def __init__(self, pruner: Pruner | None = None, **settings: Any):
        self._record = Record(1, 0.0, StudyOpened("test", SPACE, Settings("score", **settings)))
        self.engine = Engine(Study.fold([self._record]), pruner or NoPruner())
        self.first = self.engine.go_on()

    def tell(self, *events: Event) -> list[Command]:
        """The answer to the last of `events`."""
        answer: list[Command] = []
        for event in events:
            self._record = Record(self._record.seq + 1, self._record.at + 1, event)
            answer = self.engine.handle(self._record)
        return answer

    def run(
        self, number: int, state: str = COMPLETE, value: float | None = 0.5, error: str = "", reason: str = ""
    ) -> list[Command]:
        """A whole trial, from suggestion to end."""
        value = value if state == COMPLETE else None
        end = TrialEnded(number, 1, state, value, reason=reason, error=error)
        return self.tell(suggested(number), TrialStarted(number, 1), end)


class Never:
    """A pruner that stops every trial, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def prune_reason(self, study: Study, number: int) -> str:
        self.asked += 1
        return "too slow"

    def resumes(self, study: Study) -> list[int]:
        return []


class Always(Never):
    def prune_reason(self, study: Study, number: int) -> str:
        self.asked += 1
        return ""


class Again(Always):
    """A pruner that would have every pruned trial go on, the last one first."""

    def resumes(self, study: Study) -> list[int]:
        return sorted(study.resumable, reverse=True)
