"""Waits for other processes, and finds those of studies."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil

PATIENCE_S = 90.0
"""Seconds to wait for something that must happen; only a broken program or machine takes longer."""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until `condition` holds. Fails naming `what` if it does not within PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} s in vain for {what}"
        time.sleep(0.02)


def is_gone(process: psutil.Process | int) -> bool:
    """Whether the process (or the one with that pid) has ended; a zombie counts as ended."""
    try:
        seen = psutil.Process(process) if isinstance(process, int) else process
        return not seen.is_running() or seen.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True  # it ended before, or while we looked


def tune_processes(folder: Path) -> list[psutil.Process]:
    """All processes of studies that were started with JUPYTER_TUNE_DIR=folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("JUPYTER_TUNE_DIR") == str(folder) and not is_gone(process):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended while we looked
    return found
