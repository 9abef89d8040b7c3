"""Asynchronous workers in virtual time: a tuner is run on a task's curves without a training or a clock.

Each worker trains one configuration at a time. The report of a step happens at the trial's start plus
the curve's seconds for that step; the tuner's answer stops the trial there or lets it go on. At the end,
or at the step where the tuner wants to be told, the trial is told; the worker that is free then asks at
once. What the tuner itself takes is not charged. Reports that fall together come in the order of their
trials' asks, so a run is determined by task, tuner and seed.

The unit of time is one full training of the whole pool: the mean seconds of a full training divided
by the number of workers. So by 10 of them, 1 worker or 8 have done the work of 10 full trainings.

A tuner that asks again for a configuration, whether to go further with it or by chance, is charged for all
its steps once more: trainings leave no checkpoint here. That is the same for all, ours included.

The score is that of the incumbent, the configuration and step with the lowest loss that any report
has shown so far; it counts with its true loss there. The two differ where reports are noisy.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.benchmarks.search.curves import Curve, Task
from tests.benchmarks.search.peers.served import Suggestion
from tests.benchmarks.search.spaces import check

MOMENTS = (5.0, 10.0, 25.0)


class Tuner(Protocol):
    """What is run: a peer behind its pipe, or an adapter of `peers/` in this process."""

    def ask(self) -> Suggestion: ...

    def report(self, id: Any, step: int, loss: float) -> bool: ...

    def tell(self, id: Any, loss: float | None, state: str) -> None: ...


@dataclass
class Outcome:
    """What a run has come to.

    `improvements`: (time in full trainings, regret) whenever the incumbent changed; the true regret,
    which under noise may also rise. `last_regret`: of the trial that ended its full training with the lowest
    shown loss, None if none did.
    """

    improvements: list[tuple[float, float]] = field(default_factory=list)
    last_regret: float | None = None
    asked: int = 0
    reports: int = 0

    def regret(self, moment: float) -> float:
        """The incumbent's regret at that time; before the first report 1, as if the median were at hand."""
        known = [regret for at, regret in self.improvements if at <= moment]
        return known[-1] if known else 1.0


@dataclass(order=True)
class _Training:
    """A trial on its worker, ordered by its next report."""

    at: float
    number: int
    suggestion: Suggestion = field(compare=False)
    curve: Curve = field(compare=False)
    started: float = field(compare=False)
    step: int = field(compare=False)
    until: int = field(compare=False)


def simulate(tuner: Tuner, task: Task, workers: int, seed: int, horizon: float = MOMENTS[-1]) -> Outcome:
    """Run `tuner` on `task` for `horizon` full trainings of the pool.

    Args: seed: of the noise in what is shown; the tuner has its own.
    """
    unit = task.reference.full_seconds / workers
    outcome = Outcome()
    running: list[_Training] = []
    best_shown = best_last = math.inf

    def start(now: float) -> None:
        suggestion = tuner.ask()
        heapq.heappush(running, _begin(task, suggestion, outcome.asked, now, seed))
        outcome.asked += 1

    for _ in range(workers):
        start(0.0)
    while running[0].at <= horizon * unit:
        training = heapq.heappop(running)
        suggestion, curve, step = training.suggestion, training.curve, training.step
        shown, true = float(curve.shown[step - 1]), float(curve.losses[step - 1])
        outcome.reports += 1
        if shown < best_shown:
            best_shown = shown
            outcome.improvements.append((training.at / unit, task.regret(true)))
        if step == task.max_steps and shown < best_last:
            best_last, outcome.last_regret = shown, task.regret(true)
        goes_on = tuner.report(suggestion.id, step, shown)
        if goes_on and step < training.until:
            training.step += 1
            training.at = training.started + float(curve.seconds[step])
            heapq.heappush(running, training)
            continue
        tuner.tell(suggestion.id, shown, "complete" if goes_on else "pruned")
        start(training.at)
    return outcome


def _begin(task: Task, suggestion: Suggestion, number: int, now: float, seed: int) -> _Training:
    curve = task.curve(check(task.space, suggestion.params), seed)
    until = min(suggestion.until or task.max_steps, task.max_steps)
    return _Training(now + float(curve.seconds[0]), number, suggestion, curve, now, 1, until)
