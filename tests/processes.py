"""Other processes, seen from a test: waited for with patience, and looked for where none may be left."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil

PATIENCE_S = 90.0
"""For something that must come; only a broken machine or program takes so long."""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until `condition` holds; fail naming `what` did not come."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} s in vain for {what}"
        time.sleep(0.02)


def is_gone(process: psutil.Process | int) -> bool:
    """Whether it (or the process of that pid) has ended; a zombie has."""
    try:
        seen = psutil.Process(process) if isinstance(process, int) else process
        return not seen.is_running() or seen.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True  # it ended before, or while we looked


def tune_processes(folder: Path) -> list[psutil.Process]:
    """Processes of studies that were started with JUPYTER_TUNE_DIR=folder, whoever their parent is."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("JUPYTER_TUNE_DIR") == str(folder) and not is_gone(process):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended while we looked
    return found
