"""What is usual at a step: the means of the complete trials up to there, kept in order as trials complete, so
that no question of the median rule walks over trials or curves.

A complete trial's mean at a step is that of the losses which it has reported up to there. The means of the
steps that were asked about are kept, as many as all curves together have readings, times KEPT: where every
trial reports other steps, those asked about last.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.trial import COMPLETE, Trial

KEPT = 4


class Usual:
    """Empty until the first question, so that a study without the median rule does not pay for it."""

    def __init__(self, objective: Objective):
        self._objective = objective
        # of each complete trial: its steps in order, and the mean up to each; None before the first question
        self._curves: dict[int, tuple[list[int], list[float]]] | None = None
        self._readings = 0
        # by step; those asked about last are the last ones
        self._means: dict[int, list[float]] = {}
        # of live trials that were asked about
        self._best: dict[int, float] = {}

    # questions

    def means(self, step: int, trials: Callable[[], Iterable[Trial]]) -> Sequence[float]:
        """The mean losses up to `step` of the complete trials that have reported by then, the smallest first.

        Args: trials: all of the study that count.
        """
        if self._curves is None:
            self._curves = {}
            for trial in trials():
                if trial.state == COMPLETE:
                    self._enter(trial)
        known = self._means.pop(step, None)
        if known is None:
            known = sorted(
                mean for curve in self._curves.values() if (mean := _until(step, curve)) is not None
            )
        self._means[step] = known
        while len(self._means) > 1 and len(self._means) * len(self._curves) > KEPT * self._readings:
            del self._means[next(iter(self._means))]
        return known

    def best(self, trial: Trial) -> float:
        """The smallest loss that a live trial has reported; inf if none is a finite number."""
        if trial.number not in self._best:
            self._best[trial.number] = self._best_of(trial)
        return self._best[trial.number]

    # the fold

    def reports(self, trial: Trial, step: int, before: float | None) -> None:
        """The trial has a reading at `step`. Args: before: the one that it had there; None: it had none."""
        if trial.number in self._best:
            best, loss = self._best[trial.number], self._objective.loss_or_worst(trial.first_curve[step])
            was_best = before is not None and self._objective.loss_or_worst(before) == best
            self._best[trial.number] = self._best_of(trial) if was_best and loss > best else min(best, loss)
        if self._curves is not None and trial.number in self._curves:
            self._leave(trial.number)
            self._enter(trial)

    def ends(self, trial: Trial) -> None:
        """The trial has ended."""
        self._best.pop(trial.number, None)
        if self._curves is not None and trial.state == COMPLETE:
            self._enter(trial)

    def forget(self, number: int) -> None:
        """The live trial begins anew."""
        self._best.pop(number, None)

    def _best_of(self, trial: Trial) -> float:
        return min(map(self._objective.loss_or_worst, trial.first_curve.values()), default=math.inf)

    def _enter(self, trial: Trial) -> None:
        assert self._curves is not None
        curve_of = trial.first_curve
        steps = sorted(curve_of)
        # a mean that holds what is worst is worst itself, and so are those after it
        sums = accumulate(self._objective.loss_or_worst(curve_of[step]) for step in steps)
        means = [math.inf if math.isnan(total) else total / count for count, total in enumerate(sums, 1)]
        curve = self._curves[trial.number] = steps, means
        self._readings += len(steps)
        for step, known in self._means.items():
            mean = _until(step, curve)
            if mean is not None:
                insort(known, mean)

    def _leave(self, number: int) -> None:
        assert self._curves is not None
        curve = self._curves.pop(number)
        self._readings -= len(curve[0])
        for step, known in self._means.items():
            mean = _until(step, curve)
            if mean is not None:
                del known[bisect_left(known, mean)]


def _until(step: int, curve: tuple[list[int], list[float]]) -> float | None:
    """The mean of a curve up to `step`; None if it begins later."""
    steps, means = curve
    place = bisect_right(steps, step)
    return means[place - 1] if place else None
