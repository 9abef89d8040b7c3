"""One whole study in virtual time, in a process of its own, and what it cost (see scale.py).

    python -m tests.benchmarks.scaled_study TRIALS SLOTS [--checkpoints] [--clients N] [--pruner NAME]

Prints a `Cost` as JSON. Every trial has a pace of its own, so that nearly every record has a transaction of
its own: the most that a driver can have to do for one.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from jupyter_tune.core.events import Event, Record, StudyOpened
from jupyter_tune.core.study import Study
from jupyter_tune.driver.clients import Clients
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.journal import Journal
from jupyter_tune.journal.sqlite_file import INSERT, connect, new_file, prepare_to_write
from jupyter_tune.registry import first_rung
from tests.benchmarks.many_trials import (
    BEGAN,
    SPACE,
    WORK,
    Acknowledged,
    Frames,
    InPlace,
    Publisher,
    Timers,
    settings,
)
from tests.simulation.virtual_loop import VirtualLoop

PARTS = 10
BARE_TRIALS = 2_000


@dataclass(frozen=True)
class Cost:
    """CPU microseconds per event: `driver`, without that of the timers, `bare`; `parts`: of each tenth of the
    events, with it; `rows`: of the same rows written to SQLite in the same transactions, and nothing else;
    `replay`: from the file to the study.

    In bytes: `memory`, of the process, less that before; `file`; `frames`, sent to all clients.
    """

    trials: int
    slots: int
    events: int
    transactions: int
    driver: float
    bare: float
    parts: list[float]
    rows: float
    replay: float
    memory: int
    file: int
    frames: int


Mark = tuple[int, float]
"""The number of a record, and the CPU seconds of the process then."""


class NotKept(VirtualLoop):
    """A virtual loop for one long study: it forgets its tasks once they are done, as others do."""

    def __init__(self) -> None:
        super().__init__()
        self.set_task_factory(None)


class Counted(Journal):
    """A journal that remembers the size of each transaction, and whether it waited for the disk."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.transactions: list[tuple[int, bool]] = []

    def append(self, events: Sequence[Event], at: float, *, durable: bool = True) -> list[Record]:
        self.transactions.append((len(events), durable))
        return super().append(events, at, durable=durable)


def cost(trials: int, slots: int, *, checkpoints: bool, clients: int, pruner: str, path: Path) -> Cost:
    """What a study of these costs; `path`: where its file is written, and left."""
    bare, before = _bare(slots), _memory()
    loop = NotKept()
    executor = Timers(loop, slots, checkpoints=checkpoints)
    opened = StudyOpened("scale", SPACE, settings(trials, slots, pruner))
    journal = Counted.create(path, opened, BEGAN)
    assert isinstance(journal, Counted)
    frames = [Frames() for _ in range(clients)]
    marks = [(1, time.process_time())]
    loop.run(_study(loop, journal, executor, frames, marks))
    (_, began), (last, ended) = marks[0], marks[-1]
    memory, events = _memory() - before, last - 1
    parts = [
        1e6 * (until - since) / (last - first)
        for (first, since), (last, until) in itertools.pairwise(marks)
        if last > first
    ]
    rows_us = 1e6 * _rows_s(path, journal.transactions) / events
    return Cost(
        trials,
        slots,
        events,
        len(journal.transactions),
        1e6 * (ended - began) / events - bare,
        bare,
        parts,
        rows_us,
        1e6 * _replay_s(path) / events,
        memory,
        path.stat().st_size,
        sum(each.size for each in frames),
    )


async def _study(
    loop: NotKept, journal: Counted, executor: Timers, frames: Sequence[Frames], marks: list[Mark]
) -> None:
    """From the first to the last record; `marks` gets one at each tenth of the trials."""
    study = Study.fold(journal.records(), first_rung)
    trials = study.settings.trials or 0

    def note(record: Record) -> None:
        if PARTS * len(study.trials) >= trials * len(marks) or study.is_ended:
            marks.append((record.seq, time.process_time()))

    clients = Clients()
    for each in frames:
        clients.enter(cast(Any, each)).follows = True
    publisher = Publisher(clients, note)
    running = StudyLoop(
        journal, study, executor, WORK, InPlace("random"), publisher, lambda: BEGAN + loop.time()
    )
    await running.begin([])
    while not study.is_ended:
        await asyncio.sleep(1.0)


def _replay_s(path: Path) -> float:
    """CPU seconds from the file to the study."""
    gc.collect()
    began = time.process_time()
    journal = Journal.open(path)
    Study.fold(journal.records(), first_rung)
    took_s = time.process_time() - began
    journal.close()
    return took_s


def _bare(slots: int) -> float:
    """CPU microseconds of the timers for each event."""
    loop = NotKept()
    trials = Acknowledged(Timers(loop, slots), slots + BARE_TRIALS, slots)
    began = time.process_time()
    loop.run(trials.run(WORK))
    return 1e6 * (time.process_time() - began) / trials.events


def _rows_s(path: Path, transactions: list[tuple[int, bool]]) -> float:
    """CPU seconds to write the rows of the study in `path` to another file, and nothing else."""
    other = path.with_name("rows.db")
    with closing(sqlite3.connect(path)) as source:
        rows = iter(source.execute("SELECT seq, at, event FROM records ORDER BY seq").fetchall())
    new_file(other, [next(rows)])
    with closing(connect(other, "rw")) as connection:
        prepare_to_write(connection)
        was_durable = True
        began = time.process_time()
        for size, durable in transactions:
            if durable != was_durable:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                was_durable = durable
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT, [next(rows) for _ in range(size)])
            connection.execute("COMMIT")
        took_s = time.process_time() - began
    assert next(rows, None) is None, "the transactions are those of another file"
    return took_s


def _memory() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jupyter-tune-scale-") as made:
        yield Path(made)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("trials", type=int)
    parser.add_argument("slots", type=int)
    parser.add_argument("--checkpoints", action="store_true")
    parser.add_argument("--clients", type=int, default=0)
    parser.add_argument("--pruner", default="asha")
    given = vars(parser.parse_args())
    with folder() as made:
        print(json.dumps(asdict(cost(**given, path=made / "scale.tune.db"))))


if __name__ == "__main__":
    main()
