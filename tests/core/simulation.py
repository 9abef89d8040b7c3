"""An executor, a sampler and a clock that exist only in memory.

The simulation does what the driver does: it records facts one by one and obeys the engine's
commands. What happens next (which answer, which death, which report) is drawn from a
random source, so that one seed is one history. It checks as it goes what must always hold.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from itertools import count
from random import Random

from jupyter_tune.core.commands import Close, Command, Halt, Launch, Resume, Suggest
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    Event,
    Record,
    StudyEnded,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.ports import Pruner
from jupyter_tune.core.retries import CRASH, ERROR, MEMORY, TIMEOUT
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, LOST, PRUNED, WAITING
from tests.core.studies import SPACE

Key = tuple[int, int]


@dataclass
class Attempt:
    """An attempt that was launched and has not ended. `halt` is the command to end it, if any."""

    launch: Launch
    started: bool = False
    step: int = 0
    slot: str = ""
    halt: Halt | None = None


class Simulation:
    """A study from `records` on (a new one without any), run by chance.

    `commands`: what the engine answered, in order; one list for the beginning, then one a record.
    """

    def __init__(
        self, settings: Settings, pruner: Pruner, random: Random, records: list[Record] | None = None
    ):
        self.records = records or [Record(1, 0.0, StudyOpened("simulated", SPACE, settings))]
        self._random = random
        self.engine = Engine(Study.fold(self.records), pruner)
        self.commands: list[list[Command]] = []
        self._suggests: list[Suggest] = []
        self.attempts: dict[Key, Attempt] = {}
        self._launched: set[Key] = set()
        self._halted: set[Key] = set()
        self._resumed: set[Key] = set()
        self._suggested: set[int] = set()
        self.closes = 0
        self._inbox: deque[Event] = deque()
        self._busy = False

    @property
    def study(self) -> Study:
        return self.engine.study

    def begin(self) -> None:
        self._take(self.engine.go_on())

    def record(self, event: Event) -> None:
        self._inbox.append(event)
        # what is recorded while a command is obeyed waits until all of them are
        while self._inbox and not self._busy:
            last = self.records[-1]
            record = Record(last.seq + 1, last.at + self._random.random(), self._inbox.popleft())
            self.records.append(record)
            self._take(self.engine.handle(record))

    def _take(self, commands: list[Command]) -> None:
        self.commands.append(commands)
        self._busy = True
        self._obey(commands)
        self._busy = False

    def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Suggest(number=number):
                    assert number not in self._suggested, "a number is suggested once"
                    assert number not in self.study.trials
                    self._suggested.add(number)
                    self._suggests.append(command)
                case Launch(number=number, attempt=attempt):
                    assert (number, attempt) not in self._launched, "an attempt is launched once"
                    assert self.study.trials[number].state == WAITING
                    self._launched.add((number, attempt))
                    # a checkpoint may be a step older than the last report
                    step = max(0, command.resumed_from - (self._random.random() < 0.3))
                    self.attempts[number, attempt] = Attempt(command, step=step)
                    assert len(self.attempts) <= self.study.settings.workers, "slots are not overbooked"
                    alone = any(self.study.trials[each].runs_alone for each, _ in self.attempts)
                    assert not alone or len(self.attempts) == 1, "a trial out of memory runs alone"
                case Halt(number=number, attempt=attempt):
                    assert (number, attempt) not in self._halted, "an attempt is halted once"
                    self._halted.add((number, attempt))
                    self._halt(command)
                case Resume(number=number, attempt=attempt):
                    assert (number, attempt) not in self._resumed, "an attempt is resumed once"
                    assert self.study.trials[number].state == PRUNED
                    assert self.study.trials[number].checkpoint
                    self._resumed.add((number, attempt))
                    self.record(TrialResumed(number, attempt))
                case Close(reason=reason):
                    self.closes += 1
                    assert not self.attempts
                    assert not self._suggests
                    self.record(StudyEnded(reason))

    def _halt(self, command: Halt) -> None:
        key = command.number, command.attempt
        if key in self.attempts:
            self.attempts[key].halt = command
        elif self.study.trials[command.number].state == WAITING:
            # nothing runs yet: the driver ends it by itself
            self.record(TrialEnded(*key, command.state, reason=command.reason))

    @property
    def is_idle(self) -> bool:
        return not self._suggests and not self.attempts

    def step(self) -> None:
        """One thing happens."""
        if self._suggests and (not self.attempts or self._random.random() < 0.3):
            self._answer(self._suggests.pop(0))
            return
        key = self._random.choice(sorted(self.attempts))
        self._advance(key, self.attempts[key])

    def _answer(self, command: Suggest) -> None:
        # what it asks for may have been withdrawn since
        command = self.engine.command_for(command.number)
        drawn = {"x": self._random.random(), "y": self._random.random()}
        params = {**drawn, **(command.given or {})}
        source, revision = command.source or "random", self.study.revision
        self.record(TrialSuggested(command.number, params, source, revision, command.enqueued))

    def _advance(self, key: Key, attempt: Attempt) -> None:
        number = key[0]
        # every failure is of its own kind: alike, they would end the study
        broken = f"broke in the way of {''.join('abcdefghij'[int(digit)] for digit in str(number))}"
        chance = self._random.random()
        longest = self.study.settings.max_steps or 5
        if chance < 0.05:
            self._end(key, TrialEnded(*key, LOST, error=broken))
        elif not attempt.started:
            attempt.started = True
            attempt.slot = self._free_slot(attempt.launch)
            self.record(TrialStarted(*key, slot=attempt.slot))
        elif attempt.halt is not None and chance < 0.6:
            checkpoint = self._random.random() < 0.5
            halt = attempt.halt
            self._end(key, TrialEnded(*key, halt.state, reason=halt.reason, checkpoint=checkpoint))
        elif chance < 0.1:
            cause = self._random.choice(["", ERROR, CRASH, MEMORY, TIMEOUT])
            self._end(key, TrialEnded(*key, FAILED, error=broken, cause=cause))
        elif attempt.step >= longest:
            self._end(key, TrialEnded(*key, COMPLETE))
        else:
            attempt.step += 1
            score = math.nan if self._random.random() < 0.1 else self._random.random()
            self.record(TrialReported(*key, attempt.step, {"score": score}))

    def _free_slot(self, launch: Launch) -> str:
        # a budget that was lowered leaves more trials running than there are workers
        not_free = {attempt.slot for attempt in self.attempts.values()} | set(launch.avoid)
        return next(slot for index in count() if (slot := f"sim/{index}") not in not_free)

    def _end(self, key: Key, event: TrialEnded) -> None:
        # first out of the books: the record may launch another one into the slot
        del self.attempts[key]
        self.record(event)

    def run(self, most: int = 100_000) -> None:
        """Until nothing happens any more."""
        for _ in range(most):
            if self.is_idle:
                return
            self.step()
        raise AssertionError("the study does not come to an end")
