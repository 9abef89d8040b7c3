"""A study as column tables: a snapshot, then deltas of what changed.

    trials    one row per trial, key number: TRIAL_COLUMNS and "p:" + name for each parameter
    points    one row per shown report, key (number, step): number, step, value
    status    one dict about the whole; landscape: a grid computed elsewhere, or None

Laws:
- A reader that applies every delta to an older snapshot has what a fresh snapshot says, whenever it
  was taken: deltas are upserts of whole rows, after the points of `drop_points` went.
- `seq` counts deltas; one says by `base` which it follows, so that a lost one is noticed.
- A delta costs what changed since the last one, never what there is in all.
- No clock is read: `now` is given, in unix seconds. Every number that is not finite is "no value".
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from jupyter_tune.core.events import (
    DriverStarted,
    Record,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Parameter, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial
from jupyter_tune.views.columns import Columns, finite, json_ready, pack
from jupyter_tune.views.curves import Bounds, Curves
from jupyter_tune.views.forecast import Forecast

LONGEST_ERROR = 200

_CELLS: dict[str, Callable[[Trial], Scalar]] = {
    "number": lambda trial: trial.number,
    "state": lambda trial: trial.state,
    "value": lambda trial: finite(trial.value),
    "last": lambda trial: finite(trial.curve.get(trial.last_step)),
    "step": lambda trial: trial.last_step if trial.curve else None,
    "duration_s": lambda trial: trial.duration_s,
    "slot": lambda trial: trial.slot,
    "source": lambda trial: trial.source,
    "revision": lambda trial: trial.revision,
    "error": lambda trial: last_line(trial.error),
}
_WORDS = frozenset({"state", "slot", "source", "error"})

TRIAL_COLUMNS = (*_CELLS, "best")
"""`best`: the best value so far, in the order of numbers; None before the first complete trial."""


class Tables:
    """The tables of a study that goes on.

    Whoever applies records to the study calls `note` after each; `landscape` is set from outside, and
    `lost` says why nothing more is heard of the study, until the next record.
    """

    def __init__(self, study: Study, bounds: Bounds | None = None):
        self._study = study
        self._curves = Curves(study, bounds or Bounds())
        self._forecast = Forecast(study)
        self._landscape: dict[str, Any] | None = None
        self._lost = ""
        self._seq = 0
        self._dirty: set[int] = set()
        self._touched: set[int] = set(study.trials)
        self._status_changed = self._landscape_changed = False
        self._numbers: list[int] = []
        self._best: dict[int, float | None] = {}
        self._settle()
        self._forget_changes()

    # what comes in

    def note(self, record: Record) -> None:
        """The study has just applied this record."""
        self._lost = ""
        self._status_changed = True
        match record.event:
            case DriverStarted():
                self._touched.update(trial.number for trial in self._study.live)
            case TrialSuggested(number=number) | TrialAdded(number=number):
                self._touched.add(number)
            case TrialReported(number=number, step=step):
                self._touched.add(number)
                self._curves.note(number, step)
                # a late one lengthens what an ended trial has run
                self._forecast.note(self._study.trials[number])
            case TrialStarted(number=number) | TrialEnded(number=number) | TrialResumed(number=number):
                self._touched.add(number)
                self._curves.note(number)
                self._forecast.note(self._study.trials[number])

    def show_landscape(self, landscape: dict[str, Any] | None) -> None:
        self._landscape = json_ready(landscape)
        self._landscape_changed = True

    def lose(self, reason: str) -> None:
        """Nothing more is heard of the study; the next record takes this back."""
        self._status_changed |= reason != self._lost
        self._lost = reason

    # what goes out

    def snapshot(self, now: float) -> dict[str, Any]:
        """Everything; numeric columns of many rows as bytes (see columns)."""
        self._settle()
        return {
            "seq": self._seq,
            "status": self._status(now),
            "trials": self._trial_columns(self._numbers),
            "points": _point_columns(self._curves.rows),
            "landscape": self._landscape,
        }

    def delta(self, now: float) -> dict[str, Any] | None:
        """What changed since the last delta; None if nothing did."""
        self._settle()
        drops, points = self._curves.take()
        if not (self._status_changed or self._landscape_changed or self._dirty or drops or points):
            return None
        self._seq += 1
        delta: dict[str, Any] = {"seq": self._seq, "base": self._seq - 1, "status": self._status(now)}
        if self._dirty:
            delta["trials"] = self._trial_columns(sorted(self._dirty))
        if points:
            delta["points"] = _point_columns(points)
        if drops:
            delta["drop_points"] = drops
        if self._landscape_changed:
            delta["landscape"] = self._landscape
        self._forget_changes()
        return delta

    # how it is kept

    def _forget_changes(self) -> None:
        self._curves.take()
        self._dirty = set()
        self._status_changed = self._landscape_changed = False

    def _settle(self) -> None:
        """Works what was noted into the tables."""
        self._curves.refresh()
        for number in sorted(self._touched):
            self._dirty.add(number)
            self._keep_best(self._study.trials[number])
        self._touched = set()

    def _keep_best(self, trial: Trial) -> None:
        """Best-so-far at this trial, and at those after it as far as this one changes it."""
        number = trial.number
        if number not in self._best:
            insort(self._numbers, number)
        place = bisect_left(self._numbers, number)
        best = self._best[self._numbers[place - 1]] if place else None
        value = finite(trial.value) if trial.state == COMPLETE else None
        if value is not None and self._study.is_better(value, best):
            best = value
        self._best[number] = best
        while best is not None and (place := place + 1) < len(self._numbers):
            later = self._numbers[place]
            if not self._study.is_better(best, self._best[later]):
                break
            self._best[later] = best
            self._dirty.add(later)

    def _trial_columns(self, numbers: Sequence[int]) -> Columns:
        trials = [self._study.trials[number] for number in numbers]
        columns = {
            name: pack([cell(trial) for trial in trials], numeric=name not in _WORDS)
            for name, cell in _CELLS.items()
        }
        columns["best"] = pack([self._best[number] for number in numbers], numeric=True)
        for name, parameter in self._study.space.items():
            cells = [trial.params.get(name) for trial in trials]
            columns["p:" + name] = pack(cells, numeric=not isinstance(parameter, Categorical))
        return columns

    def _status(self, now: float) -> dict[str, Any]:
        study, settings = self._study, self._study.settings
        return {
            "state": "lost" if self._lost else state_of(study),
            "name": study.name,
            "metric": settings.metric,
            "direction": settings.direction,
            "trials": settings.trials,
            "counts": study.counts,
            "best": _best(study),
            "elapsed_s": self._forecast.elapsed_s(now),
            "eta_s": None if self._lost else self._forecast.left_s(now),
            "workers": settings.workers,
            "steps_done": self._forecast.steps_done,
            "steps_full": self._forecast.steps_full,
            "reason": self._lost or study.end_reason or study.stop_reason or "",
            "revision": study.revision,
            "ranges": study.ranges.ranges(),
        }


def state_of(study: Study) -> str:
    """One of starting, running, paused, stopping, ended."""
    if study.is_ended:
        return "ended"
    if study.stop_reason is not None:
        return "stopping"
    if study.paused:
        return "paused"
    return "running" if study.trials else "starting"


def parameters(space: Space) -> list[dict[str, Any]]:
    """The declared ranges as the page wants them; None for what a kind does not have."""
    return [_parameter(name, parameter) for name, parameter in space.items()]


def _parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    absent = dict.fromkeys(("low", "high", "log", "reverse_log", "step", "choices", "ordered"))
    kind = "constant" if parameter.is_constant else parameter.kind
    return {"name": name, **absent, **parameter.to_json(), "kind": kind}


def trials_frame(study: Study) -> dict[str, list[Any]]:
    """The trials as the columns of a DataFrame, named as Optuna names them.

    Metrics other than the study's own are `user_attrs_…`; times are local, durations timedeltas.
    """
    trials = [trial for _, trial in sorted(study.trials.items())]
    metrics = dict.fromkeys(name for trial in trials for name in trial.metrics)
    metrics.pop(study.settings.metric, None)
    return {
        "number": [trial.number for trial in trials],
        "value": [trial.value for trial in trials],
        "state": [trial.state for trial in trials],
        **{f"params_{name}": [trial.params.get(name) for trial in trials] for name in study.space},
        **{f"user_attrs_{name}": [trial.metrics.get(name) for trial in trials] for name in metrics},
        "datetime_start": [_local_time(trial.started_at) for trial in trials],
        "datetime_complete": [_local_time(trial.ended_at) for trial in trials],
        "duration": [None if (s := trial.duration_s) is None else timedelta(seconds=s) for trial in trials],
    }


def _point_columns(points: Iterable[tuple[int, int, float | None]]) -> Columns:
    rows = list(points)
    return {
        name: pack([row[place] for row in rows], numeric=True)
        for place, name in enumerate(("number", "step", "value"))
    }


def _best(study: Study) -> dict[str, Any] | None:
    best = study.best_trial
    if best is None or finite(best.value) is None:
        return None
    return {"number": best.number, "value": best.value, "params": dict(best.params)}


def _local_time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at)


def last_line(text: str) -> str:
    """Of a traceback: what was raised."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).strip().splitlines()
    return lines[-1].strip()[:LONGEST_ERROR] if lines else ""
