"""Processes that read whole journals for the server, see reading.py."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_tune.errors import TuneError

MOST_S = 300.0
"""Seconds that one study may take to read."""


def read(what: str, given: Any) -> str:
    """What the program says of `given`, as JSON text. Raises: TuneError, also where it cannot be read."""
    process = _start(what)
    try:
        told, _ = process.communicate(json.dumps(given), timeout=MOST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise TuneError(f"the study could not be read within {MOST_S:.0f} s") from None
    if process.returncode:
        raise TuneError("the process that reads the study has ended; the server's log says why")
    if told.startswith('{"error"'):
        raise TuneError(json.loads(told)["error"])
    return told


class Standings:
    """Reads how studies stand, one after the other.

    Args: on_read: called on a thread with each path and what was said of it.
    """

    def __init__(self, on_read: Callable[[Path, dict[str, Any]], None]):
        self._on_read = on_read
        self._lock = threading.Lock()
        self._waiting: dict[Path, None] = {}
        self._process: subprocess.Popen[str] | None = None
        self._is_reading = self._is_closed = False

    @property
    def count(self) -> int:
        """How many studies wait to be read, or are."""
        return len(self._waiting)

    def want(self, path: Path) -> bool:
        """Have this study read; False if it waits for that already."""
        with self._lock:
            if path in self._waiting:
                return False
            self._waiting[path] = None
            if not self._is_reading and not self._is_closed:
                self._is_reading = True
                threading.Thread(target=self._run, name="jupyter_tune reader", daemon=True).start()
        return True

    def close(self) -> None:
        """Read no more."""
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.kill()

    def _run(self) -> None:
        for path, told in self._read():
            self._on_read(path, told)

    def _read(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Each study and what was said of it, until none waits; one process reads all of them."""
        process = None
        while (path := self._next(process)) is not None:
            if process is None or process.poll() is not None:
                process = self._started()
            yield path, self._told(process, path)
            # after it was taken: what is neither waiting nor known would be missed
            with self._lock:
                self._waiting.pop(path, None)

    def _next(self, process: subprocess.Popen[str] | None) -> Path | None:
        with self._lock:
            path = None if self._is_closed else next(iter(self._waiting), None)
            self._is_reading = path is not None
        if path is None and process is not None:
            process.communicate()
        return path

    def _started(self) -> subprocess.Popen[str]:
        process = _start("standings")
        with self._lock:
            self._process = process
            if self._is_closed:
                process.kill()
        return process

    @staticmethod
    def _told(process: subprocess.Popen[str], path: Path) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(MOST_S, process.kill)
        timer.daemon = True
        timer.start()
        line = ""
        with suppress(OSError):  # it was killed: it says nothing
            process.stdin.write(f"{json.dumps(str(path))}\n")
            process.stdin.flush()
            line = process.stdout.readline()
        timer.cancel()
        told: dict[str, Any] = json.loads(line) if line.endswith("\n") else {}
        return told or {"error": f"{path.name} cannot be read: the process that does so ended"}


def _start(what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "jupyter_tune.server.reading", what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
