"""The SQLite file of a study: made, opened, and known as one of ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jupyter_tune.core.events import SCHEMA
from jupyter_tune.errors import JournalError
from jupyter_tune.journal.damage import Row, read_cut_files
from jupyter_tune.journal.folders import require_a_file
from jupyter_tune.journal.refusals import ANOTHER_NAME, as_journal_error, foreign

# "jtun": distinguishes a study from another SQLite file
APPLICATION_ID = 0x6A74756E

# no index: rows are only ever added at the end and read in order
INSERT = "INSERT INTO records VALUES (?, ?, ?)"
UNFINISHED = ".new"
_TABLE = "CREATE TABLE records (seq INTEGER PRIMARY KEY, at REAL NOT NULL, event TEXT NOT NULL)"


def new_file(path: Path, rows: Iterable[Row]) -> None:
    """A study file of these rows, put in its place whole: who is killed meanwhile leaves what was there."""
    unfinished = path.with_name(path.name + UNFINISHED)
    unfinished.unlink(missing_ok=True)
    with closing(connect(unfinished, "rwc")) as connection:
        # no journal of its own, which would be left beside it
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN")
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.executemany(INSERT, rows)
        connection.execute("COMMIT")
    os.replace(unfinished, path)


def is_taken(path: Path) -> bool:
    """Whether anything but a file without a table is there."""
    if not path.is_file():
        return path.exists()
    try:
        with closing(connect(path, "ro")) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,))
    except sqlite3.Error:
        return True


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection to that file. mode: ro to read, rw to write, rwc to write a file that may be new."""
    quoted = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(
        f"file:{quoted}?mode={mode}", uri=True, isolation_level=None, timeout=10, check_same_thread=False
    )


def prepare_to_write(connection: sqlite3.Connection) -> None:
    """Write ahead, and wait for the disk. Changes the file: call it only once it is known to be ours."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection to a study, closed at the end. Raises: JournalError as `read_records`."""
    require_a_file(path)
    if not path.exists():
        raise JournalError(f"{path} does not exist; check the name and the folder of the studies")
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(path, "ro")
        read_cut_files(connection)
        check_version(connection, path)
        yield connection
    except sqlite3.Error as error:
        raise as_journal_error(error, path) from error
    finally:
        if connection is not None:
            connection.close()


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises JournalError if the file is no study of ours, or from a newer version."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise foreign(path)
    if version > SCHEMA:
        raise JournalError(
            f"{path} was written in version {version} of the format, this jupyter_tune reads up to "
            f"{SCHEMA}; nothing was changed: upgrade it, or {ANOTHER_NAME}"
        )
