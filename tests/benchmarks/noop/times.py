"""When trials began and ended, in a file that all of their processes append to.

Each program of this folder is run as `python PROGRAM FOLDER TRIALS MODE`, in an environment of its own. It
runs TRIALS trials, two at a time, each of which only reports one number. It writes `asked` when it starts
the study, after a small warm-up. MODE:

    trials   the trials end at once
    held     the trials go on until the file `go` appears in FOLDER; then the program waits until it is killed

A program writes no more than it must here, so it imports nothing of the project.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def arguments() -> tuple[str, int, str]:
    """FOLDER, TRIALS and MODE."""
    return sys.argv[1], int(sys.argv[2]), sys.argv[3]


def asked(folder: str | os.PathLike[str]) -> None:
    """The trials that begin from now on count."""
    note(folder, "asked")


def note(folder: str | os.PathLike[str], what: str) -> None:
    with open(Path(folder, "times"), "a") as times:
        times.write(f"{what} {time.time()} {os.getpid()}\n")


def trial(folder: str | os.PathLike[str], mode: str) -> None:
    """What each trial does."""
    note(folder, "began")
    while mode == "held" and not Path(folder, "go").exists():
        time.sleep(0.05)
    note(folder, "ended")


def stay(folder: str | os.PathLike[str], mode: str) -> None:
    """Be idle in the mode `held`, until killed."""
    if mode == "held":
        note(folder, "idle")
        time.sleep(600)
