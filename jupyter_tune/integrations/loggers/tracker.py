"""What trackers are given: a study and its trials as runs. And what a tracker has to do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jupyter_tune.core.parameters import Params
from jupyter_tune.core.space import Space


class RefusedError(Exception):
    """The tracker will not take this one thing, however often it is tried."""


@dataclass(frozen=True, slots=True)
class TrialRun:
    """The run of a trial.

    id:       the same whenever the trial is logged; letters, digits and -.
    attempt:  the first of the attempts whose curve it is.
    state:    running, or how it ended: complete, pruned, failed, cancelled, lost; interrupted if the study
              did not end.
    results:  the final value of each metric that the study is after, once it has one.
    attrs:    what the trial has written on itself, and the user on it.
    began_at, ended_at: unix seconds.
    """

    id: str
    name: str
    number: int
    attempt: int
    params: Params
    source: str
    state: str
    began_at: float
    ended_at: float | None = None
    reason: str = ""
    error: str = ""
    last_step: int = 0
    results: Mapping[str, float] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """Metrics at a step. `index`: how many points its run has before this one; `at`: unix seconds."""

    index: int
    step: int
    at: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class StudyRun:
    """The run of a study, the parent of its trials'.

    asked:   what was asked of it: metrics, sampler, budget and so on.
    state:   running, ended or interrupted.
    done:    how many trials have ended.
    summary: counts of trials, and the best value if it has one.
    best:    the runs of the best trials: one, or those on the front.
    """

    id: str
    name: str
    space: Space
    objectives: Sequence[str]
    asked: Mapping[str, Any]
    tags: Mapping[str, Any]
    note: str
    state: str
    reason: str
    began_at: float
    ended_at: float | None
    at: float
    done: int
    summary: Mapping[str, float]
    best: Mapping[str, TrialRun]


class Tracker(Protocol):
    """An experiment tracker, by its library, which its module imports.

    Every method may be called again with what it was given before: the tracker then stays as it is. One that
    raises RefusedError has left out what it was given, and the logger goes on; after any other error a new
    tracker is made, and goes on from what was logged.

    place: where it logs, as users know it: a folder or an address.
    """

    place: str

    def __init__(self, files: Path) -> None:
        """Args: files: the study's folder."""

    def open(self, study: StudyRun) -> None:
        """Begin the study's run, or go on with it."""

    def begin(self, run: TrialRun) -> None:
        """Begin the run of a trial, or go on with it."""

    def log(self, run: TrialRun, points: Sequence[Point]) -> None:
        """Add to the curves of a run, which may have ended."""

    def describe(self, run: TrialRun) -> None:
        """The attrs or the note of a run have changed."""

    def end(self, run: TrialRun) -> None:
        """The run has ended as its `state` says."""

    def keep(self, run: TrialRun, artifacts: Mapping[str, Path]) -> None:
        """Files and folders that the trial has kept."""

    def update(self, study: StudyRun) -> None:
        """The study has changed: its trials, its best one, its tags or its note."""

    def flush(self) -> None:
        """Have everything so far in the tracker, for it is not given again."""

    def mark(self, best: Mapping[str, TrialRun], others: Mapping[str, TrialRun]) -> None:
        """Mark the runs that are the best, and take the mark from `others`, which were."""

    def close(self, study: StudyRun) -> None:
        """End the study's run as its `state` says, and the library."""
