"""A trial: one set of params and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from jupyter_tune.core.events import Metrics
from jupyter_tune.core.folds import Folds, Label, standard_error
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Params

WAITING, RUNNING = "waiting", "running"
COMPLETE, PRUNED, FAILED, CANCELLED, LOST = "complete", "pruned", "failed", "cancelled", "lost"
STATES = (WAITING, RUNNING, COMPLETE, PRUNED, FAILED, CANCELLED)
ENDED = frozenset({COMPLETE, PRUNED, FAILED, CANCELLED})
CONFIRM = "confirm"
"""The source of a trial that measures a configuration again (confirming.py)."""


@dataclass(slots=True)
class Trial:
    """One set of params and what came of it. Only the fold writes to it.

    `curve`: step -> the study's metric as reported; `last_step`, `step_before`: the largest step in it and
    the next smaller one, 0 where there is none; `metrics`: the latest of every metric;
    `value`: the final result (None while there is none); times in unix seconds.
    `checkpoint`: the last attempt left one; `resumed`: it was pruned and went on from there;
    `reached`: it was pruned at this step, and began anew (0: it never did);
    `before_s`: how long it took until then; `retried`: why attempts ended that were followed by others by
    themselves; `runs_alone`: one of them ran out of memory;
    `reports`: how many the attempt has made; `is_adrift`: its driver ended while it ran;
    `since`: the first of the attempts that share its curve;
    `attrs`: what the attempt has written on itself;
    `versions`: of libraries where the attempt ran, if not those of the notebook;
    `code`: the version of the code that it ran last, or is to run (see codes.py);
    `further`: the final values of the study's metrics after the first; `feasible`: whether it satisfies the
    study's constraints, as far as is known; `folds`: what each fold has reported, if the trial has any
    (folds.py has what value, metrics and curve are then).
    `by_user`: the user ended it.
    `files_removed`: the study keeps the best trials' files alone, and not its own (see keeping.py).
    `parent`: the earlier study that ran it, `parent_number` its number there (see TrialAdded).
    """

    number: int
    params: Params
    source: str
    revision: int = 0
    state: str = WAITING
    attempt: int = 0
    slot: str = ""
    place: str = ""
    curve: dict[int, float] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)
    value: float | None = None
    suggested_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    reason: str = ""
    error: str = ""
    checkpoint: bool = False
    resumed: bool = False
    reached: int = 0
    before_s: float = 0.0
    retried: tuple[str, ...] = ()
    runs_alone: bool = False
    reports: int = 0
    is_adrift: bool = False
    since: int = 0
    attrs: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    code: int = 0
    last_step: int = 0
    step_before: int = 0
    further: tuple[float, ...] = ()
    feasible: bool = True
    parent: str = ""
    parent_number: int | None = None
    folds: Folds = field(default_factory=Folds)
    by_user: bool = False
    files_removed: bool = False

    @property
    def fold_values(self) -> dict[Label, float]:
        """The value of each fold by its label."""
        return {label: fold.value for label, fold in self.folds.items()}

    @property
    def standard_error(self) -> float | None:
        """Of the value, from its folds; None for fewer than two."""
        return standard_error(self.fold_values.values())

    def result(self, objective: Objective) -> float | None:
        """The result by its reports: the best one, or the mean over its folds; None while there is none."""
        if not self.folds:
            return objective.best(self.curve.values())
        whole = self.folds.whole(ended=self.state == COMPLETE)
        return sum(whole.values()) / len(whole) if whole else self.folds.value

    @property
    def first_curve(self) -> dict[int, float]:
        """The curve by which trials are compared while they run (folds.py)."""
        return self.folds.first_curve if self.folds else self.curve

    @property
    def steps(self) -> int:
        """Steps that it has reached, in all folds."""
        return self.folds.steps if self.folds else self.last_step

    @property
    def values(self) -> tuple[float, ...] | None:
        """The final values of all metrics that the study is after; None while there are none."""
        return None if self.value is None else (self.value, *self.further)

    @property
    def is_live(self) -> bool:
        """Whether it has still to give a result: it waits or runs."""
        return self.state not in ENDED

    @property
    def is_candidate(self) -> bool:
        """Whether it may be the best of the trials of its code: it is complete with a value, feasible, and no
        second measurement. Of a study's trials see Results.is_candidate."""
        return self.state == COMPLETE and self.value is not None and self.feasible and self.source != CONFIRM

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was cancelled before its first attempt started: it counts against no budget."""
        return self.state == CANCELLED and self.attempt == 1 and self.started_at is None

    @property
    def ran_as(self) -> str:
        """Where a trial of an earlier study ran, "NAME, trial 12"; "" for a trial of this study."""
        return f"{self.parent}, trial {self.parent_number}" if self.parent else ""

    @property
    def attempt_s(self) -> float | None:
        """How long the last attempt took; None before its end, or if it never started."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0.0, self.ended_at - self.started_at)

    @property
    def duration_s(self) -> float | None:
        """`attempt_s`, with the attempts that it went on from."""
        return None if self.attempt_s is None else self.before_s + self.attempt_s

    def take(self, step: int, metrics: Metrics, fold: Label | None, objective: Objective) -> float | None:
        """A report. Returns what is now on the curve at `step`; None if it is about other metrics."""
        if fold is None:
            self.metrics.update(metrics)
            value = metrics.get(objective.metric)
        else:
            value = self.folds.enter(fold, step, metrics, objective)
            self.metrics.update(self.folds.metrics)
        if value is not None:
            self.measured(step, value)
        return value

    def measured(self, step: int, value: float) -> None:
        """Put a reading on the curve."""
        if not self.curve:
            self.last_step = step
        elif step > self.last_step:
            self.last_step, self.step_before = step, self.last_step
        elif step < self.last_step and (len(self.curve) == 1 or step > self.step_before):
            self.step_before = step
        self.curve[step] = value

    def forget_curve(self) -> None:
        self.curve, self.metrics, self.attrs, self.folds = {}, {}, {}, Folds()
        self.last_step = self.step_before = 0

    def copy(self) -> Trial:
        """The same, with a curve, metrics and attrs of its own."""
        # a quarter of the time of dataclasses.replace: a driver copies a trial at most of its reports
        twin = Trial(*_VALUES(self))
        twin.curve, twin.metrics, twin.attrs = dict(self.curve), dict(self.metrics), dict(self.attrs)
        twin.folds = self.folds.copy() if self.folds else Folds()
        return twin


_VALUES = attrgetter(*(each.name for each in fields(Trial)))
