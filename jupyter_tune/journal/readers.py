"""What stands in a study's file: read beside its driver, up to the first damage."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_tune.core.encoding import event_from_json, record_text
from jupyter_tune.core.events import Record
from jupyter_tune.errors import JournalError, TuneError
from jupyter_tune.journal.damage import Row, each_row, rows_before_damage
from jupyter_tune.journal.folders import require_a_file, stem
from jupyter_tune.journal.lease import noted
from jupyter_tune.journal.refusals import WAY_OUT
from jupyter_tune.journal.sqlite_file import is_taken, reading


def read_records(path: Path, since: int = 0, notices: list[str] | None = None) -> list[Record]:
    """The records of a study after number `since`: `each_record` in a list."""
    return list(each_record(path, since, notices))


def each_record(path: Path, since: int = 0, notices: list[str] | None = None) -> Iterator[Record]:
    """The records of a study after number `since`, read beside a driver that may be writing, one at a
    time: together they take several times the memory of the study.

    Of a damaged file those before the damage, and a sentence about it goes into `notices` at the end.

    Raises: JournalError if there is no such file, it is no study, or from a newer version, or nothing
    of it can be read.
    """
    known, last = noted(path), since
    damage: list[str] = []
    with reading(path) as connection:
        for record in _each(connection, since, damage):
            yield record
            last = record.seq
    if not last:
        raise _unreadable(path)
    if notices is not None:
        said = damaged(path, last, *damage) if damage else lost(path, last, known)
        notices += [said] if said else []


def read_texts(path: Path, since: int = 0, most: int = -1) -> list[str]:
    """The records after number `since`, at most `most` (-1: all), each as the JSON text that clients get.

    Raises: JournalError as read_records.
    """
    with reading(path) as connection:
        rows, _ = rows_before_damage(connection, since, most)
        return [record_text(*row) for row in rows]


def is_study(path: Path, *, opened_at: float) -> bool:
    """Whether the study that was opened at this time is still the one in `path`."""
    if not path.exists():
        return False
    with reading(path) as connection:
        first = connection.execute("SELECT at FROM records WHERE seq = ?", (Record.FIRST,)).fetchone()
    return first is not None and first[0] == opened_at


def require_study(path: Path) -> None:
    """Raises JournalError if no study that this version can read stands there."""
    with reading(path) as connection:
        require_some(path, rows_before_damage(connection, 0, 1)[0])


def require_free(path: Path) -> None:
    """Raises JournalError if the path of a new study is taken, with the ways out."""
    require_a_file(path)
    if is_taken(path):
        require_study(path)
        raise JournalError(
            f"--name: study {stem(path)!r} exists already in {path.parent}; give another --name, "
            "--resume to go on with it, or --overwrite to replace it (its file is kept, dated)"
        )


def select(connection: sqlite3.Connection, since: int) -> tuple[list[Record], str]:
    """`_each` in a list, and what is wrong with the first that cannot be read."""
    damage: list[str] = []
    records = list(_each(connection, since, damage))
    return records, "".join(damage)


def _each(connection: sqlite3.Connection, since: int, damage: list[str]) -> Iterator[Record]:
    """The records after number `since` up to the first that cannot be read; what is wrong with it goes into
    `damage`."""
    for seq, at, text in each_row(connection, since, damage):
        try:
            record = Record(seq, at, event_from_json(json.loads(text)))
        # by its version all events are known here, so an unknown one is damage
        except (TuneError, ValueError, TypeError, KeyError, AttributeError) as error:
            damage.append(f"{type(error).__name__}: {error}")
            return
        yield record


def require_some(path: Path, records: Sequence[Record | Row]) -> None:
    if not records:
        raise _unreadable(path)


def _unreadable(path: Path) -> JournalError:
    return JournalError(
        f"{path} is damaged from its first record on; nothing of it can be recovered, {WAY_OUT}"
    )


def damaged(path: Path, readable: int, damage: str) -> str:
    return f"{path.name} is damaged after record {readable} ({damage}); the records before it were recovered"


def lost(path: Path, readable: int, known: int) -> str:
    """That there are fewer records than there have been, in a sentence; "" if there are not."""
    if readable >= known:
        return ""
    return (
        f"{path.name} has lost its last {known - readable} records, after record {readable}: "
        f"{path.name}-wal was damaged or removed, or the file is an older copy"
    )
