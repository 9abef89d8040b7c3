"""Where the studies are, and what lies beside the file of each."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path

from jupyter_tune.errors import JournalError
from jupyter_tune.journal.refusals import ANOTHER_NAME, WAY_OUT, as_journal_error

SUFFIX = ".tune.db"


def study_folder(explicit: str | Path | None = None) -> Path:
    """Where studies live: `explicit`, else JUPYTER_TUNE_DIR, else `studies` here; `~` is the home folder."""
    return _at_home(Path(explicit or os.environ.get("JUPYTER_TUNE_DIR") or "studies")).resolve()


def study_path(study: str | Path, folder: Path) -> Path:
    """The file of a study, given by its name in `folder`, or by a path. Whether it exists is not asked."""
    name = unicodedata.normalize("NFC", str(study))
    named, path = folder / f"{name}{SUFFIX}", _at_home(Path(study))
    if os.sep not in name and (os.path.exists(named) or not name.endswith(SUFFIX)):
        return named
    if not path.name.endswith(SUFFIX):
        path = path.with_name(path.name + SUFFIX)
    return path if os.sep in name or os.path.exists(path) else folder / path


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise JournalError(f"{path}: {error}; write the folder's path in full") from None


def files_folder(path: Path) -> Path:
    """The folder beside a journal for logs, checkpoints and artifacts of its trials."""
    return path.with_name(stem(path) + ".tune.files")


def stem(path: Path) -> str:
    """The name of the study in `path`."""
    return path.name.removesuffix(SUFFIX)


def beside(path: Path) -> list[Path]:
    """The files of SQLite's own that may lie beside a study."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm")]


def require_its_place(path: Path) -> None:
    """Raises JournalError if what stands at a study's file or at its folder can be neither."""
    require_a_file(path)
    files = files_folder(path)
    if files.exists() and not files.is_dir():
        raise JournalError(
            f"{files} is not a folder, and logs and checkpoints of the study go there; {ANOTHER_NAME}, "
            "or move it away"
        )


def require_a_file(path: Path) -> None:
    """Raises JournalError if a folder stands there, or something else that SQLite could wait for."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not path.is_symlink():
            return
        what = f"a link to {os.readlink(path)}, which does not exist,"
    except OSError as error:
        raise as_journal_error(error, path) from error
    else:
        if stat.S_ISREG(mode):
            return
        what = "a folder" if stat.S_ISDIR(mode) else "not a plain file"
    raise JournalError(f"{path} is {what} and cannot be a study's; {WAY_OUT}")
