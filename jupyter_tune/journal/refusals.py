"""The errors of a file that is no study, or that cannot be read or written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from jupyter_tune.errors import JournalError
from jupyter_tune.journal.damage import is_damage

ANOTHER_NAME = "give another name"
"""The way out that is named first, since it loses nothing."""

WAY_OUT = f"nothing was changed: {ANOTHER_NAME}, or move it away"
"""The way out where a file is in the way."""


def as_journal_error(error: Exception, path: Path) -> JournalError:
    """An error of SQLite or of the disk, for users."""
    if isinstance(error, JournalError):
        return error
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return foreign(path)
    if isinstance(error, sqlite3.Error) and is_damage(error):
        return JournalError(f"{path} is damaged ({error}); nothing of it can be recovered, {WAY_OUT}")
    return JournalError(f"{path}: {error}; check the disk's room and the file's permissions")


def foreign(path: Path) -> JournalError:
    """The error of a file that is no study."""
    what = "is not a study of jupyter_tune" if path.stat().st_size else "is empty"
    return JournalError(f"{path} {what}; {WAY_OUT}")
