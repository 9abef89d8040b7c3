"""Paths of a trial's files: FILES/trials/NUMBER, one folder for all attempts of the trial.

    attempt-K.log    the output of attempt K
    checkpoints/     state that the code saves for a later attempt of the same trial
    artifacts/       what the code keeps for the user (artifacts.py)

FILES is the study's folder beside its journal.
"""

from __future__ import annotations

import os
from pathlib import Path

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
