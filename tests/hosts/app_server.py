"""A server of notebooks as apps: one process in a folder, and the studies that its notebooks start there."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from jupyter_tune.core.study import Study
from jupyter_tune.journal import read_records
from tests.processes import PATIENCE_S, tune_processes, wait_until


class AppServer:
    """A server, its address, and the folder of its studies.

    Args: command: its words after `python -m`, in which {port} stands for a free port.
    """

    def __init__(self, folder: Path, *command: str):
        self.folder = folder
        self.studies = folder / "studies"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}/"
        own = {
            variable: str(folder / "config" / variable.lower())
            for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "XDG_CONFIG_HOME")
        }
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *(word.replace("{port}", port) for word in command)],
                cwd=folder,
                env={**os.environ, **own, "JUPYTER_TUNE_DIR": str(self.studies)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "the server to start")

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        # of the port alone: a page of Voilà runs its notebook
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.url.rstrip("/").rpartition(":")[2]))) == 0

    def study(self, name: str) -> Study:
        """The study of that name as its file has it; waits until it has begun."""
        path = self.studies / f"{name}.tune.db"
        wait_until(lambda: path.exists() and bool(read_records(path)), f"study {name} to begin")
        return Study.fold(read_records(path))

    def names(self) -> list[str]:
        """The studies that have begun."""
        return sorted(path.name.removesuffix(".tune.db") for path in self.studies.glob("*.tune.db"))

    def close(self) -> None:
        """End it, as Ctrl-C does; after it nothing of the server and its studies runs."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)
        wait_until(lambda: not tune_processes(self.studies), "every process of the studies to end")


@contextlib.contextmanager
def app_server(folder: Path, *command: str) -> Iterator[AppServer]:
    with contextlib.closing(AppServer(folder, *command)) as started:
        yield started
