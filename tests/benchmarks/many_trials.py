"""A driver's own loop, engine, pruner, sampler and journal, around trials that are timers.

What a trial does costs next to nothing, so that a study of 100,000 of them on 1,000 slots shows what its
driver costs, in virtual time (scaled_study.py) or in real time (keeps_up.py).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from random import Random

from jupyter_tune.core.commands import Halt, Launch, Suggest
from jupyter_tune.core.events import Record, TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.driver.clients import Clients
from jupyter_tune.driver.sampler_thread import PendingSuggestion, SamplerThread
from jupyter_tune.registry import make_sampler

STEPS = 60
FIRST_RUNG = 4
"""With these ASHA leaves a trial about ten reports: most stop at the first rung, few get to the end."""

BEGAN = 1_700_000_000.0

WORK = Work("", "", "score", {})

SPACE = Space(x=Float(0.0, 1.0), lr=Float(1e-5, 1.0, log=True), width=Float(8.0, 1024.0))


def settings(trials: int, slots: int, pruner: str = "asha") -> Settings:
    return Settings(
        "score",
        trials=trials,
        workers=slots,
        sampler="random",
        pruner=pruner,
        min_steps=FIRST_RUNG,
        max_steps=STEPS,
        retries=0,
    )


@dataclass(slots=True)
class Attempt:
    """`pace_s`: seconds between two reports; `due_at`: when its last fact was due, by the loop's clock."""

    command: Launch
    slot: str
    quality: float
    pace_s: float
    due_at: float = 0.0
    timer: asyncio.TimerHandle | None = None

    @property
    def key(self) -> Key:
        return self.command.number, self.command.attempt


class Timers:
    """An executor in which a trial is a timer: it reports every `pace_s` (0.5 to 1.5 times that), and waits
    for each acknowledgement.

    `waits_s`: seconds from when each report was due to its acknowledgement.

    Args: checkpoints: whether trials leave one.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, slots: int, *, pace_s: float = 1.0, checkpoints: bool = False
    ):
        self._loop = loop
        self._pace_s = pace_s
        self._checkpoints = checkpoints
        self._random = Random(0)
        self._noise = [self._random.gauss(0.0, 0.03) for _ in range(997)]
        self._free = [f"node/{index}" for index in reversed(range(slots))]
        self._running: dict[Key, Attempt] = {}
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self.waits_s: list[float] = []

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        self._post = post
        return ()

    def launch(self, command: Launch) -> None:
        quality = command.params["x"]
        assert isinstance(quality, float)
        pace_s = self._pace_s * self._random.uniform(0.5, 1.5)
        attempt = Attempt(command, self._free.pop(), quality, pace_s)
        self._running[attempt.key] = attempt
        self._later(attempt, TrialStarted(*attempt.key, attempt.slot, pid=1000 + command.number))

    def acknowledge(self, fact: TrialFact) -> None:
        attempt = self._running.get((fact.number, fact.attempt))
        if attempt is None or attempt.timer is None:
            return  # it has ended, or was halted
        step = attempt.command.resumed_from
        if isinstance(fact, TrialReported):
            step = fact.step
            self.waits_s.append(self._loop.time() - attempt.due_at)
        if step < STEPS:
            value = self._reading(attempt, step + 1)
            self._later(attempt, TrialReported(*attempt.key, step + 1, {"score": value}))
        else:
            self._later(attempt, TrialEnded(*attempt.key, COMPLETE, checkpoint=self._checkpoints))

    def _reading(self, attempt: Attempt, step: int) -> float:
        noise = self._noise[(attempt.command.number * 31 + step) % len(self._noise)]
        return attempt.quality * (1 - math.exp(-step / 10)) + noise

    def _later(self, attempt: Attempt, fact: TrialFact) -> None:
        attempt.timer = self._loop.call_later(attempt.pace_s, self._send, attempt, fact)
        attempt.due_at = attempt.timer.when()

    def _send(self, attempt: Attempt, fact: TrialFact) -> None:
        if isinstance(fact, TrialEnded):
            del self._running[attempt.key]
            self._free.append(attempt.slot)
        self._post(fact)

    def halt(self, command: Halt) -> None:
        attempt = self._running.get((command.number, command.attempt))
        if attempt is None or attempt.timer is None:
            return
        attempt.timer.cancel()
        attempt.timer = None
        end = TrialEnded(*attempt.key, command.state, None, {}, command.reason, checkpoint=self._checkpoints)
        self._loop.call_later(0.1 * self._pace_s, self._send, attempt, end)

    def recall(self, number: int, attempt: int) -> bool:
        return False

    async def close(self, *, taken_over: bool = False) -> None:
        """Nothing is left: a study ends when its trials have."""


class Acknowledged:
    """A loop that commits and decides nothing: what the timers cost by themselves."""

    def __init__(self, executor: Timers, trials: int, slots: int):
        self._executor = executor
        self._left = iter(range(trials))
        self._slots = slots
        self.events = 0

    async def run(self, work: Work) -> None:
        self.over = asyncio.Event()
        await self._executor.open(work, self._post, {})
        for _ in range(self._slots):
            self._next()
        await self.over.wait()

    def _next(self) -> None:
        number = next(self._left, None)
        if number is None:
            self.over.set()
        else:
            self._executor.launch(Launch(number, 1, {"x": 0.5}, 0))

    def _post(self, fact: TrialFact) -> None:
        self.events += 1
        self._executor.acknowledge(fact)
        if isinstance(fact, TrialEnded):
            self._next()


class InPlace(SamplerThread):
    """The study's sampler, computed in the loop's own thread: in virtual time there is no other."""

    def __init__(self, sampler: str):
        # without the threads of the real one
        self._samplers = {sampler: make_sampler(sampler)}
        self.took_s = 0.0

    def suggest(self, study: Study, command: Suggest) -> PendingSuggestion:
        pending: PendingSuggestion = Future()
        pending.set_running_or_notify_cancel()
        pending.set_result(self._suggest(study, command))
        return pending


class Frames:
    """The transport of a client that takes what it is sent. `size`: bytes so far."""

    def __init__(self) -> None:
        self.size = 0

    def is_closing(self) -> bool:
        return False

    def write(self, frame: bytes) -> None:
        self.size += len(frame)


class Publisher:
    """Sends records to the clients as a driver does, and calls `note` for each."""

    def __init__(self, clients: Clients, note: Callable[[Record], None]):
        self._clients = clients
        self._note = note

    def publish(self, record: Record, text: str) -> None:
        self._clients.publish(text)
        self._note(record)

    def notice(self, text: str, level: str) -> None:
        assert level == "info", text

    def fenced(self) -> None:
        raise AssertionError("no other driver has taken the study over")
