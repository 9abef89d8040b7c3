"""The disk under a study's file: the real journal writes it by real SQLite, through connections on which a
statement may be refused, take seconds, or be the last thing that the driver did.

The lease beside it is real too, but for the clocks: every driver runs on a machine of its own, so that none
can kill another.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from jupyter_tune.journal import lease, sqlite_file
from jupyter_tune.journal import records as journal_records
from jupyter_tune.journal.damage import Row
from tests.simulation.scenario import Scenario
from tests.simulation.trace import Trace
from tests.simulation.virtual_loop import VirtualLoop

STATEMENTS = ("BEGIN IMMEDIATE", sqlite_file.INSERT, "COMMIT")


class Disk:
    """`rows`: what the file holds, by its transactions; `texts`: the events of these rows; `may_die`: called
    where the process that writes may be killed.

    Args: wall_clock: in unix seconds.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        plan: Scenario,
        random: Random,
        trace: Trace,
        wall_clock: Callable[[], float],
    ):
        self._wall_clock = wall_clock
        self._loop = loop
        self._plan = plan
        self._random = random
        self._trace = trace
        self._refused = ""
        self.rows: list[Row] = []
        self.texts: set[str] = set()
        self.may_die: Callable[[], None] = lambda: None

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Every journal of this process is on this disk."""
        disk = self

        class Connection(sqlite3.Connection):
            written: list[Row]

            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                def run() -> sqlite3.Cursor:
                    result = super(Connection, self).execute(sql, *args)
                    if sql == "COMMIT":
                        disk._commit(self.written)
                    return result

                return disk._statement(sql, run)

            def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
                self.written = list(rows)
                return disk._statement(sql, lambda: super(Connection, self).executemany(sql, self.written))

        def connect(path: Path, mode: str) -> sqlite3.Connection:
            return sqlite3.connect(
                f"file:{path}?mode={mode}", uri=True, isolation_level=None, factory=Connection
            )

        clocks = SimpleNamespace(time=self._wall_clock, monotonic=self._loop.time, sleep=self._loop.block)
        with (
            patch.object(sqlite_file, "connect", connect),
            patch.object(journal_records, "connect", connect),
            patch.object(lease, "time", clocks),
            patch.object(lease, "os", _System(self._wall_clock)),
            patch.object(lease, "_is_here", lambda owner: False),
        ):
            yield

    def _statement(self, sql: str, run: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        if sql not in STATEMENTS or not self.rows:
            return run()  # the file is being made, or read
        now = self._loop.time()
        if sql == STATEMENTS[0]:
            is_full = any(since <= now < until for since, until in self._plan.at(now).full_disk)
            # it may be any of them that finds no room
            self._refused = self._random.choice(STATEMENTS) if is_full else ""
        if sql == self._refused:
            self._trace.note("disk", f"is full at {sql.split()[0]}")
            raise sqlite3.OperationalError("database or disk is full")
        if sql == "COMMIT":
            self.may_die()
            if self._random.random() < self._plan.at(now).slow_disk:
                self._loop.block(self._random.uniform(0.5, 8))
        result = run()
        if sql == "COMMIT":
            self.may_die()
        return result

    def _commit(self, written: list[Row]) -> None:
        self.rows += written
        self.texts.update(text for _, _, text in written)


class _System:
    """The module os, but for the time that it gives to files."""

    def __init__(self, wall_clock: Callable[[], float]):
        self._wall_clock = wall_clock

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def utime(self, file: int) -> None:
        os.utime(file, (self._wall_clock(),) * 2)

    def pwrite(self, file: int, data: bytes, at: int) -> int:
        written = os.pwrite(file, data, at)
        self.utime(file)
        return written
