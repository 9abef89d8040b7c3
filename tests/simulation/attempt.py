"""An attempt of a trial, and the workers that attempts run on.

Workers are part of one driver's process and die with it, or they outlive all drivers (`Scenario.outlives`),
as those of a cluster do: then an attempt goes on while no driver listens, and keeps its facts for the next.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
from collections.abc import Callable
from contextlib import suppress
from random import Random

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.ports import Key, TrialFact
from jupyter_tune.core.retries import TIMEOUT
from jupyter_tune.core.trial import COMPLETE, FAILED, LOST
from tests.simulation.invariants import Invariants
from tests.simulation.scenario import Faults, Scenario
from tests.simulation.virtual_loop import VirtualLoop

GRACE_S = 6.0
"""Seconds from a halt to the end of an attempt that does not answer."""
PATIENCE_S = 10.0
"""Seconds after which an attempt that outlives its driver goes on without an acknowledgement."""
ORPHANED_S = 120.0
"""Seconds after the death of a driver in which another one may find its attempts."""


class Workers:
    """`attempts`: those whose end no driver has recorded yet; `term`: the number of the latest driver.

    They belong to the process in which they are made, if it is one.
    """

    def __init__(self, loop: VirtualLoop, plan: Scenario, random: Random, checks: Invariants):
        self.loop = loop
        self.plan = plan
        self.random = random
        self.checks = checks
        self.context = contextvars.copy_context()
        self.attempts: dict[Key, Attempt] = {}
        self.term = 0
        for at in plan.faults.all_lost_at:
            if at > loop.time():
                self.later(at - loop.time(), self._lose_all)

    @property
    def faults(self) -> Faults:
        return self.plan.at(self.loop.time())

    @property
    def latency(self) -> float:
        return self.random.choice([0.0, 0.001, 0.05])

    def by_chance(self, share: float) -> bool:
        return self.random.random() < share

    def later(self, delay_s: float, callback: Callable[..., object], *args: object) -> None:
        self.loop.call_later(delay_s, callback, *args, context=self.context)

    def begin_term(self) -> int:
        self.term += 1
        return self.term

    def driver_died(self, term: int) -> None:
        """Its attempts end after a while, unless a later one has taken them over."""
        if not self.loop.is_closed():
            self.later(ORPHANED_S, self._end_orphans, term)

    def _end_orphans(self, term: int) -> None:
        for attempt in list(self.attempts.values()):
            if attempt.term == term:
                attempt.vanish()

    def _lose_all(self) -> None:
        for attempt in list(self.attempts.values()):
            attempt.lose()


class Attempt:
    """Runs from the moment it is made.

    `facts`: all that it has made, in order; `term`: that of the driver which it obeys; `post`: takes its
    facts (None: no driver does); `is_over`: its end is on the way; `has_slot`: it has one, and is not taken
    back any more; `heard_at`: when its last fact arrives.
    """

    def __init__(self, workers: Workers, command: Launch, slot: str, term: int):
        self.command = command
        self.key: Key = (command.number, command.attempt)
        self.slot = slot
        self.term = term
        self.facts: list[TrialFact] = []
        self.post: Callable[[Attempt, TrialFact], None] | None = None
        self.halted: Halt | None = None
        self.is_over = self.is_ghost = self.has_slot = False
        self.heard_at = 0.0
        self._workers = workers
        self._by_chance = workers.by_chance
        self._random = workers.random
        # its last report is acknowledged, or it was halted
        self._may_go_on = asyncio.Event()
        workers.attempts[self.key] = self
        workers.checks.begun(self.key)
        self._task = workers.loop.create_task(self._train(), context=workers.context)

    # from the driver

    def acknowledged(self, fact: TrialFact) -> None:
        if isinstance(fact, TrialReported):
            self._workers.later(self._workers.latency, self._may_go_on.set)
        elif isinstance(fact, TrialEnded):
            self._forget()

    def halt(self, command: Halt) -> None:
        if self.halted is not None:
            return
        self.halted = command
        if not self.has_slot:
            self._obey()
            return
        self._may_go_on.set()
        faults = self._workers.faults
        if self._by_chance(faults.loses):
            self._workers.later(0.05, self.lose)
        grace_s = 60.0 if self._by_chance(faults.silences) else self._random.uniform(0.1, GRACE_S)
        self._workers.later(grace_s, self._obey)

    def obey(self, term: int) -> None:
        """Obey the driver of this term, which does not listen yet."""
        self.term, self.post = term, None

    def keep(self, recorded: int, post: Callable[[Attempt, TrialFact], None]) -> None:
        """Go on for a driver that has `recorded` of its facts."""
        self.post = post
        for fact in self.facts[recorded:]:
            post(self, fact)
        if len(self.facts) <= recorded:
            self._may_go_on.set()

    # its ends

    def vanish(self) -> None:
        """End without a fact."""
        self.is_over = True
        self._forget()
        self._task.cancel()

    def lose(self) -> None:
        """Its worker is gone, or is taken for gone: that is the executor's fact, and not its own."""
        if self.is_over:
            return
        has_ghost = self._workers.plan.faults.ghosts
        if has_ghost:
            self.is_over = True
            self._forget()
        else:
            self.vanish()
        if self.post is not None:
            self.post(self, TrialEnded(*self.key, LOST, reason="its worker is gone"))
        self.is_ghost = has_ghost

    def end(self, state: str, reason: str = "", cause: str = "", value: float | None = None) -> None:
        """Its end is on its way. A ghost sends it too."""
        if self.is_over and not self.is_ghost:
            return
        self.is_over = True
        has_checkpoint = self._by_chance(self._workers.plan.checkpoints)
        self._make(TrialEnded(*self.key, state, value, {}, reason, "", has_checkpoint, cause))
        self.is_ghost = False
        if self._task is not asyncio.current_task():
            self._task.cancel()

    def _forget(self) -> None:
        if self._workers.attempts.get(self.key) is self:
            del self._workers.attempts[self.key]

    def _obey(self) -> None:
        assert self.halted is not None
        self.end(self.halted.state, self.halted.reason)

    def _make(self, fact: TrialFact) -> None:
        self.facts.append(fact)
        self._workers.checks.made(fact)
        if self.post is not None:
            self.post(self, fact)

    # the training

    async def _train(self) -> None:
        workers, faults, command = self._workers, self._workers.faults, self.command
        steps = workers.plan.steps
        if self._by_chance(faults.loses):
            workers.later(self._random.choice([0.1, 5, 10]), self.lose)
        await asyncio.sleep(60.0 if self._by_chance(faults.silences) else self._random.uniform(0.1, 1))
        self.has_slot = True
        self._make(TrialStarted(*self.key, self.slot, pid=1000 + command.number))
        if command.timeout_s is not None:
            reason = f"took longer than {command.timeout_s:g} s"
            workers.later(command.timeout_s, self.end, FAILED, reason, TIMEOUT)
        hangs_at = self._random.randint(1, steps) if self._by_chance(faults.hangs) else None
        # a checkpoint may be older than the last report
        begin = max(0, command.resumed_from - self._by_chance(0.3))
        pace_s = self._random.uniform(0.3, 3)
        for step in range(begin + 1, steps + 1):
            if step == hangs_at:
                await asyncio.Event().wait()
            await asyncio.sleep(pace_s)
            if self._fails():
                return
            await self._report(step)
            if self.halted is not None:
                self._obey()
                return
        # most trials leave it to the study to take the best reading
        self.end(COMPLETE, value=self._reading() if self._by_chance(0.3) else None)

    def _fails(self) -> bool:
        faults, number = self._workers.faults, self.command.number
        if faults.broken_slot is not None and self.slot == f"sim/{faults.broken_slot}":
            self.end(FAILED, "the memory of this slot is broken", "error")
            return True
        if not self._by_chance(faults.fails):
            return False
        # letters, since failures that differ in numbers alone are of one kind, and end the study
        place = "alike" if faults.breaks_alike else "in way " + "".join(chr(97 + int(d)) for d in str(number))
        self.end(FAILED, f"broke {place}", self._random.choice(faults.causes))
        return True

    async def _report(self, step: int) -> None:
        value = self._reading()
        self._workers.checks.measured(value, self.command)
        if self._by_chance(self._workers.faults.odd_steps):
            step = self._random.randint(1, step)
        # of another metric too, at times of that alone
        metrics = {"score": value, "loss": 1 - value} if self._by_chance(0.95) else {"loss": 1 - value}
        self._may_go_on.clear()
        self._make(TrialReported(*self.key, step, metrics))
        if not self.is_ghost:
            with suppress(TimeoutError):
                patience_s = PATIENCE_S if self._workers.plan.outlives else None
                await asyncio.wait_for(self._may_go_on.wait(), patience_s)

    def _reading(self) -> float:
        if self._by_chance(self._workers.faults.odd_values):
            return self._random.choice([math.nan, math.inf, -math.inf])
        return self._random.random()
