"""A study is deleted with all that belongs to it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from jupyter_tune.errors import JournalError
from jupyter_tune.journal.folders import beside, files_folder
from jupyter_tune.journal.lease import lease_path, take_lease
from jupyter_tune.journal.readers import require_study
from jupyter_tune.journal.refusals import as_journal_error


def delete(path: Path) -> None:
    """Delete the study in `path`, with its logs, checkpoints and artifacts.

    Raises: JournalError if a driver is writing it, it is no study, or the disk refuses.
    """
    require_study(path)
    lease = take_lease(path, "")
    try:
        # the study last: who is stopped meanwhile still finds it, and may delete it again
        if files_folder(path).exists():
            shutil.rmtree(files_folder(path))
        for file in (*beside(path), path):
            file.unlink(missing_ok=True)
        lease_path(path).unlink(missing_ok=True)
    except (JournalError, OSError, sqlite3.Error) as error:
        raise as_journal_error(error, path) from error
    finally:
        lease.close()
