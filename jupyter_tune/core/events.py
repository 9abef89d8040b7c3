"""The facts a study is made of; encoding.py has their JSON.

An event says what happened, in the past tense; it is never a command. A `Record` is
an event with its place in the journal (`seq`, from 1, without gaps) and its time
(`at`, unix seconds, given by the caller: core reads no clock).

`SCHEMA` counts changes that an older reader could not survive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space

SCHEMA = 7
"""4: RulesChanged and TrialReopened, which a study that goes on after its end may hold.
5: failed attempts that are followed by others, by themselves or by TrialReopened.
6: AttemptsFound.
7: GainEstimated, RulesChanged.others, settings `also` and `subject_to`, TrialAdded.metrics, CodeChanged,
PriorAdded; what earlier studies give is recorded before there is an engine; StudyTagged, NoteWritten,
TrialReported.attrs and .fold, FilesRemoved, setting `keep`."""

Metrics: TypeAlias = dict[str, float]


@dataclass(frozen=True, slots=True)
class StudyOpened:
    """The first record of every journal."""

    name: str
    space: Space
    settings: Settings
    schema: int = SCHEMA
    origin: dict[str, Any] = field(default_factory=dict)
    """Where it came from, for users: cell text, versions, hashes of code and data. No decision reads it."""


@dataclass(frozen=True, slots=True)
class DriverStarted:
    """A driver took the study over; attempts that an earlier driver left running are lost, unless
    AttemptsFound follows. `libraries`: their versions there, see StudyOpened.origin; {} before schema 7."""

    owner: str
    libraries: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeChanged:
    """Attempts run this code from now on.

    version: 0 is the code that the study began with; a version that was there before comes back.
    origin:  as of StudyOpened, of this version.
    changed: what is another one than before, a phrase for each.
    edited:  the user has the study go on for the new code: trials of earlier versions are no results of it.
    """

    version: int
    origin: dict[str, Any]
    changed: list[str]
    edited: bool = False


@dataclass(frozen=True, slots=True)
class AttemptsFound:
    """The executor still runs these attempts for an earlier driver, and the new one goes on with them.

    `attempts`: [trial, attempt] of each. One that has not started here is as good as launched.
    """

    attempts: list[list[int]]


@dataclass(frozen=True, slots=True)
class TrialEnqueued:
    """The user requested a trial with these values; the sampler completes them."""

    params: Params
    by: str = "user"


@dataclass(frozen=True, slots=True)
class EnqueueWithdrawn:
    """The values that record `enqueued` requested were withdrawn, before they were suggested."""

    enqueued: int
    by: str = "user"


@dataclass(frozen=True, slots=True)
class TrialSuggested:
    number: int
    params: Params
    source: str
    """Where the params come from: default, user, or the name of a sampler."""
    revision: int = 0
    """The revision of the ranges it was drawn from."""
    enqueued: int | None = None
    """The record that requested its values, if one did; not recorded before schema 3."""
    known: int | None = None
    """The last record that the sampler knew; None before schema 7, and where no sampler was asked."""


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """`place`: what the slot shares with others and may be broken, as a GPU; "" for the slot itself.
    `versions`: of libraries, where they are not those of the notebook; {} before schema 6."""

    number: int
    attempt: int
    slot: str = ""
    pid: int | None = None
    place: str = ""
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrialReported:
    """`fold`: the part of the trial that was measured, see folds.py; None for the whole (before schema 7)."""

    number: int
    attempt: int
    step: int
    metrics: Metrics
    attrs: dict[str, Any] = field(default_factory=dict)
    """What the attempt has written on itself, by `trial.set_user_attr`; {} before schema 7."""
    fold: int | str | None = None


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """An attempt is over. `state`: complete, pruned, failed, cancelled, or lost.

    A lost attempt (its worker died) or a failed one does not end the trial if another follows: retries.py
    has the rule, and the names of the `cause` of a failure ("" in journals before schema 5).
    `checkpoint`: whether it left a checkpoint, from which it can be resumed.
    """

    number: int
    attempt: int
    state: str
    value: float | None = None
    metrics: Metrics = field(default_factory=dict)
    reason: str = ""
    error: str = ""
    checkpoint: bool = False
    cause: str = ""


@dataclass(frozen=True, slots=True)
class TrialResumed:
    """A pruned trial waits for a new attempt, which goes on from the checkpoint that `attempt` left."""

    number: int
    attempt: int


@dataclass(frozen=True, slots=True)
class TrialReopened:
    """A trial waits again: the end of its study had cancelled it, and the study was resumed; or it failed,
    and the user requested that it run again (since schema 5).

    `attempt`: the one that was cancelled or failed.
    """

    number: int
    attempt: int


@dataclass(frozen=True, slots=True)
class HaltRequested:
    """The user requested the end of this live trial, as pruned or cancelled.

    It is recorded so that it outlives the attempt and the driver; TrialEnded has the outcome.
    """

    number: int
    state: str
    by: str = "user"


@dataclass(frozen=True, slots=True)
class TrialAdded:
    """A finished result from elsewhere. `metrics`: all that was measured; {} before schema 7.

    `parent`: the study that ran it, "" for none and before schema 7; `parent_number`: its number there.
    """

    number: int
    params: Params
    value: float
    metrics: Metrics = field(default_factory=dict)
    parent: str = ""
    parent_number: int | None = None


@dataclass(frozen=True, slots=True)
class PriorAdded:
    """A result of another task, such as another data set: it may guide the search and is no trial.

    `params`: those of the result that this study has too, as they were there: outside its ranges, or not all
    of them. `value`: in the units of that task, better in this study's direction. `parent`: names the task.
    """

    params: Params
    value: float
    parent: str


@dataclass(frozen=True, slots=True)
class RangesNarrowed:
    """Suggestions come from these ranges from now on. All ranges are recorded, not only the changed ones,
    so that the latest record suffices. Every range lies inside the declared one."""

    revision: int
    ranges: dict[str, list[Scalar]]
    by: str = "user"


@dataclass(frozen=True, slots=True)
class BudgetChanged:
    trials: int | None
    workers: int
    by: str = "user"


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """These rules end the study from now on; None for no such rule.

    `of_trials`: the rules of each trial, `retries` and `trial_timeout_s`; None if they stay (before schema 5
    they always did). `others`: all other rules of Settings, by name; {} if there were none (before schema 7).
    """

    timeout_s: float | None
    target: float | None
    patience: int | None
    by: str = "user"
    of_trials: dict[str, float | None] | None = None
    others: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GainEstimated:
    """What the coming trials are expected to gain, by the model: a fact, on which stop rules decide.

    Recorded where a rule needs it alone. Everything is in the metric's units.
    `known`: how many trials had ended; `noise`: deviation of the metric between two trainings with the same
    params; `spread`: between the best value and the median trial; `gains`: [trials, mean, low, high] for some
    numbers of coming trials, ascending: how much better than the best value they would be, with the ends of
    an 80 % band.
    """

    known: int
    noise: float
    spread: float
    gains: list[list[float]]


@dataclass(frozen=True, slots=True)
class StudyTagged:
    """The user has put these tags on the study, or on one of its trials; None takes one away.

    Like NoteWritten it may also come after StudyEnded, and changes nothing but what is read.
    """

    tags: dict[str, Any]
    trial: int | None = None
    by: str = "user"


@dataclass(frozen=True, slots=True)
class NoteWritten:
    """The study, or one of its trials, has this note, in place of the one before; "" for none."""

    text: str
    trial: int | None = None
    by: str = "user"


@dataclass(frozen=True, slots=True)
class FilesRemoved:
    """Checkpoints and artifacts of these ended trials are removed, `size` bytes in all: the study keeps the
    best alone (keeping.py). Recorded before they are; a trial that has gone on meanwhile keeps its files."""

    trials: list[int]
    size: int


@dataclass(frozen=True, slots=True)
class StudyPaused:
    by: str = "user"


@dataclass(frozen=True, slots=True)
class StudyResumed:
    by: str = "user"


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The study is to end; its running trials are cancelled."""

    reason: str


@dataclass(frozen=True, slots=True)
class StudyEnded:
    reason: str


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
    | StudyEnded
)


@dataclass(frozen=True, slots=True)
class Record:
    seq: int
    at: float
    event: Event

    FIRST: ClassVar[int] = 1
