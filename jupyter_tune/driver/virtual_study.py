"""A study in virtual time: the real engine, sampler and pruner, trials from a script.

What a trial does is a generator of (seconds until then, fact); a halted trial ends HALT_S later unless it
was faster. Suggestions take SUGGEST_S, one at a time, as in the driver; what the driver itself records comes
after OWN_S. Nothing is left to chance or to a clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from jupyter_tune.core.commands import Close, Command, EndSearch, Halt, Launch, Resume, Suggest
from jupyter_tune.core.events import (
    AttemptsFound,
    Event,
    Record,
    SearchEnded,
    StudyEnded,
    StudyOpened,
    TrialEnded,
    TrialEnqueued,
    TrialResumed,
    TrialSuggested,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.ports import Key, Sampler, TrialFact
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import RESUME
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import WAITING
from jupyter_tune.driver.decisions import Decisions
from jupyter_tune.registry import make_sampler

SUGGEST_S, HALT_S, OWN_S = 0.25, 0.125, 1 / 64
BEGIN = 1_700_000_000.0

Train = Callable[[Launch], Iterator[tuple[float, TrialFact]]]


class VirtualStudy:
    """A new study; `run` lets time pass until nothing is left to happen.

    Args:
        train:       what an attempt does.
        checkpoints: whether a pruned trial leaves one.
        sampler:     in place of that of the settings.
        begun:       what is recorded with the opening.
        asks_for_all: the sampler is asked for the defaults too.
    """

    suggest_s, halt_s = SUGGEST_S, HALT_S

    def __init__(
        self,
        space: Space,
        settings: Settings,
        train: Train,
        *,
        checkpoints: bool = False,
        origin: dict[str, Any] | None = None,
        sampler: Sampler | None = None,
        begun: Sequence[Event] = (),
        asks_for_all: bool = False,
    ):
        self.records: list[Record] = []
        self._decisions = Decisions()
        self._now = BEGIN
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._train = train
        self._checkpoints = checkpoints
        self._asks_for_all = asks_for_all
        self._sampler = sampler or make_sampler(settings.sampler)
        self._forget_what_runs()
        self._begin([StudyOpened("golden", space, settings, origin=origin or {}), *begun])

    def _forget_what_runs(self) -> None:
        self._suggests: list[int] = []
        self._halted: set[Key] = set()
        self._running: dict[Key, Iterator[tuple[float, TrialFact]]] = {}
        self._coming: dict[Key, TrialFact] = {}

    @property
    def now_s(self) -> float:
        """Seconds since the study began."""
        return self._now - BEGIN

    @property
    def study(self) -> Study:
        return self._decisions.study

    def run(self) -> None:
        while self._agenda:
            self._now, _, happen = heapq.heappop(self._agenda)
            happen()

    def record(self, event: Event) -> None:
        if not self.study.is_ended:
            self._obey(self._decisions.handle(self._recorded(event)))

    def _begin(self, facts: Sequence[Event], first: Params | None = None) -> None:
        self._decisions.begin([self._recorded(event) for event in facts])
        if self._running:
            self.record(AttemptsFound(sorted(list(key) for key in self._running)))
            for key in self._running:
                self._push(OWN_S, self._happens(self._coming[key]))
        if first is not None:
            self.record(TrialEnqueued(first, RESUME))
        self._obey(self._decisions.engine.go_on())

    def _recorded(self, event: Event) -> Record:
        self.records.append(Record(len(self.records) + 1, self._now, event))
        return self.records[-1]

    def _push(self, delay_s: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self._now + delay_s, next(self._order), happen))

    def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case Suggest(number=number):
                    self._suggests.append(number)
                    if len(self._suggests) == 1:
                        self._push(self.suggest_s, self._suggest)
                case Launch(number=number, attempt=attempt):
                    self._running[number, attempt] = self._train(command)
                    self._go_on(number, attempt)
                case Halt(number=number, attempt=attempt):
                    self._halted.add((number, attempt))
                    waits = self.study.trials[number].state == WAITING and (
                        (number, attempt) not in self._running
                    )
                    self._push(OWN_S if waits else self.halt_s, self._ender(command, waits))
                case Resume(number, attempt, afresh):
                    self._push(OWN_S, self._recorder(TrialResumed(number, attempt, afresh)))
                case EndSearch(reason=reason):
                    self._push(OWN_S, self._recorder(SearchEnded(reason)))
                case Close(reason=reason):
                    self._push(OWN_S, self._recorder(StudyEnded(reason)))

    def _recorder(self, event: Event) -> Callable[[], None]:
        return lambda: self.record(event)

    def _suggest(self) -> None:
        number = self._suggests[0]
        command, study = self._decisions.engine.command_for(number), self.study
        if command.source == "default" and not self._asks_for_all:
            params, source, known = study.ranges.defaults(), command.source, None
        else:
            known = study.seq
            seed = trial_seed(study.settings.seed, number)
            params, source = self._sampler.suggest(study, command, seed)
        self.record(TrialSuggested(number, params, source, study.revision, command.enqueued, known))
        del self._suggests[0]
        if self._suggests:
            self._push(self.suggest_s, self._suggest)

    def _go_on(self, number: int, attempt: int) -> None:
        delay_s, fact = next(self._running[number, attempt])
        self._coming[number, attempt] = fact
        self._push(delay_s, self._happens(fact))

    def _happens(self, fact: TrialFact) -> Callable[[], None]:
        return lambda: self._happen(fact)

    def _happen(self, fact: TrialFact) -> None:
        key = fact.number, fact.attempt
        # in rounds a driver records nothing of an attempt that is being ended (driver/in_order.py)
        if key not in self._running or (self.study.rounds is not None and key in self._halted):
            return
        if isinstance(fact, TrialEnded):
            del self._running[key]
        self.record(fact)
        if key in self._running:
            self._go_on(*key)

    def _ender(self, halt: Halt, waits: bool) -> Callable[[], None]:
        key = halt.number, halt.attempt

        def end() -> None:
            if waits or self._running.pop(key, None) is not None:
                checkpoint = self._checkpoints and (not waits or self.study.trials[key[0]].resumed)
                self.record(TrialEnded(*key, halt.state, reason=halt.reason, checkpoint=checkpoint))

        return end
