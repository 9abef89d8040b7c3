"""The decisions of a study, taken again from its records.

A golden journal is two text files: NAME.records has the records as clients get them, one JSON text a line
([seq, at, event], with the event as the journal's file holds it); NAME.commands has what the engine commanded
after each record that had it command anything. Text, because a changed decision is then a line of a diff;
that the journal's file can still be read is asked of one SQLite file beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from jupyter_tune.core.commands import Close, Command, Halt, Launch, Resume, Suggest
from jupyter_tune.core.encoding import event_to_text, record_from_json, record_text
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

FOLDER = Path(__file__).parent


def read_golden(name: str) -> list[Record]:
    lines = (FOLDER / f"{name}.records").read_text().splitlines()
    return [record_from_json(json.loads(line)) for line in lines]


def text_of_record(record: Record) -> str:
    return record_text(record.seq, record.at, event_to_text(record.event))


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


def replay(records: Sequence[Record]) -> Iterator[tuple[Decisions, Record, list[Command]]]:
    """Each record with the commands that follow it.

    A driver begins with records of one time: those that open the study or take it over are folded before
    there is an engine; found attempts and enqueued values are handled, and before schema 7 results from
    elsewhere too.
    """
    decisions = Decisions()
    schema = records[0].event.schema if isinstance(records[0].event, StudyOpened) else 0
    for session in _sessions(records):
        first = [record for record in session if record.at == session[0].at]
        handled = (AttemptsFound, TrialEnqueued, *([TrialAdded] if schema < 7 else []))
        folded = [record for record in first if not isinstance(record.event, handled)]
        decisions.begin(folded)
        for place, record in enumerate(session, 1):
            commands = decisions.handle(record) if place > len(folded) else []
            if place == len(first):
                commands += decisions.engine.go_on()
            yield decisions, record, commands


def _sessions(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records of each driver."""
    starts = [i for i, record in enumerate(records) if isinstance(record.event, (StudyOpened, DriverStarted))]
    for start, end in pairwise([*starts, len(records)]):
        yield records[start:end]


def commands_text(records: Sequence[Record]) -> str:
    """The content of NAME.commands for these records."""
    lines = []
    for _, record, commands in replay(records):
        if commands:
            lines.append(f"{record.seq} {type(record.event).__name__}")
            lines += [f"    {text_of(command)}" for command in commands]
    return "".join(f"{line}\n" for line in lines)


def text_of(command: Command) -> str:
    match command:
        case Suggest(number, None):
            return f"suggest {number}"
        case Suggest(number, given, source, enqueued):
            record = "" if enqueued is None else f" of record {enqueued}"
            return f"suggest {number} {source} {json.dumps(given)}{record}"
        case Launch(number, attempt, params, seed, resumed_from, workers):
            step = f" from step {resumed_from}" if resumed_from else ""
            return f"launch {number}.{attempt} {json.dumps(params)} seed {seed} workers {workers}{step}"
        case Halt(number, attempt, state, reason):
            return f"halt {number}.{attempt} {state}: {reason}"
        case Resume(number, attempt):
            return f"resume {number}.{attempt}"
        case Close(reason):
            return f"close: {reason}"
