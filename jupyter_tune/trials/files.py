"""Paths of a trial's files: FILES/trials/NUMBER, one folder for all attempts of the trial.

    attempt-K.log    the output of attempt K
    checkpoints/     state that the code saves for a later attempt of the same trial
    artifacts/       what the code keeps for the user (artifacts.py)

FILES/.removed has what is being deleted (driver/removal.py).

FILES is the study's folder beside its journal.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from jupyter_tune.trials.artifacts import ARTIFACTS, ASIDE
from jupyter_tune.trials.report import CHECKPOINTS


def trial_folder(files: str, number: int) -> Path:
    """The folder of one trial; `files` is the study's FILES."""
    return Path(files) / "trials" / str(number)


def log_path(folder: Path, attempt: int) -> Path:
    return folder / f"attempt-{attempt}.log"


def latest_log(folder: Path) -> Path | None:
    """The log of the latest attempt; None before the first."""
    logs = folder.glob("attempt-*.log")
    return max(logs, key=lambda log: int(log.stem.partition("-")[2]), default=None)


def checkpoints_of(folder: Path) -> Path:
    """Where a trial has its checkpoints; made when it asks for it."""
    return folder / CHECKPOINTS


def has_checkpoint(folder: Path) -> bool:
    """Whether an attempt has left a checkpoint."""
    try:
        with os.scandir(checkpoints_of(folder)) as entries:
            return any(True for _ in entries)
    except OSError:
        # the folder is created on first use; an unreadable one is no checkpoint either
        return False


def removable_places(folder: Path) -> list[Path]:
    """The folders of a trial that have files, and that are removed where the study does not keep them: all
    but its logs."""
    places = (folder / name for name in (CHECKPOINTS, ARTIFACTS, ASIDE))
    return [place for place in places if any(files_in(place))]


def removed_folder(files: str) -> Path:
    """Where files are that are being deleted; `files` is the study's FILES."""
    return Path(files) / ".removed"


def size_of(place: Path) -> int:
    """The bytes of the files in a folder; what is gone meanwhile counts nothing."""
    return sum(size for _, size in files_in(place))


def files_in(place: Path) -> Iterator[tuple[Path, int]]:
    """All files in a folder, also in the folders in it, with their bytes. Links count as such."""
    for folder, _, names in os.walk(place):
        for name in names:
            path = Path(folder, name)
            try:
                size = path.lstat().st_size
            except OSError:
                continue  # gone meanwhile
            yield path, size


_KINDS = {CHECKPOINTS: "checkpoints", ARTIFACTS: "artifacts", ASIDE: "artifacts"}


def kind_of(path: Path) -> str:
    """What a file of a study is: checkpoints, artifacts, logs or other. Args: path: that inside of FILES."""
    top, *inside = path.parts
    if top != "trials" or len(inside) < 2:
        return "other"
    if len(inside) == 2:
        return "logs" if path.suffix == ".log" else "other"
    return _KINDS.get(inside[1], "other")
