"""An executor whose workers die, hang, are slow, and are taken for dead although they live.

It keeps the contract of core/ports.py in that every launch has an end, and facts of an attempt are in order.
But as on a network a fact may come twice, also long after the end, and an attempt that is lost may go on and
send facts while the next one runs.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.retries import TIMEOUT
from jupyter_tune.core.trial import COMPLETE, FAILED, LOST
from jupyter_tune.errors import TuneError
from tests.simulation.invariants import Invariants
from tests.simulation.scenario import Faults, Scenario
from tests.simulation.virtual_loop import VirtualLoop

GRACE_S = 6.0
"""Seconds from a halt to the end of an attempt that does not answer."""


@dataclass(eq=False)
class Attempt:
    """`may_go_on`: its last report is acknowledged, or it was halted; `is_over`: its end is on the way;
    `heard_at`: when its last fact arrives; `has_slot`: it has one, and is not taken back any more."""

    command: Launch
    slot: str
    task: asyncio.Task[None] | None = None
    halt: Halt | None = None
    is_over: bool = False
    is_ghost: bool = False
    heard_at: float = 0.0
    has_slot: bool = False
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def key(self) -> Key:
        return self.command.number, self.command.attempt


class SimulatedExecutor:
    """Args: may_die: called where the driver may be killed; on_end: called when an end arrives."""

    def __init__(
        self,
        loop: VirtualLoop,
        plan: Scenario,
        random: Random,
        checks: Invariants,
        may_die: Callable[[], None],
        on_end: Callable[[], None],
    ):
        self._loop = loop
        self._plan = plan
        self._random = random
        self._checks = checks
        self._may_die = may_die
        self._on_end = on_end
        self._post: Callable[[TrialFact], None] = lambda fact: None
        self._running: dict[Key, Attempt] = {}

    @property
    def _faults(self) -> Faults:
        return self._plan.at(self._loop.time())

    def _by_chance(self, share: float) -> bool:
        return self._random.random() < share

    # the contract

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        self._post = post
        await asyncio.sleep(self._random.uniform(0, 2))
        if self._faults.refuses:
            raise TuneError("no trial can run here")
        for at in self._plan.faults.all_lost_at:
            if at > self._loop.time():
                self._loop.call_at(at, self._lose_all)
        return ()

    def launch(self, command: Launch) -> None:
        self._may_die()
        self._checks.launched(command, [attempt.command for attempt in self._running.values()])
        not_free = {attempt.slot for attempt in self._running.values()} | set(command.avoid)
        slot = next(slot for index in count() if (slot := f"sim/{index}") not in not_free)
        attempt = self._running[command.number, command.attempt] = Attempt(command, slot)
        attempt.task = asyncio.create_task(self._train(attempt))

    def acknowledge(self, fact: TrialFact) -> None:
        self._checks.acknowledged(fact)
        attempt = self._running.get((fact.number, fact.attempt))
        if attempt is not None and isinstance(fact, TrialReported):
            self._loop.call_later(self._latency, attempt.may_go_on.set)
        self._may_die()

    def halt(self, command: Halt) -> None:
        self._may_die()
        self._checks.halted(command)
        attempt = self._running.get((command.number, command.attempt))
        if attempt is None or attempt.halt is not None:
            return
        attempt.halt = command
        if not attempt.has_slot:
            self._obey(attempt)
            return
        attempt.may_go_on.set()
        if self._by_chance(self._faults.loses):
            self._loop.call_later(0.05, self._lose, attempt)
        grace_s = 60.0 if self._by_chance(self._faults.silences) else self._random.uniform(0.1, GRACE_S)
        self._loop.call_later(grace_s, self._obey, attempt)

    def recall(self, number: int, attempt: int) -> bool:
        self._may_die()
        queued = self._running.get((number, attempt))
        if queued is None or queued.has_slot or queued.is_over:
            return False
        self._checks.recalled(number, attempt)
        del self._running[number, attempt]
        queued.is_over = True
        if queued.task is not None:
            queued.task.cancel()
        return True

    async def close(self, *, taken_over: bool = False) -> None:
        for attempt in list(self._running.values()):
            self._end(attempt, LOST, "the executor was closed")
        await asyncio.sleep(self._random.uniform(0, 1))

    # an attempt

    async def _train(self, attempt: Attempt) -> None:
        faults, command = self._faults, attempt.command
        if self._by_chance(faults.loses):
            self._loop.call_later(self._random.choice([0.1, 5, 10]), self._lose, attempt)
        await asyncio.sleep(60.0 if self._by_chance(faults.silences) else self._random.uniform(0.1, 1))
        attempt.has_slot = True
        self._send(attempt, TrialStarted(*attempt.key, attempt.slot, pid=1000 + command.number))
        if command.timeout_s is not None:
            reason = f"took longer than {command.timeout_s:g} s"
            self._loop.call_later(command.timeout_s, self._end, attempt, FAILED, reason, TIMEOUT)
        hangs_at = self._random.randint(1, self._plan.steps) if self._by_chance(faults.hangs) else None
        # a checkpoint may be older than the last report
        begin = max(0, command.resumed_from - self._by_chance(0.3))
        pace_s = self._random.uniform(0.3, 3)
        for step in range(begin + 1, self._plan.steps + 1):
            if step == hangs_at:
                await asyncio.Event().wait()
            await asyncio.sleep(pace_s)
            if self._fails(attempt):
                return
            await self._report(attempt, step)
            if attempt.halt is not None:
                self._obey(attempt)
        # most trials leave it to the study to take the best reading
        value = self._reading() if self._by_chance(0.3) else None
        self._end(attempt, COMPLETE, value=value)

    def _fails(self, attempt: Attempt) -> bool:
        faults, number = self._faults, attempt.command.number
        if faults.broken_slot is not None and attempt.slot == f"sim/{faults.broken_slot}":
            self._end(attempt, FAILED, "the memory of this slot is broken", "error")
            return True
        if not self._by_chance(faults.fails):
            return False
        # letters, since failures that differ in numbers alone are of one kind, and end the study
        place = "alike" if faults.breaks_alike else "in way " + "".join(chr(97 + int(d)) for d in str(number))
        self._end(attempt, FAILED, f"broke {place}", self._random.choice(faults.causes))
        return True

    async def _report(self, attempt: Attempt, step: int) -> None:
        faults = self._faults
        value = self._reading()
        self._checks.measured(value, attempt.command)
        if self._by_chance(faults.odd_steps):
            step = self._random.randint(1, step)
        # of another metric too, at times of that alone
        metrics = {"score": value, "loss": 1 - value} if self._by_chance(0.95) else {"loss": 1 - value}
        attempt.may_go_on.clear()
        self._send(attempt, TrialReported(*attempt.key, step, metrics))
        if not attempt.is_ghost:
            await attempt.may_go_on.wait()

    def _reading(self) -> float:
        if self._by_chance(self._faults.odd_values):
            return self._random.choice([math.nan, math.inf, -math.inf])
        return self._random.random()

    def _obey(self, attempt: Attempt) -> None:
        assert attempt.halt is not None
        self._end(attempt, attempt.halt.state, attempt.halt.reason)

    def _end(
        self, attempt: Attempt, state: str, reason: str = "", cause: str = "", value: float | None = None
    ) -> None:
        """The end of an attempt, on its way. A ghost sends it too."""
        if attempt.is_over and not attempt.is_ghost:
            return
        attempt.is_over = True
        has_checkpoint = self._by_chance(self._plan.checkpoints)
        fact = TrialEnded(*attempt.key, state, value, {}, reason, "", has_checkpoint, cause)
        self._send(attempt, fact)
        attempt.is_ghost = False
        if attempt.task is not None and attempt.task is not asyncio.current_task():
            attempt.task.cancel()

    def _lose(self, attempt: Attempt) -> None:
        if attempt.is_over:
            return
        if not self._plan.faults.ghosts:
            self._end(attempt, LOST, "its worker is gone")
            return
        attempt.is_over = attempt.is_ghost = True
        self._arrives(TrialEnded(*attempt.key, LOST, reason="its worker is silent"))

    def _lose_all(self) -> None:
        for attempt in list(self._running.values()):
            self._lose(attempt)

    # the way of the facts

    @property
    def _latency(self) -> float:
        return self._random.choice([0.0, 0.001, 0.05])

    def _send(self, attempt: Attempt, fact: TrialFact) -> None:
        """Later, but in the order of the attempt's facts."""
        if attempt.is_over and not attempt.is_ghost and not isinstance(fact, TrialEnded):
            return
        delay_s = self._latency + attempt.is_ghost * self._random.uniform(0, 20)
        # a bit later than the one before, since timers of the same time have no order
        attempt.heard_at = max(attempt.heard_at + 1e-6, self._loop.time() + delay_s)
        self._loop.call_at(attempt.heard_at, self._arrives, fact)
        if self._by_chance(self._faults.repeats):
            self._loop.call_at(attempt.heard_at + self._random.choice([0, 1, 30]), self._post, fact)

    def _arrives(self, fact: TrialFact) -> None:
        if isinstance(fact, TrialEnded):
            self._running.pop((fact.number, fact.attempt), None)
            self._on_end()
        self._post(fact)
