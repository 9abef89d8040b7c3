"""The sampler's thread in virtual time: one suggestion after the other, each after a while."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from random import Random

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.driver.sampler_thread import PendingSuggestion, SamplerThread
from jupyter_tune.samplers.random import RandomSampler
from tests.simulation.scenario import Scenario
from tests.simulation.virtual_loop import VirtualLoop


class SimulatedSampler(SamplerThread):
    def __init__(self, loop: VirtualLoop, plan: Scenario, random: Random):
        # without the threads of the real one
        self._loop = loop
        self._plan = plan
        self._random = random
        self._queue: deque[tuple[PendingSuggestion, Study, Suggest]] = deque()
        self._is_busy = False
        self.took_s = 0.0

    def suggest(self, study: Study, command: Suggest) -> PendingSuggestion:
        pending: PendingSuggestion = Future()
        self._queue.append((pending, study, command))
        if not self._is_busy:
            self._next()
        return pending

    def _next(self) -> None:
        self._is_busy = False
        while self._queue and not self._is_busy:
            pending, study, command = self._queue.popleft()
            if pending.set_running_or_notify_cancel():
                self._is_busy = True
                self.took_s = self._random.choice([0.001, 0.05, 1.0, 10.0])
                self._loop.call_later(self.took_s, self._answer, pending, study, command)

    def _answer(self, pending: PendingSuggestion, study: Study, command: Suggest) -> None:
        if self._random.random() < self._plan.at(self._loop.time()).suggests_badly:
            pending.set_exception(ArithmeticError("the model is singular"))
        else:
            pending.set_result(self._params(study, command))
        self._next()

    def _params(self, study: Study, command: Suggest) -> tuple[Params, str]:
        return RandomSampler().suggest(study, command, trial_seed(study.settings.seed, command.number))
