"""The decisions of a study, taken again from its records.

A golden journal is two text files: NAME.records has the records as clients get them, one JSON text a line
([seq, at, event], with the event as the journal's file holds it); NAME.commands has what the engine commanded
after each record that had it command anything. Text, because a changed decision is then a line of a diff;
that the journal's file can still be read is asked of one SQLite file beside them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from jupyter_tune.core.commands import Close, Command, EndSearch, Halt, Launch, Resume, Suggest
from jupyter_tune.core.encoding import event_to_text, record_from_json, record_text
from jupyter_tune.core.events import Record
from jupyter_tune.driver.decisions import taken_again

FOLDER = Path(__file__).parent


def read_golden(name: str) -> list[Record]:
    lines = (FOLDER / f"{name}.records").read_text().splitlines()
    return [record_from_json(json.loads(line)) for line in lines]


def text_of_record(record: Record) -> str:
    return record_text(record.seq, record.at, event_to_text(record.event))


def commands_text(records: Sequence[Record]) -> str:
    """The content of NAME.commands for these records."""
    lines = []
    for _, record, commands in taken_again(records):
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
        case Resume(number, attempt, afresh):
            return f"resume {number}.{attempt}" + " afresh" * afresh
        case EndSearch(reason):
            return f"end of the search: {reason}"
        case Close(reason):
            return f"close: {reason}"
