"""Artifacts: files and folders that a trial keeps for the user, in TRIAL/artifacts/ATTEMPT/NAME.

Laws:
- An artifact is there as a whole or not at all: it is copied aside, flushed to the disk, and renamed.
- Each attempt writes to a folder of its own, so a retry never mixes with the attempt that failed. A trial has
  the artifacts of the attempts that share its curve (core/study.py), the later ones in place of the earlier.
- A folder cannot be replaced in one step: until the new one is in place, the former one is .was-NAME.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from jupyter_tune.errors import ArtifactError

ARTIFACTS = "artifacts"

ASIDE = ".saving"
"""Where a copy is, in the trial's folder, until it is whole."""

_FORMER = ".was-"


def save(folder: Path, attempt: int, source: Path, name: str | None = None) -> Path:
    """Copy `source`, a file or folder, to the artifacts of an attempt. Returns the path of the copy.

    Args:
        folder: the trial's.
        name:   default: the name of `source`.

    Raises: ArtifactError if there is no such file, the name cannot be one, or the disk refuses.
    """
    name = checked_name(source.absolute().name if name is None else name)
    if not source.exists():
        raise ArtifactError(f"artifact {name!r}: {source} does not exist (here is {Path.cwd()})")
    target = attempt_folder(folder, attempt) / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / ASIDE).mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder / ASIDE, ignore_cleanup_errors=True) as aside:
            copy = Path(aside) / name
            if source.is_dir():
                shutil.copytree(source, copy)
            else:
                shutil.copy2(source, copy)
            _flush(copy)
            _put_in_place(copy, target)
    except (OSError, shutil.Error) as error:
        raise _refusal(name, source, target, error) from error
    return target


def checked_name(name: str) -> str:
    """`name`, if an artifact can have it. Raises ArtifactError."""
    # what begins with a dot is ours
    if not name or name.startswith(".") or "/" in name or not name.isprintable():
        raise ArtifactError(f"{name!r} is no name of an artifact; give one like name='model.pt'")
    return unicodedata.normalize("NFC", name)


def attempt_folder(folder: Path, attempt: int) -> Path:
    """Where an attempt has its artifacts; `folder` is the trial's."""
    return folder / ARTIFACTS / str(attempt)


def artifacts_of(folder: Path, attempts: range) -> dict[str, Path]:
    """The artifacts of a trial by name, sorted. Args: attempts: those that share its curve."""
    found = {name: path for attempt in attempts for name, path in _within(attempt_folder(folder, attempt))}
    return dict(sorted(found.items()))


def _within(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return  # made with the first artifact
    for path in entries:
        if not path.name.startswith("."):
            yield path.name, path
        elif path.name.startswith(_FORMER) and not path.with_name(path.name.removeprefix(_FORMER)).exists():
            # the process was killed while it replaced it
            yield path.name.removeprefix(_FORMER), path


def _put_in_place(copy: Path, target: Path) -> None:
    if not (copy.is_dir() or target.is_dir()):
        copy.replace(target)
    else:
        former = target.with_name(_FORMER + target.name)
        if target.exists():
            _remove(former)
            target.rename(former)
        copy.rename(target)
        _remove(former)
    _flush_one(target.parent)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have all of `path` on the disk."""
    for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
        if each.is_dir() or each.is_file():
            _flush_one(each)


def _flush_one(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _refusal(name: str, source: Path, target: Path, error: OSError) -> ArtifactError:
    # of a folder, shutil gives a list of what went wrong
    why = error.strerror or (str(error.args[0][0][-1]) if error.args and error.args[0] else repr(error))
    return ArtifactError(
        f"artifact {name!r}: {source} could not be copied to {target.parent}: {why}; "
        "make room there, or save less"
    )
