"""A study as column tables: a snapshot, then deltas of what changed.

    trials    one row per shown trial, key number: TRIAL_COLUMNS and "p:" + name for each parameter
    points    one row per shown report, key (number, step): number, step, value
    events    one row per act of people, key seq: EVENT_COLUMNS
    status    one dict about the whole; landscape: a grid computed elsewhere with x_axis, y_axis, or None

Laws:
- A reader that applies every delta to an older snapshot has what a fresh snapshot says, whenever it
  was taken: deltas are upserts of whole rows, after the rows of the trials in `drop_trials` and the points
  of those in `drop_points` went.
- `seq` counts deltas; one says by `base` which it follows, so that a lost one is noticed.
- A delta costs what changed since the last one, never what there is in all.
- No clock is read: `now` is given, in unix seconds. Every number that is not finite is "no value".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from jupyter_tune.core.around_best import ENOUGH
from jupyter_tune.core.events import (
    AttemptsFound,
    CodeChanged,
    DriverStarted,
    NoteWritten,
    Record,
    StudyTagged,
    TrialAdded,
    TrialEnded,
    TrialReopened,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.axes.axis import axis_of
from jupyter_tune.views.tables.attrs import tags_shown
from jupyter_tune.views.tables.best import RangesAroundBest, best_of
from jupyter_tune.views.tables.columns import Columns, json_ready, pack
from jupyter_tune.views.tables.curves import CurveBounds, Curves
from jupyter_tune.views.tables.events import Events
from jupyter_tune.views.tables.failures import Failures
from jupyter_tune.views.tables.forecast import Forecast
from jupyter_tune.views.tables.found import aim_in_words, found_in_words, sought
from jupyter_tune.views.tables.messages import Delta, Gain, Landscape, Leader, Snapshot, Status
from jupyter_tune.views.tables.selection import Bounds
from jupyter_tune.views.tables.shown_trials import ROWS, ShownTrials
from jupyter_tune.views.tables.standing import front_of

_ROOM = 45
"""Characters that the labels along a landscape may have together: half the page is as wide."""


class Tables:
    """The tables of a study that goes on.

    `note` is called after each record that is applied to the study; landscape and gain come from outside.
    `lose` says why no more records arrive, until the next one does.
    """

    def __init__(self, study: Study, curves: CurveBounds | None = None, rows: Bounds = ROWS):
        self._study = study
        self._trials = ShownTrials(study, rows)
        self._curves = Curves(study, curves or CurveBounds())
        self._events = Events(study)
        self._forecast = Forecast(study)
        self._failures = Failures(study)
        self._landscape: Landscape | None = None
        self._gain: Gain | None = None
        self._around_best = RangesAroundBest(study)
        self._interrupted = ""
        self._seq = 0
        self._status_changed = self._landscape_changed = False
        self._settle()
        for part in (self._trials, self._curves, self._events):
            part.take()

    # in

    def note(self, record: Record) -> None:
        """The study has just applied this record."""
        self._interrupted = ""
        self._status_changed = True
        match record.event:
            case DriverStarted():
                self._note_live()
                self._events.note_driver()
            case AttemptsFound():
                self._note_live()
            case CodeChanged():
                self._trials.note_code()
            case TrialSuggested(number=of) | StudyTagged(trial=int(of)) | NoteWritten(trial=int(of)):
                self._trials.note(of)
            case TrialAdded(number=number):
                self._trials.note(number)
                self._failures.note(self._study.trials[number])
            case TrialReported(number=number, step=step):
                self._trials.note(number)
                self._curves.note(number, step)
                # a late one lengthens what an ended trial has run
                self._forecast.note(self._study.trials[number])
            case (
                TrialStarted(number=number)
                | TrialEnded(number=number)
                | TrialResumed(number=number)
                | TrialReopened(number=number)
            ):
                self._trials.note(number)
                self._curves.note(number)
                self._forecast.note(self._study.trials[number])
                self._failures.note(self._study.trials[number])

    def _note_live(self) -> None:
        for trial in self._study.live:
            self._trials.note(trial.number)

    def show_landscape(self, landscape: Landscape | None) -> None:
        self._landscape = None if landscape is None else with_axes(landscape, self._study.space)
        self._landscape_changed = True

    def show_gain(self, gain: Gain | None) -> None:
        self._status_changed |= gain != self._gain
        self._gain = gain

    def lose(self, reason: str) -> None:
        """Nothing more arrives of the study; the next record takes this back."""
        self._status_changed |= reason != self._interrupted
        self._interrupted = reason

    # out

    def snapshot(self, now: float) -> Snapshot:
        """Everything; numeric columns of many rows as bytes (see columns)."""
        self._settle()
        return {
            "seq": self._seq,
            "status": self.status(now),
            "trials": self._trials.columns(self._trials.numbers),
            "points": _point_columns(self._curves.rows),
            "events": self._events.columns(self._events.seqs),
            "landscape": self._landscape,
        }

    def delta(self, now: float) -> Delta | None:
        """What changed since the last delta; None if nothing did."""
        self._settle()
        drop_trials, trials = self._trials.take()
        drop_points, points = self._curves.take()
        events = self._events.take()
        has_changed = self._status_changed or self._landscape_changed
        if not (has_changed or drop_trials or trials or drop_points or points or events):
            return None
        self._seq += 1
        delta: Delta = {"seq": self._seq, "base": self._seq - 1, "status": self.status(now)}
        if drop_trials:
            delta["drop_trials"] = drop_trials
        if trials:
            delta["trials"] = self._trials.columns(trials)
        if drop_points:
            delta["drop_points"] = drop_points
        if points:
            delta["points"] = _point_columns(points)
        if events:
            delta["events"] = self._events.columns(events)
        if self._landscape_changed:
            delta["landscape"] = self._landscape
        self._status_changed = self._landscape_changed = False
        return delta

    def _settle(self) -> None:
        """Update the tables with what was noted."""
        self._trials.refresh()
        self._curves.refresh()
        self._events.refresh()

    def status(self, now: float) -> Status:
        """The study as a whole."""
        study, settings = self._study, self._study.settings
        found = None if self._interrupted else self._forecast.ends(now)
        ends = None if found is None else found[0]
        return {
            "state": INTERRUPTED if self._interrupted else state_of(study),
            "name": study.name,
            "metric": settings.metric,
            "direction": settings.direction,
            "aim": aim_in_words(study),
            "objectives": sought(study),
            "front": len(front_of(study)),
            "infeasible": study.infeasible,
            "found": "" if study.best_trial is not None else found_in_words(study),
            "trials": settings.trials,
            "max_steps": settings.max_steps,
            "counts": study.counts,
            "done": study.done,
            "shown": len(self._trials.numbers),
            "stride": self._trials.stride,
            "best": best_of(study),
            "leader": self._leader(),
            "errors": self._failures.most_frequent,
            "nonfinite": self._failures.nonfinite,
            "queue": [{"seq": entry.seq, "params": dict(entry.params)} for entry in study.queue],
            "elapsed_s": self._forecast.elapsed_s(now),
            "eta_s": None if ends is None else ends.left_s,
            "eta_low_s": None if ends is None else ends.low_s,
            "eta_high_s": None if ends is None else ends.high_s,
            "workers": settings.workers,
            "steps_done": self._forecast.steps_done,
            "steps_full": self._forecast.steps_full,
            "reason": self._interrupted or study.end_reason or study.stop_reason or "",
            "revision": study.revision,
            "ranges": study.ranges.ranges(),
            "around_best": self._around_best.of(self._trials.best(ENOUGH)),
            "tags": tags_shown(study.tags.get(None, {})),
            "note": study.notes.get(None, ""),
            "gain": self._gain,
        }

    def _leader(self) -> Leader | None:
        study = self._study
        # of several metrics none leads; and what a constraint has ruled out is no leader
        if study.best_trials or study.why_none_is_best:
            return None
        trials = (
            study.live if self._trials.leader is None else [*study.live, study.trials[self._trials.leader]]
        )
        leader: tuple[Trial, float] | None = None
        for trial in trials:
            value = _reading(study, trial)
            if value is not None and study.objective.is_better(value, leader and leader[1]):
                leader = trial, value
        if leader is None:
            return None
        trial, value = leader
        return {"number": trial.number, "value": value, "state": trial.state, "params": dict(trial.params)}


def _reading(study: Study, trial: Trial) -> float | None:
    """The best that a trial has reported, or its value; None if that is no finite number."""
    values = trial.curve.values() if trial.value is None else [trial.value]
    return study.objective.best(filter(math.isfinite, values))


def last_heard(study: Study) -> float:
    """When a trial last started or ended, in unix seconds: "now" for a study that is past."""
    times = [(trial.started_at, trial.ended_at) for trial in study.trials.values()]
    return max((at for pair in times for at in pair if at is not None), default=study.opened_at)


def state_of(study: Study) -> str:
    """One of starting, running, paused, stopping, ended."""
    if study.is_ended:
        return "ended"
    if study.stop_reason is not None:
        return "stopping"
    if study.paused:
        return "paused"
    return "running" if study.trials else "starting"


def with_axes(landscape: Landscape, space: Space) -> Landscape:
    """`landscape` as pages get it: with how charts draw along the two parameters (see axes/axis); a study of
    one has no y."""
    names = {f"{letter}_axis": landscape[letter] for letter in "xy"}
    axes = {key: name and axis_of(space[name], room=_ROOM) for key, name in names.items()}
    ready: Landscape = json_ready({**landscape, **axes})
    return ready


def parameters(space: Space) -> list[dict[str, Any]]:
    """The declared ranges as the page gets them; None for what a kind does not have."""
    return [_parameter(name, parameter) for name, parameter in space.items()]


def _parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    absent = dict.fromkeys(("low", "high", "log", "reverse_log", "step", "choices", "ordered"))
    kind = "constant" if parameter.is_constant else parameter.kind
    return {"name": name, **absent, **parameter.to_json(), "kind": kind}


def _point_columns(points: Iterable[tuple[int, int, float | None]]) -> Columns:
    rows = list(points)
    return {
        name: pack([row[place] for row in rows], numeric=True)
        for place, name in enumerate(("number", "step", "value"))
    }
