"""A study's facts beside its records, so that a list of studies reads none of them.

The driver writes them every now and then and at the end, as JSON text with the number of the record up to
which they hold. They follow from the records: a file without them, of an earlier version, or whose driver was
killed before it wrote them anew, is read as a whole. So they are no part of the format, and copies of a study
may lack them.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_tune.journal.damage import is_damage
from jupyter_tune.journal.sqlite_file import reading

_TABLE = "CREATE TABLE IF NOT EXISTS overview (id INTEGER PRIMARY KEY, seq INTEGER, facts TEXT)"
# not by a driver that another one has taken the study over from
_WRITE = "INSERT OR REPLACE INTO overview SELECT 0, ?1, ?2 WHERE (SELECT max(seq) FROM records) = ?1"
_READ = "SELECT seq, facts FROM overview WHERE id = 0"
# by the primary key: no row is read but one
_LAST = "SELECT seq, at FROM records ORDER BY seq DESC LIMIT 1"


class Facts(NamedTuple):
    """Facts that hold up to record `seq`; `last`, `last_at`: number and time of the last record there is."""

    seq: int
    last: int
    last_at: float
    facts: Any


def write_facts(connection: sqlite3.Connection, seq: int, facts: Any) -> None:
    """Replace the facts in a file that this process writes. Raises: sqlite3.Error."""
    # each statement is a transaction
    connection.execute(_TABLE)
    connection.execute(_WRITE, (seq, json.dumps(facts, allow_nan=False)))


def read_facts(path: Path) -> Facts | None:
    """The facts of the study in `path`; None where there are none to read.

    Raises: JournalError as `read_records`.
    """
    with reading(path) as connection:
        try:
            row = connection.execute(_READ).fetchone()
            last, last_at = connection.execute(_LAST).fetchone() or (None, None)
            seq, text = row or (None, None)
            facts = json.loads(text) if isinstance(text, str) else None
        except (sqlite3.Error, UnicodeDecodeError, ValueError, RecursionError) as error:
            # what is wrong with the file is said by who reads the records
            if isinstance(error, sqlite3.Error) and not is_damage(error):
                raise
            return None
    if not (isinstance(seq, int) and isinstance(last, int) and isinstance(last_at, float)):
        return None
    return Facts(seq, last, last_at, facts)
