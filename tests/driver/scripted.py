"""What stands in for an executor, a sampler, the clients and a disk around a study's loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_tune.core.commands import Halt, Launch, Suggest
from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
)
from jupyter_tune.core.parameters import Float, Params
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import RUNNING
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal
from tests.processes import PATIENCE_S


class ScriptedExecutor:
    """Runs nothing: every launch starts, reports `x` at each step as it is acknowledged, and ends."""

    def __init__(self, steps: int = 3, fails_to_open: Exception | None = None):
        self._steps = steps
        self._fails_to_open = fails_to_open
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self._params: dict[tuple[int, int], float] = {}
        self.acknowledged: list[TrialFact] = []
        self.closed = 0

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        self._post = post
        if self._fails_to_open is not None:
            raise self._fails_to_open
        return ()

    def launch(self, command: Launch) -> None:
        x = command.params["x"]
        assert isinstance(x, float)
        self._params[command.number, command.attempt] = x
        self._post(TrialStarted(command.number, command.attempt, "scripted/0"))

    def acknowledge(self, fact: TrialFact) -> None:
        self.acknowledged.append(fact)
        key = (fact.number, fact.attempt)
        if key not in self._params or isinstance(fact, TrialEnded):
            return
        step = fact.step if isinstance(fact, TrialReported) else 0
        if step < self._steps:
            self._post(TrialReported(*key, step + 1, {"score": self._params[key]}))
        else:
            del self._params[key]
            self._post(TrialEnded(*key, "complete"))

    def halt(self, command: Halt) -> None:
        if self._params.pop((command.number, command.attempt), None) is not None:
            self._post(TrialEnded(command.number, command.attempt, command.state, reason=command.reason))

    def recall(self, number: int, attempt: int) -> bool:
        return False

    async def close(self, *, taken_over: bool = False) -> None:
        self.closed += 1


class Slots(ScriptedExecutor):
    """Trials that run until the test ends them."""

    def acknowledge(self, fact: TrialFact) -> None:
        self.acknowledged.append(fact)

    def end(self, number: int) -> None:
        x = self._params.pop((number, 1))
        self._post(TrialEnded(number, 1, "complete", value=x))


class FullMachine(Slots):
    """Launches wait for a slot until the test says that there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[tuple[int, int], Launch] = {}

    def launch(self, command: Launch) -> None:
        self.waiting[command.number, command.attempt] = command

    def recall(self, number: int, attempt: int) -> bool:
        return self.waiting.pop((number, attempt), None) is not None

    def make_room(self) -> None:
        for command in self.waiting.values():
            super().launch(command)
        self.waiting.clear()


class BrokenSlot(ScriptedExecutor):
    """Has two slots, on the second of which every trial fails."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[str] = []
        self._slot_of: dict[tuple[int, int], str] = {}

    def launch(self, command: Launch) -> None:
        not_free = {*self._slot_of.values(), *command.avoid}
        slot = next(slot for slot in ("scripted/0", "scripted/1") if slot not in not_free)
        self.used.append(slot)
        key = command.number, command.attempt
        self._slot_of[key] = slot
        self._params[key] = 0.5
        self._post(TrialStarted(*key, slot))

    def acknowledge(self, fact: TrialFact) -> None:
        key = fact.number, fact.attempt
        if isinstance(fact, TrialStarted) and self._slot_of[key] == "scripted/1":
            del self._params[key]
            self._post(TrialEnded(*key, "failed", reason="CUDA error: an illegal address", cause="error"))
        super().acknowledge(fact)
        if isinstance(fact, TrialEnded):
            self._slot_of.pop(key, None)


class Oracle:
    """A sampler that draws from the middle of the ranges and keeps what it was asked; `pause` holds it."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, set[int], int]] = []
        """Of every suggestion: the trial's number, the pending ones, the revision of the ranges."""
        self.may_answer = threading.Event()
        self.may_answer.set()

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        self.asked.append((command.number, {trial.number for trial in study.live}, study.revision))
        assert self.may_answer.wait(PATIENCE_S)
        x = study.ranges["x"]
        assert isinstance(x, Float)
        return {"x": (x.low + x.high) / 2 + command.number / 1024, **(command.given or {})}, "oracle"


class Listener:
    def __init__(self) -> None:
        self.records: list[Record] = []
        self.notices: list[str] = []
        self.is_fenced = False
        self.changed = asyncio.Event()

    def publish(self, record: Record, text: str) -> None:
        self.records.append(record)
        self.changed.set()

    def notice(self, text: str, level: str) -> None:
        self.notices.append(text)
        self.changed.set()

    def fenced(self) -> None:
        self.is_fenced = True
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


class FullDisk(Journal):
    """A journal on a disk that is full while `is_full`."""

    is_full = False
    refused = 0

    def append(self, events: Sequence[Event], at: float, *, durable: bool = True) -> list[Record]:
        if FullDisk.is_full:
            FullDisk.refused += 1
            raise JournalError("database or disk is full")
        return super().append(events, at, durable=durable)


def a_loop(
    folder: Path,
    executor: ScriptedExecutor,
    *,
    trials: int | None = 10,
    files: str = "",
    clock: Callable[[], float] = time.time,
    **options: Any,
) -> tuple[StudyLoop, Listener]:
    settings = Settings("score", trials=trials, workers=2, sampler="random", pruner="none", **options)
    opened = StudyOpened("s", Space(x=Float(0.0, 1.0)), settings)
    journal = FullDisk.create(folder / "s.tune.db", opened, 0.0)
    listener = Listener()
    study, work = Study.fold(journal.records()), Work("", files, "score", {})
    return StudyLoop(journal, study, executor, work, SamplerThread(), listener, clock), listener


async def two_running(loop: StudyLoop, listener: Listener) -> None:
    """Trials 0 and 1 run, and the thread has nothing left to do."""
    await loop.begin([])
    await listener.until(lambda: len(loop.study.in_state(RUNNING)) == 2)
    await all_suggested(loop)


async def runs(loop: StudyLoop, listener: Listener, number: int) -> None:
    await listener.until(lambda: number in {trial.number for trial in loop.study.in_state(RUNNING)})


async def all_suggested(loop: StudyLoop) -> None:
    """The thread works in order: what was requested before this is done."""
    await loop._suggestions.thread.run(lambda: None)
