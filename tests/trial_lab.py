"""A real executor that runs trials of small cells, and records the facts that it posts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import Executor, Key, TrialFact, Work
from jupyter_tune.payload.packing import pack
from tests.processes import PATIENCE_S


def cell(source: str = "", names: dict[str, Any] | None = None) -> dict[str, Any]:
    """The work of a cell (see program.py) that uses `names`."""
    code = {"source": source, "shown": source, "filename": "<%%tune test>"}
    return {"kind": "cell", **code, "names": names or {}}


class Lab:
    """An executor, the facts that it has posted, and ways to wait for them. Reports are acknowledged."""

    def __init__(self, executor: Executor, folder: Path, options: dict[str, Any]):
        self.executor = executor
        self.folder = folder
        self.options = {"cwd": str(folder), "grace_s": 0.3, **options}
        self.facts: list[TrialFact] = []
        self.acknowledges = True
        self.adrift: dict[Key, int] = {}
        self.found: Collection[Key] = ()
        self.on_report: Callable[[TrialReported], None] = lambda fact: None
        self._news = asyncio.Event()

    async def open(self, source: str = "", names: dict[str, Any] | None = None, **work: Any) -> None:
        """Open with a cell, a function or a command; `work` overrides its fields (see program.py)."""
        payload = work if {"function", "words"} & work.keys() else {**cell(source, names), **work}
        packed = pack(payload, self.folder / "payload")
        opened = Work(str(packed.path), str(self.folder), "accuracy", self.options)
        self.found = await self.executor.open(opened, self._handle, self.adrift)

    def _handle(self, fact: TrialFact) -> None:
        self.facts.append(fact)
        if isinstance(fact, TrialReported):
            self.on_report(fact)
        if self.acknowledges:
            self.executor.acknowledge(fact)
        self._news.set()

    def launch(
        self,
        number: int = 0,
        attempt: int = 1,
        resumed_from: int = 0,
        workers: int = 2,
        timeout_s: float | None = None,
        **params: Any,
    ) -> None:
        seed = 1000 + number
        self.executor.launch(
            Launch(number, attempt, params, seed, resumed_from, workers, timeout_s=timeout_s)
        )

    def halt(self, number: int = 0, state: str = "cancelled", attempt: int = 1) -> None:
        self.executor.halt(Halt(number, attempt, state, "told to"))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def ended(self, number: int = 0, attempt: int = 1) -> TrialEnded:
        await self.until(lambda: bool(self.ends(number, attempt)))
        return self.ends(number, attempt)[0]

    def ends(self, number: int = 0, attempt: int = 1) -> list[TrialEnded]:
        return [f for f in self.of(number, attempt) if isinstance(f, TrialEnded)]

    def of(self, number: int = 0, attempt: int = 1) -> list[TrialFact]:
        return [f for f in self.facts if (f.number, f.attempt) == (number, attempt)]

    def reports(self, number: int = 0) -> list[TrialReported]:
        return [f for f in self.of(number) if isinstance(f, TrialReported)]

    async def started(self, number: int = 0) -> int:
        await self.until(lambda: any(isinstance(f, TrialStarted) for f in self.of(number)))
        pid = next(f.pid for f in self.of(number) if isinstance(f, TrialStarted))
        assert pid is not None
        return pid

    async def reported(self, count: int = 1, number: int = 0) -> list[TrialReported]:
        await self.until(lambda: len(self.reports(number)) >= count)
        return self.reports(number)

    async def run(self, source: str, names: dict[str, Any] | None = None, **params: Any) -> TrialEnded:
        """Open with a cell and run it once. Returns its end."""
        await self.open(source, names)
        self.launch(**params)
        return await self.ended()

    def log(self, number: int = 0) -> str:
        return (self.folder / f"trials/{number}/attempt-1.log").read_text(errors="replace")


ORPHAN_CELL = """\
import os, time
ours, theirs = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(theirs, str(os.getpid()).encode())
        time.sleep(600)
    os._exit(0)
os.wait()
daemon = int(os.read(ours, 20))
report(accuracy=daemon)
"""
"""A cell that starts a daemon in a session of its own, and reports the daemon's pid."""
