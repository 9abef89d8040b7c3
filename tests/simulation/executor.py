"""An executor whose workers die, hang, are slow, and are taken for dead although they live.

It keeps the contract of core/ports.py in that every launch has an end, and facts of an attempt are in order.
But where its workers are its own, as on a network a fact may come twice, also long after the end, and an
attempt that is lost may go on and send facts while the next one runs.

Where the workers outlive it, each fact comes once. The executor of the next driver finds the attempts, but
some: they obey it, and never an earlier one again. It sends what they made while no one listened.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Collection, Mapping
from itertools import count

from jupyter_tune.core.commands import Halt, Launch
from jupyter_tune.core.events import TrialEnded
from jupyter_tune.core.ports import Key, TrialFact, Work
from jupyter_tune.core.trial import LOST
from jupyter_tune.errors import TuneError
from tests.simulation.attempt import Attempt, Workers


class SimulatedExecutor:
    """`running`: launched or found, until their end arrives; `term`: of its driver, 0 before it opens;
    `is_fenced`: its driver has lost the study.

    Args: may_die: called where the driver may be killed; on_race: called when an end arrives or attempts are
    found, since a request may cross with that.
    """

    def __init__(self, workers: Workers, may_die: Callable[[], None], on_race: Callable[[], None]):
        self.running: dict[Key, Attempt] = {}
        self.term = 0
        self.is_fenced = False
        self._workers = workers
        self._loop = workers.loop
        self._checks = workers.checks
        self._may_die = may_die
        self._on_race = on_race
        self._is_open = False
        self._post: Callable[[TrialFact], None] = lambda fact: None
        # what arrives is for the driver's process, whoever sends it
        self._context = contextvars.copy_context()
        self._adrift: Mapping[Key, int] = {}
        # they obey this driver, and are not given to it yet
        self._found: dict[Key, Attempt] = {}
        self._launched_again: set[Key] = set()

    # the contract

    async def open(
        self, work: Work, post: Callable[[TrialFact], None], adrift: Mapping[Key, int]
    ) -> Collection[Key]:
        self._post, self._adrift = post, adrift
        self.term = self._workers.begin_term()
        await asyncio.sleep(self._workers.random.uniform(0, 2))
        if self._workers.faults.refuses:
            raise TuneError("no trial can run here")
        for attempt in list(self._workers.attempts.values()):
            self._finds(attempt)
        self._is_open = True
        if self._found:
            self._on_race()
            await asyncio.sleep(self._workers.random.uniform(0, 2))
        # some were lost meanwhile, or obey another driver already
        kept = [
            attempt
            for attempt in self._found.values()
            if attempt is self._workers.attempts.get(attempt.key) and attempt.term == self.term
        ]
        self._found.clear()
        for attempt in kept:
            self.running[attempt.key] = attempt
            self._checks.goes_on_with(attempt.key, attempt.facts[adrift[attempt.key] :])
            attempt.keep(adrift[attempt.key], self._send)
        for key in self._launched_again - self.running.keys():
            lost = TrialEnded(*key, LOST, reason="its worker is gone")
            self._loop.call_soon(self._arrives, lost, context=self._context)
        return [attempt.key for attempt in kept]

    def launch(self, command: Launch) -> None:
        self._may_die()
        key = command.number, command.attempt
        running = [each for each in self.running.values() if each.halted is None or each.halted.state != LOST]
        self._checks.launched(command, [attempt.command for attempt in running])
        if (there := self._workers.attempts.get(key)) is not None:
            # launched by an earlier driver, and its start was not recorded
            self._finds(there)
            if key in self._found:
                self._launched_again.add(key)
                return
        twins = [each for each in self._workers.attempts.values() if each.command.number == command.number]
        # what was found is halted once it is given to the driver
        self._checks.require(
            not self._is_open
            or all(each.is_over or each.halted or each.key in self._found for each in twins),
            f"{key} is launched while an attempt of no driver runs",
        )
        not_free = {attempt.slot for attempt in self._workers.attempts.values()} | set(command.avoid)
        slot = next(slot for index in count() if (slot := f"sim/{index}") not in not_free)
        attempt = self.running[key] = Attempt(self._workers, command, slot, self.term)
        attempt.post = self._send

    def acknowledge(self, fact: TrialFact) -> None:
        self._checks.acknowledged(fact)
        attempt = self._workers.attempts.get((fact.number, fact.attempt))
        if attempt is not None and attempt.term == self.term and attempt.post is not None:
            attempt.acknowledged(fact)
        self._may_die()

    def halt(self, command: Halt) -> None:
        self._may_die()
        self._checks.halted(command)
        key = command.number, command.attempt
        attempt = self.running.get(key) or self._found.get(key)
        if attempt is not None and attempt.term == self.term:
            attempt.halt(command)

    def recall(self, number: int, attempt: int) -> bool:
        self._may_die()
        queued = self.running.get((number, attempt))
        if queued is None or queued.has_slot or queued.is_over or queued.term != self.term:
            return False
        self._checks.recalled(number, attempt)
        del self.running[number, attempt]
        queued.vanish()
        return True

    async def close(self, *, taken_over: bool = False) -> None:
        self._checks.require(
            taken_over or not self.is_fenced, "a former driver ends what the next one goes on with"
        )
        if not (taken_over and self._workers.plan.outlives):
            for attempt in list(self.running.values()):
                if attempt.term == self.term:
                    attempt.end(LOST, "the executor was closed")
        await asyncio.sleep(self._workers.random.uniform(0, 1))

    def driver_died(self) -> None:
        self._workers.driver_died(self.term)

    # attempts of earlier drivers

    def _finds(self, attempt: Attempt) -> None:
        """Have it obey this driver, if it obeys an earlier one and is wanted; what is not wanted ends."""
        if attempt.term >= self.term:
            return
        if attempt.key in self._adrift and not self._workers.by_chance(self._workers.faults.forgets):
            attempt.obey(self.term)
            self._found[attempt.key] = attempt
        else:
            attempt.vanish()

    # the way of the facts

    def _send(self, attempt: Attempt, fact: TrialFact) -> None:
        """Have it arrive later, but in the order of the attempt's facts."""
        workers = self._workers
        delay_s = workers.latency + attempt.is_ghost * workers.random.uniform(0, 20)
        # a bit later than the one before, since timers of the same time have no order
        attempt.heard_at = max(attempt.heard_at + 1e-6, self._loop.time() + delay_s)
        self._loop.call_at(attempt.heard_at, self._arrives, fact, context=self._context)
        if workers.by_chance(workers.faults.repeats):
            again_at = attempt.heard_at + workers.random.choice([0, 1, 30])
            self._loop.call_at(again_at, self._post, fact, context=self._context)

    def _arrives(self, fact: TrialFact) -> None:
        if isinstance(fact, TrialEnded):
            self.running.pop((fact.number, fact.attempt), None)
            self._on_race()
        self._post(fact)
