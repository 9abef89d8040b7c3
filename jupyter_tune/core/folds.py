"""A trial that is measured in parts: the folds of a cross-validation, or repeats with other seeds.

    a fold's value       the best of its readings, as of a trial without folds
    the trial's value    the mean of its folds' values, unless its code gives a final value; its standard
                         error is s / sqrt(n) over the n folds
    the trial's metrics  the mean over its folds of the last reading of each
    the trial's curve    at a step: the mean, over the folds that have reported by then, of the last reading
                         of each until there. Without steps of its own a report counts on, so the k-th point
                         is the mean over the first k folds; with steps, each fold goes through the same ones
    its first curve      the curve as it was when each step was first reported: with steps that of the first
                         fold. Trials are compared by it while they run (rungs, the median rule): it holds
                         the same folds of every trial, where the order of folds is the same

A fold is whole once it has reached as far as the first one of the trial, or another has begun after it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from jupyter_tune.core.events import Metrics
from jupyter_tune.core.objective import Objective

Label: TypeAlias = int | str


@dataclass(slots=True)
class Fold:
    """What one fold has reported. Only the fold of the study writes to it.

    `value`: the best reading; `curve`: step -> the study's metric; `metrics`: the latest of every metric.
    """

    value: float = math.nan
    curve: dict[int, float] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)

    @property
    def last_step(self) -> int:
        return max(self.curve, default=0)


class Folds(Mapping[Label, Fold]):
    """The folds of a trial by label, in the order in which they began.

    `first_curve`: see above.
    """

    def __init__(self) -> None:
        self._folds: dict[Label, Fold] = {}
        self.first_curve: dict[int, float] = {}

    def __getitem__(self, label: Label) -> Fold:
        return self._folds[label]

    def __iter__(self) -> Iterator[Label]:
        return iter(self._folds)

    def __len__(self) -> int:
        return len(self._folds)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Folds) and self._folds == other._folds

    def __repr__(self) -> str:
        return repr({label: fold.value for label, fold in self._folds.items()})

    def copy(self) -> Folds:
        twin = Folds()
        twin._folds = {
            label: Fold(fold.value, dict(fold.curve), dict(fold.metrics))
            for label, fold in self._folds.items()
        }
        twin.first_curve = dict(self.first_curve)
        return twin

    # questions

    @property
    def value(self) -> float | None:
        """The mean of the folds' values; None while no fold has one."""
        values = [fold.value for fold in self._folds.values() if fold.curve]
        return sum(values) / len(values) if values else None

    @property
    def metrics(self) -> Metrics:
        """The mean over the folds of the last reading of each metric."""
        names = dict.fromkeys(name for fold in self._folds.values() for name in fold.metrics)
        return {
            name: _mean([fold.metrics[name] for fold in self._folds.values() if name in fold.metrics])
            for name in names
        }

    @property
    def steps(self) -> int:
        """Steps that all folds have reached, added up."""
        total = before = 0
        for fold in self._folds.values():
            if fold.curve:
                counts_on = min(fold.curve) > before
                total += fold.last_step - (before if counts_on else 0)
                before = max(before, fold.last_step)
        return total

    def whole(self, *, like: Folds | None = None, ended: bool = False) -> dict[Label, float]:
        """The values of the whole folds.

        Args: like: of a complete trial: a fold that has reached as far as its own is whole, too.
        ended: the trial has come to its end: all are whole.
        """
        measured = {label: fold for label, fold in self._folds.items() if fold.curve}
        latest = next(reversed(measured), None)
        return {
            label: fold.value
            for label, fold in measured.items()
            if ended or label != latest or self._is_as_far(label, like)
        }

    def _is_as_far(self, label: Label, like: Folds | None) -> bool:
        fold, first = self._folds[label], next(iter(self._folds.values()))
        if fold is not first and fold.last_step >= first.last_step:
            return True
        return like is not None and label in like and fold.last_step >= like[label].last_step

    # the fold of the study

    def enter(self, label: Label, step: int, metrics: Metrics, objective: Objective) -> float | None:
        """A report. Returns the reading of the trial's curve at `step`; None if it is about other metrics."""
        fold = self._folds.setdefault(label, Fold())
        fold.metrics.update(metrics)
        value = metrics.get(objective.metric)
        if value is None:
            return None
        is_new = step not in fold.curve
        fold.curve[step] = value
        known = (fold.value, value) if is_new and len(fold.curve) > 1 else fold.curve.values()
        fold.value = _best(known, objective)
        readings = [last for each in self._folds.values() if (last := _last(each.curve, step)) is not None]
        mean = _mean(readings)
        self.first_curve.setdefault(step, mean)
        return mean


def standard_error(values: Collection[float]) -> float | None:
    """Of the mean of `values`: s / sqrt(n); None for fewer than two, or where one is no finite number."""
    n = len(values)
    if n < 2 or not all(map(math.isfinite, values)):
        return None
    mean = sum(values) / n
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1) / n)


def _best(values: Iterable[float], objective: Objective) -> float:
    best = objective.best(values)
    return math.nan if best is None else best


def _last(curve: Mapping[int, float], step: int) -> float | None:
    """The last reading until `step`."""
    if step in curve:
        return curve[step]
    until = [at for at in curve if at <= step]
    return curve[max(until)] if until else None


def _mean(values: Collection[float]) -> float:
    return sum(values) / len(values)
