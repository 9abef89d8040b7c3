"""A study in a notebook of its own, as it is seen from outside: its processes, its ledger, its journal."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from jupyter_tune.core.events import Record, StudyEnded
from jupyter_tune.executors.local.processes import children, descendants
from jupyter_tune.journal import read_records
from jupyter_tune.journal.sqlite_file import is_taken
from tests.benchmarks.kills import training
from tests.benchmarks.kills.cluster import Cluster
from tests.benchmarks.kills.ledger import ACKED, BEGAN, Line, read_ledger
from tests.processes import tune_processes
from tests.real_kernel import Kernel, Outcome

LOOK_S = 0.01

STARTING, RUNNING, RECOVERING, ENDED = "starting", "running", "recovering", "ended"
PHASES = (STARTING, RUNNING, RECOVERING, ENDED)


class Scene:
    """Args: folder: of studies; kernel: an idle one, there; cluster: where trials run, if not here."""

    def __init__(self, folder: Path, name: str, kernel: Kernel, cluster: Cluster | None):
        self.folder, self.name, self.kernel, self.cluster = folder, name, kernel, cluster
        self.path = folder / f"{name}.tune.db"
        self.ledger = folder / f"{name}.ledger"
        self.refused: list[str] = []
        """What the user was told when the study did not go on at once."""
        self._records: list[Record] = []
        self._cell: str | None = None

    # the notebook

    def tune(self) -> float:
        """Run the cell of the study, which goes on with it if it is there. Returns when it was sent."""
        on = self.cluster.address if self.cluster else None
        return self.send(training.start(self.name, self.ledger, resume=self.is_there, on=on))

    def send(self, code: str) -> float:
        sent = time.time()
        self._cell = self.kernel.send(code)
        return sent

    def outcome(self) -> Outcome | None:
        """The outcome of the cell that was sent last; None if it was asked for already."""
        cell, self._cell = self._cell, None
        return None if cell is None else self.kernel.gather(cell)

    @property
    def has_handle(self) -> bool:
        """Whether the notebook has the study in hand; its kernel must be idle."""
        return self.kernel.ask("globals().get('study') is not None") == "True"

    def moved_to(self, kernel: Kernel) -> None:
        self.kernel, self._cell = kernel, None

    # the journal and the ledger

    @property
    def is_there(self) -> bool:
        """Whether the study was begun: a file without a table is left by a start that was killed."""
        return is_taken(self.path)

    @property
    def records(self) -> list[Record]:
        if self._records or self.is_there:
            self._records += read_records(self.path, len(self._records))
        return self._records

    @property
    def lines(self) -> list[Line]:
        return read_ledger(self.ledger)

    @property
    def ended_at(self) -> float | None:
        """When the study ended; None if it has not, or has gone on since."""
        records = self.records
        return records[-1].at if records and isinstance(records[-1].event, StudyEnded) else None

    def phase(self, since: float | None) -> str:
        """Where the study is; `since`: when it was struck last."""
        if self.ended_at is not None:
            return ENDED
        lines = self.lines
        new = {line.pid for line in lines if line.kind == BEGAN and line.at > (since or 0)}
        if any(line.kind == ACKED and line.pid in new for line in lines):
            return RUNNING
        return STARTING if since is None else RECOVERING

    # the processes

    @property
    def drivers(self) -> list[int]:
        return [pid for pid in children(self.kernel.pid) if _runs(pid, "jupyter_tune.driver.server")]

    @property
    def supervisors(self) -> list[int]:
        return [pid for driver in self.drivers for pid in children(driver) if _runs(pid, "supervisor")]

    @property
    def trials(self) -> list[int]:
        # before the study is opened, a child of the supervisor is a check of its data
        return [pid for each in self.supervisors for pid in children(each)] if self.is_there else []

    def hit(self, family: list[psutil.Process]) -> set[int]:
        """The trials that run in these processes."""
        pids = {process.pid for process in family}
        return {line.number for line in self.lines if line.pid in pids}

    def left(self) -> list[psutil.Process]:
        """What runs of studies, besides the kernel and the cluster themselves."""
        own = {self.kernel.pid, *(self.cluster.own if self.cluster else ())}
        return [process for process in tune_processes(self.folder) if process.pid not in own]


def family_of(pid: int) -> list[psutil.Process]:
    """The process and all below it."""
    found = []
    for each in (pid, *descendants(pid)):
        try:
            found.append(psutil.Process(each))
        except psutil.NoSuchProcess:
            continue  # it ended while we looked
    return found


def _runs(pid: int, program: str) -> bool:
    try:
        return any(program in word for word in psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
