"""The facts a study is made of; encoding.py has their JSON.

    studies     what happens to the study as a whole
    trials      what happens to a trial, from its suggestion to its end
    requests    what users have requested

An event says what happened, in the past tense; it is never a command. A `Record` is
an event with its place in the journal (`seq`, from 1, without gaps) and its time
(`at`, unix seconds, given by the caller: core reads no clock).

`SCHEMA` counts changes that an older reader could not survive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from jupyter_tune.core.events.requests import (
    BudgetChanged,
    EnqueueWithdrawn,
    HaltRequested,
    NoteWritten,
    RangesNarrowed,
    RulesChanged,
    StopRequested,
    StudyPaused,
    StudyResumed,
    StudyTagged,
    TrialEnqueued,
)
from jupyter_tune.core.events.studies import (
    SCHEMA,
    AttemptsFound,
    CodeChanged,
    DriverStarted,
    FilesRemoved,
    GainEstimated,
    PriorAdded,
    SearchEnded,
    StudyEnded,
    StudyOpened,
)
from jupyter_tune.core.events.trials import (
    Metrics,
    TrialAdded,
    TrialEnded,
    TrialReopened,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)

__all__ = [
    "SCHEMA",
    "AttemptsFound",
    "BudgetChanged",
    "CodeChanged",
    "DriverStarted",
    "EnqueueWithdrawn",
    "Event",
    "FilesRemoved",
    "GainEstimated",
    "HaltRequested",
    "Metrics",
    "NoteWritten",
    "PriorAdded",
    "RangesNarrowed",
    "Record",
    "RulesChanged",
    "SearchEnded",
    "StopRequested",
    "StudyEnded",
    "StudyOpened",
    "StudyPaused",
    "StudyResumed",
    "StudyTagged",
    "TrialAdded",
    "TrialEnded",
    "TrialEnqueued",
    "TrialReopened",
    "TrialReported",
    "TrialResumed",
    "TrialStarted",
    "TrialSuggested",
]

Event: TypeAlias = (
    StudyOpened
    | DriverStarted
    | CodeChanged
    | AttemptsFound
    | TrialEnqueued
    | EnqueueWithdrawn
    | TrialSuggested
    | TrialStarted
    | TrialReported
    | TrialEnded
    | TrialResumed
    | TrialReopened
    | HaltRequested
    | TrialAdded
    | PriorAdded
    | RangesNarrowed
    | BudgetChanged
    | RulesChanged
    | GainEstimated
    | StudyTagged
    | NoteWritten
    | FilesRemoved
    | StudyPaused
    | StudyResumed
    | StopRequested
    | SearchEnded
    | StudyEnded
)


@dataclass(frozen=True, slots=True)
class Record:
    seq: int
    at: float
    event: Event

    FIRST: ClassVar[int] = 1
