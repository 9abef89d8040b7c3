"""A Dask cluster of real processes on loopback, whose parts can be killed one by one.

Its scheduler and its workers are started again when they have ended, as a service manager does: the scheduler
at the same address.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from jupyter_tune.executors.local.processes import children, is_resource_tracker
from tests.processes import wait_until

_LOOPBACK = ["--host", "127.0.0.1", "--no-dashboard"]


class Cluster:
    """Args:
    folder:  of its files and log; also the folder of the studies, by which their processes are found.
    nannies: whether two workers run under nannies, which replace them; else one with two threads does.
    """

    def __init__(self, folder: Path, *, nannies: bool):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._folder = folder
        self._shape = (
            ["--nworkers", "2", "--nthreads", "1", "--nanny"]
            if nannies
            else ["--nworkers", "1", "--nthreads", "2", "--no-nanny"]
        )
        self._has_nannies = nannies
        self._scheduler = self._start_scheduler()
        self._workers = self._start_workers()
        wait_until(lambda: len(self.workers) == (2 if nannies else 1), "the workers of the cluster")
        time.sleep(1.0)

    def tend(self) -> None:
        """Start what has ended again."""
        if self._scheduler.poll() is not None:
            self._scheduler = self._start_scheduler()
        if self._workers.poll() is not None:
            self._workers = self._start_workers()

    @property
    def scheduler(self) -> int:
        return self._scheduler.pid

    @property
    def workers(self) -> list[int]:
        """The processes in which tasks run."""
        if not self._has_nannies:
            return [self._workers.pid]
        return [pid for pid in children(self._workers.pid) if not is_resource_tracker(pid)]

    @property
    def own(self) -> set[int]:
        """The processes of the cluster itself."""
        mains = {self._scheduler.pid, self._workers.pid, *self.workers}
        return mains | {pid for main in mains for pid in children(main) if is_resource_tracker(pid)}

    def close(self) -> None:
        for process in (self._workers, self._scheduler):
            family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.kill()
            process.wait()
            for each in family:
                if each.is_running():
                    each.kill()

    def _start_scheduler(self) -> subprocess.Popen[bytes]:
        return self._start("dask_scheduler", [*_LOOPBACK, "--port", self._port])

    def _start_workers(self) -> subprocess.Popen[bytes]:
        local = ["--local-directory", str(self._folder / "dask")]
        return self._start("dask_worker", [self.address, *_LOOPBACK, *self._shape, *local])

    def _start(self, program: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with open(self._folder / "cluster.log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *arguments],
                cwd=self._folder,
                env={**os.environ, "JUPYTER_TUNE_DIR": str(self._folder)},
                stdout=log,
                stderr=log,
            )
