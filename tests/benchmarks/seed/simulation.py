"""A tuner with workers on a virtual clock: the trainings are real, only their times are the cost model's.

The workers are asynchronous. A worker that is free asks for a trial at that moment and reports after every
epoch; a trial that is pruned frees it at once. An epoch is trained when its time comes, so a pruned
trial costs what it ran. Suggestions take no virtual time: the driver prepares them while trials run;
their processor time is measured apart.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeAlias

import jupyter_tune as jt
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.trial import Trial
from tests.benchmarks.seed.training import Epoch

Curve: TypeAlias = Callable[[Params, int], Generator[Epoch]]
"""A trial's params, and how many trials of the study had them before, to its epochs, trained one by one;
closed when no more are asked for."""


@dataclass
class Run:
    """What came of one study.

    `improved`: virtual seconds and the accuracy, each time that a report was the best so far;
    `finals`: the best of each trial that ran to its end, in the order of their ends; `chosen`: the params
    that the tuner has for the best.
    """

    improved: list[tuple[float, float]] = field(default_factory=list)
    finals: list[float] = field(default_factory=list)
    started: int = 0
    epochs: int = 0
    ended_s: float = 0.0
    chosen: Params = field(default_factory=dict)
    suggesting_s: list[float] = field(default_factory=list)

    @property
    def best(self) -> float:
        return self.improved[-1][1] if self.improved else -math.inf

    def reached_s(self, target: float) -> float:
        """When a report first was `target` or better; infinite if none was."""
        return next((at for at, accuracy in self.improved if accuracy >= target), math.inf)


def simulate(
    tuner: jt.Tuner,
    curve: Curve,
    *,
    workers: int,
    epochs: int,
    trials: int,
    target: float = math.inf,
) -> Run:
    """Run `trials` of at most `epochs` epochs each, or until a report reaches `target`."""
    run = Run()
    # when an epoch ends, which in the order of starting breaks ties, whose, and what it reports
    due: list[tuple[float, int, Trial, Generator[Epoch], Epoch]] = []

    def start(now: float) -> None:
        if run.started == trials:
            return
        began = time.process_time()
        trial = tuner.ask()
        run.suggesting_s.append(time.process_time() - began)
        run.started += 1
        again = sum(other.params == trial.params for other in tuner.study.trials.values()) - 1
        go_on(now, trial, curve(trial.params, again))

    def go_on(now: float, trial: Trial, training: Generator[Epoch]) -> None:
        epoch = next(training)
        heapq.heappush(due, (now + epoch.seconds, trial.number, trial, training, epoch))

    for _ in range(workers):
        start(0.0)
    while due and run.best < target:
        now, _, trial, training, epoch = heapq.heappop(due)
        run.epochs += 1
        run.ended_s = now
        if epoch.accuracy > run.best:
            run.improved.append((now, epoch.accuracy))
        step = len(trial.curve) + 1
        keeps = tuner.report(trial, step=step, accuracy=epoch.accuracy)
        if keeps and step < epochs:
            go_on(now, trial, training)
            continue
        training.close()
        if keeps:
            tuner.tell(trial)
            run.finals.append(max(trial.curve.values()))
        start(now)
    for *_, training, _ in due:
        training.close()
    if run.finals:
        run.chosen = dict(tuner.best_params)
    return run
