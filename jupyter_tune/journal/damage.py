"""What is left of a damaged study file: the records before the damage.

A journal only ever grows at its end, so a disk, a copy or a sync that broke off damages the newest records
first. The records before the first one that cannot be read are as they were committed; those after it are
dropped, since a record holds only what changed.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

Row: TypeAlias = tuple[int, float, str]
"""Number, unix seconds and JSON text of a record."""

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def read_cut_files(connection: sqlite3.Connection) -> None:
    """Let SQLite read the pages that are left of a file; otherwise it reads none if one is missing."""
    connection.execute("PRAGMA writable_schema = ON")


def rows_before_damage(connection: sqlite3.Connection, since: int, most: int = -1) -> tuple[list[Row], str]:
    """`each_row` in a list; and what is wrong with the first one that cannot be read, "" if nothing is."""
    damage: list[str] = []
    rows = list(each_row(connection, since, damage, most))
    return rows, "".join(damage)


def each_row(connection: sqlite3.Connection, since: int, damage: list[str], most: int = -1) -> Iterator[Row]:
    """The rows after number `since`, `most` of them (-1: all), up to the first that cannot be read; what is
    wrong with that one goes into `damage`.

    Raises: sqlite3.Error for anything but damage, such as a locked file.
    """
    last = since
    try:
        found = connection.execute(
            "SELECT seq, at, event FROM records WHERE seq > ? ORDER BY seq LIMIT ?", (since, most)
        )
        for seq, at, text in found:
            if seq != last + 1 or not isinstance(at, float) or not isinstance(text, str):
                damage.append(f"after record {last} comes no record")
                return
            yield seq, at, text
            last = seq
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        damage.append(str(error))
    except UnicodeDecodeError as error:
        damage.append(str(error))


def is_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # text that is no UTF-8 is an error of Python's, without a code of SQLite's
        return "decode" in str(error)
    if code & 0xFF in _DAMAGE or code == sqlite3.SQLITE_IOERR_SHORT_READ:
        return True
    return "no such table" in str(error)


def replace_damaged(path: Path, create: Callable[[Path], None]) -> Path:
    """Put the file that `create` writes at `path`; where the damaged one is now.

    Raises: OSError, sqlite3.Error; then `path` is as it was.
    """
    mended = path.with_name(path.name + ".mended")
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    mended.unlink(missing_ok=True)
    create(mended)
    os.link(path, kept)
    # the WAL of the damaged file is kept with it: it must not be applied to the new one
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            os.replace(beside, kept.with_name(kept.name + suffix))
    os.replace(mended, path)
    return kept
