"""What the records of a study say of its runs. Pure: nothing is read or sent here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

from jupyter_tune.core.events import (
    AttemptsFound,
    NoteWritten,
    Record,
    StudyTagged,
    TrialEnded,
    TrialReported,
    TrialStarted,
)
from jupyter_tune.core.study import INTERRUPTED, Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, LOST, PRUNED, RUNNING, Trial
from jupyter_tune.integrations.loggers.tracker import Point, StudyRun, TrialRun


@dataclass(frozen=True, slots=True)
class Began:
    run: TrialRun


@dataclass(frozen=True, slots=True)
class Measured:
    run: TrialRun
    point: Point


@dataclass(frozen=True, slots=True)
class Described:
    run: TrialRun


@dataclass(frozen=True, slots=True)
class Ended:
    run: TrialRun


Change: TypeAlias = Began | Measured | Described | Ended


class Runs:
    """The runs of a study whose first record is `opened`; `apply` each later one."""

    def __init__(self, opened: Record):
        self.study = Study.fold([opened])
        # the same in every copy of the study, and another for a study that takes its name
        identity = f"{self.study.name} {self.study.opened_at!r}"
        self.id = hashlib.blake2b(identity.encode(), digest_size=6).hexdigest()
        self.at = opened.at
        self._points: dict[str, int] = {}
        self.live: dict[int, TrialRun] = {}
        """The runs that have not ended, by the trial's number."""

    def apply(self, record: Record) -> list[Change]:
        """Fold one more record. Returns what it changes of the runs, in order."""
        number = getattr(record.event, "number", None)
        trial = None if number is None else self.study.trials.get(number)
        before = None if trial is None else _standing(trial)
        known = set() if trial is None else set(trial.metrics)
        self.study.apply(record)
        self.at = record.at
        return list(self._changes(record, before, known))

    def _changes(self, record: Record, before: Any, known: set[str]) -> Iterator[Change]:
        event = record.event
        match event:
            case TrialStarted(number=number) if _standing(self.study.trials[number]) != before:
                yield from self._started(self.study.trials[number])
            case AttemptsFound(attempts=attempts):
                for number, _ in attempts:
                    yield from self._started(self.study.trials[number])
            case TrialReported(number=number):
                trial = self.study.trials[number]
                if event.attempt == trial.attempt and trial.since:
                    run = self.run_of(trial)
                    if event.metrics:
                        yield self._measured(run, event.step, record.at, _of_fold(event))
                    if event.attrs:
                        yield Described(run)
            case TrialEnded(number=number) if number in self.live and before is not None:
                trial = self.study.trials[number]
                if _standing(trial) != before:
                    yield from self._ended(trial, event, record.at, known)
            case StudyTagged(trial=number) | NoteWritten(trial=number) if number is not None:
                if (trial := self.study.trials[number]).since:
                    yield Described(self.run_of(trial))

    def _started(self, trial: Trial) -> Iterator[Change]:
        if trial.state != RUNNING:
            return
        former = self.live.pop(trial.number, None)
        run = self.run_of(trial)
        if former is not None and former.id != run.id:
            yield Ended(replace(former, state=LOST, ended_at=self.at, reason="its study was interrupted"))
        self.live[trial.number] = run
        yield Began(run)

    def _ended(self, trial: Trial, event: TrialEnded, at: float, known: set[str]) -> Iterator[Change]:
        del self.live[trial.number]
        # what the code has returned, or left in its variables, and never reported
        last = {name: value for name, value in event.metrics.items() if name not in known}
        metric = self.study.objective.metric
        if event.value is not None and metric not in known:
            last[metric] = event.value
        run = self.run_of(trial)
        if trial.is_live:
            # it is started again
            run = replace(run, state=event.state, ended_at=at, reason=event.reason, error=event.error)
        if last:
            yield self._measured(run, trial.last_step, at, last)
        yield Ended(run)

    def _measured(self, run: TrialRun, step: int, at: float, metrics: Mapping[str, float]) -> Measured:
        index = self._points.get(run.id, 0)
        self._points[run.id] = index + 1
        return Measured(run, Point(index, step, at, metrics))

    def run_of(self, trial: Trial) -> TrialRun:
        """The run of a trial that has been started."""
        again = f", attempt {trial.since}" if trial.since > 1 else ""
        names = [objective.metric for objective in self.study.objectives]
        return TrialRun(
            id=f"{self.id}-{trial.number}-{trial.since}",
            name=f"{self.study.name}, trial {trial.number}{again}",
            number=trial.number,
            attempt=trial.since,
            params=trial.params,
            source=trial.source,
            state=trial.state if not trial.is_live else RUNNING,
            began_at=trial.started_at or trial.suggested_at,
            ended_at=trial.ended_at,
            reason=trial.reason,
            error=trial.error,
            last_step=trial.last_step,
            results=dict(zip(names, trial.values or (), strict=False)),
            attrs=self.study.user_attrs(trial),
            note=self.study.notes.get(trial.number, ""),
        )

    def study_run(self, *, is_over: bool = False) -> StudyRun:
        """The study as it is now. `is_over`: no driver runs it any more."""
        study = self.study
        state = "ended" if study.is_ended else INTERRUPTED if is_over else RUNNING
        counts = {name: float(study.counts[name]) for name in (COMPLETE, PRUNED, FAILED, CANCELLED)}
        best = [trial for trial in study.best_trials if trial.since]
        value = {} if study.best_value is None else {f"best {study.objective.metric}": study.best_value}
        return StudyRun(
            id=self.id,
            name=study.name,
            space=study.space,
            objectives=[objective.metric for objective in study.objectives],
            asked=_asked(study),
            tags=study.tags.get(None, {}),
            note=study.notes.get(None, ""),
            state=state,
            reason=study.end_reason or "",
            began_at=study.opened_at,
            ended_at=self.at if state != RUNNING else None,
            at=self.at,
            done=study.ended_count,
            summary={**value, **counts},
            best={run.id: run for run in map(self.run_of, best)},
        )


def _standing(trial: Trial) -> tuple[Any, ...]:
    """What changes where an event about the trial's attempts is more than a late or stale one."""
    return trial.state, trial.attempt, trial.since, len(trial.retried)


def _of_fold(event: TrialReported) -> dict[str, float]:
    if event.fold is None:
        return dict(event.metrics)
    return {f"{name}/fold {event.fold}": value for name, value in event.metrics.items()}


def _asked(study: Study) -> dict[str, Any]:
    """The settings that are not at their defaults, and the ranges."""
    settings = study.settings
    given = {each.name: getattr(settings, each.name) for each in fields(settings)}
    defaults = {each.name: each.default for each in fields(settings)}
    given = {name: value for name, value in given.items() if value != defaults[name]}
    return {**given, **{f"range {name}": repr(parameter) for name, parameter in study.space.items()}}
