"""The decisions of a study, taken again from its records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from jupyter_tune.core.commands import Command
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    AttemptsFound,
    DriverStarted,
    Record,
    StudyOpened,
    TrialAdded,
    TrialEnqueued,
)
from jupyter_tune.core.study import Study
from jupyter_tune.registry import first_rung, make_engine


class Decisions:
    """The deciding part of a study's drivers, one after the other."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.engine: Engine

    @property
    def study(self) -> Study:
        return self.engine.study

    def begin(self, facts: Sequence[Record]) -> None:
        """A driver opens the study or takes it over; its engine has seen no command of an earlier one."""
        self.records += facts
        self.engine = make_engine(Study.fold(self.records, first_rung))

    def handle(self, record: Record) -> list[Command]:
        self.records.append(record)
        return self.engine.handle(record)


def taken_again(records: Sequence[Record]) -> Iterator[tuple[Decisions, Record, list[Command]]]:
    """Each record with the commands that follow it.

    A driver begins with records of one time, that open the study or take it over and are folded before there
    is an engine; found attempts and enqueued values come next, and are handled; before schema 7 results from
    elsewhere too.
    """
    decisions = Decisions()
    opened = records[0].event
    added = [TrialAdded] if isinstance(opened, StudyOpened) and opened.schema < 7 else []
    handled = (AttemptsFound, TrialEnqueued, *added)
    for session in _sessions(records):
        at_once = [record for record in session if record.at == session[0].at]
        folded = [record for record in at_once if not isinstance(record.event, handled)]
        rest = session[len(folded) :]
        first = len(folded) + len(list(takewhile(lambda each: isinstance(each.event, handled), rest)))
        decisions.begin(folded)
        for place, record in enumerate(session, 1):
            commands = decisions.handle(record) if place > len(folded) else []
            if place == first:
                commands += decisions.engine.go_on()
            yield decisions, record, commands


def _sessions(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records of each driver."""
    starts = [i for i, record in enumerate(records) if isinstance(record.event, (StudyOpened, DriverStarted))]
    for start, end in pairwise([*starts, len(records)]):
        yield records[start:end]
