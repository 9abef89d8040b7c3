"""The driver that this process starts; it lives as long as its owner's connection or, detached, its study."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from jupyter_tune.client.connection import Connection
from jupyter_tune.payload.store import sweep_stores
from jupyter_tune.wire.requests import Request

ALONE_S = 6 * 3600.0
"""Seconds before a request to a driver of its own counts as hung: it may compute every suggestion of a study
again."""

_DRIVER = "jupyter_tune.driver.server"
_RUNTIME_PREFIX = f"jupyter-tune-{os.getuid()}-"


class DriverProcess:
    """A driver started by this process, and the owner's connection to it."""

    def __init__(self) -> None:
        sweep_runtime_folders()
        sweep_stores()
        shared = Path("/dev/shm")
        place = shared if os.access(shared, os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_RUNTIME_PREFIX}{os.getpid()}-", dir=place))
        ours, theirs = socket.socketpair()
        environ = dict(os.environ)
        with theirs, open(self.folder / "driver.log", "wb") as log:
            # its own session: an interrupt of the kernel must not reach the study
            self._process = subprocess.Popen(
                # -P: a random.py beside the notebook must not become our random
                [sys.executable, "-P", "-m", _DRIVER, str(theirs.fileno()), str(self.folder)],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._environ = environ
        self.connection = Connection(ours)
        # reaps the driver, so that it is never a zombie under a long-lived kernel
        threading.Thread(target=self._reap, name="jupyter_tune reaper", daemon=True).start()

    def _reap(self) -> None:
        if self._process.wait() != 0:
            sweep_stores()  # it was killed, and dropped nothing

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def changes_of_environment(self) -> dict[str, str | None]:
        """What this process has set since the driver was started, and (None) what it has unset."""
        now = dict(os.environ)
        gone: dict[str, str | None] = dict.fromkeys(self._environ.keys() - now.keys())
        return gone | {name: value for name, value in now.items() if self._environ.get(name) != value}

    def end(self) -> None:
        """End the driver, with all that it runs, and wait for its end; by force after 10 s."""
        self.connection.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def ask_alone(request: Request) -> Any:
    """The result of a request, by a driver that is started for it alone. Raises what the driver raises."""
    driver = DriverProcess()
    try:
        return driver.connection.request(request, timeout=ALONE_S)
    finally:
        driver.end()


def sweep_runtime_folders() -> None:
    """Remove what drivers left whose whole family was killed at once."""
    for parent in {Path("/dev/shm"), Path(tempfile.gettempdir())}:
        for folder in parent.glob(f"{_RUNTIME_PREFIX}*"):
            starter = folder.name.removeprefix(_RUNTIME_PREFIX).partition("-")[0]
            if starter.isdigit() and not Path(f"/proc/{starter}").exists() and not _answers(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _answers(folder: Path) -> bool:
    # a detached driver outlives the kernel that started it
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(folder / "driver.sock")) == 0
