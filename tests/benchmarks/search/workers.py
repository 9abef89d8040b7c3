"""Asynchronous workers in virtual time: a tuner is run on a task's curves without a training or a clock.

Each worker trains one configuration at a time. The report of a step happens at the trial's start plus
the curve's seconds for that step; the tuner's answer stops the trial there or lets it go on. At the end,
or at the step where the tuner wants to be told, the trial is told; the worker that is free then asks at
once. What the tuner itself takes is not charged. Reports that fall together come in the order of their
trials' asks, so a run is determined by task, tuner and seed.

The unit of time is one full training of the whole pool: the mean seconds of a full training divided
by the number of workers. So by 10 of them, 1 worker or 8 have done the work of 10 full trainings.

A tuner that asks again for a configuration, to a later step, is charged only for the steps that this
configuration has not yet been trained for: as if its training went on from a checkpoint. That is
generous to tuners that would start it afresh.

The score is that of the incumbent, the configuration and step with the lowest loss that any report
has shown so far; it counts with its true loss there. The two differ where reports are noisy.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from tests.benchmarks.search.curves import Curve, Task
from tests.benchmarks.search.peers.served import Suggestion
from tests.benchmarks.search.spaces import check

# a configuration's values, in the space's order
Key: TypeAlias = tuple[Any, ...]

MOMENTS = (5.0, 10.0, 25.0, 50.0)


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
    key: Key = field(compare=False)
    curve: Curve = field(compare=False)
    started: float = field(compare=False)  # when it would have begun, had all its steps been run now
    step: int = field(compare=False)
    until: int = field(compare=False)


def simulate(tuner: Tuner, task: Task, workers: int, seed: int, horizon: float = MOMENTS[-1]) -> Outcome:
    """Run `tuner` on `task` for `horizon` full trainings of the pool.

    Args: seed: of the noise in what is shown; the tuner has its own.
    """
    unit = task.reference.full_seconds / workers
    outcome = Outcome()
    trained: dict[Key, int] = {}
    running: list[_Training] = []
    best_shown = best_last = math.inf

    def start(now: float) -> None:
        suggestion = tuner.ask()
        heapq.heappush(running, _begin(task, suggestion, outcome.asked, now, seed, trained))
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
        if suggestion.until is not None:
            trained[training.key] = step
        tuner.tell(suggestion.id, shown, "complete" if goes_on else "pruned")
        start(training.at)
    return outcome


def _begin(
    task: Task, suggestion: Suggestion, number: int, now: float, seed: int, trained: dict[Key, int]
) -> _Training:
    params = check(task.space, suggestion.params)
    curve = task.curve(params, seed)
    key = tuple(params.values())
    until = min(suggestion.until or task.max_steps, task.max_steps)
    done = trained.get(key, 0) if suggestion.until is not None else 0
    if done >= until:
        # what is known already costs its last step, so that no tuner stands still in time
        done = until - 1
    paid = float(curve.seconds[done - 1]) if done else 0.0
    at = now - paid + float(curve.seconds[done])
    return _Training(at, number, suggestion, key, curve, now - paid, done + 1, until)
