"""A study that another takes the name of is kept, under a dated name."""

from __future__ import annotations

import itertools
import sqlite3
import time
from pathlib import Path

from jupyter_tune.errors import JournalError
from jupyter_tune.journal.folders import SUFFIX, beside, files_folder, require_a_file, stem
from jupyter_tune.journal.lease import take_lease
from jupyter_tune.journal.refusals import as_journal_error
from jupyter_tune.journal.sqlite_file import check_version, connect, is_taken

LONGEST_STEM = 200
"""Bytes of a name to which a date and the endings of all files of a study may be added."""


def set_aside(path: Path, at: float) -> Path | None:
    """Give a study and its folder of files a dated name, which is returned; None if neither is there.

    Nothing of it is lost: what a killed driver left in the write-ahead log is first written into the file.
    Raises: JournalError if a driver is writing it, it is no study, or the folder cannot be written to.
    """
    require_a_file(path)
    is_study = is_taken(path)
    if not is_study and not files_folder(path).exists():
        return None
    lease = take_lease(path, "")
    try:
        if is_study:
            try:
                _write_back(path)
            except sqlite3.Error as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                    raise
                # where it is damaged, or the disk full, the log is moved with it
        kept = _dated(path, at)
        # the study last: as long as it has its name, it is there with what is left of its files
        for old in (files_folder(path), *beside(path), path):
            if old.exists():
                old.rename(kept.with_name(stem(kept) + old.name.removeprefix(stem(path))))
    except (JournalError, OSError, sqlite3.Error) as error:
        raise as_journal_error(error, path) from error
    finally:
        lease.close()
    return kept


def _write_back(path: Path) -> None:
    """Move what is in the write-ahead log into the file itself."""
    connection = connect(path, "rw")
    try:
        check_version(connection, path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _dated(path: Path, at: float) -> Path:
    """The name under which a study is kept that another takes the name of: its own, with the time."""
    # cut where the longer name would not be one
    cut = stem(path).encode()[:LONGEST_STEM].decode(errors="ignore")
    name = f"{cut}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(at))}"
    names = (name if count == 1 else f"{name}-{count}" for count in itertools.count(1))
    candidates = (path.with_name(name + SUFFIX) for name in names)
    return next(kept for kept in candidates if not kept.exists() and not files_folder(kept).exists())
