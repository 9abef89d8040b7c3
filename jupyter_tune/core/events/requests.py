"""What users have requested; steering.py folds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jupyter_tune.core.parameters import Params, Scalar


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
class HaltRequested:
    """The user requested the end of this live trial, as pruned or cancelled.

    It is recorded so that it outlives the attempt and the driver; TrialEnded has the outcome.
    """

    number: int
    state: str
    by: str = "user"


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
class StudyPaused:
    by: str = "user"


@dataclass(frozen=True, slots=True)
class StudyResumed:
    by: str = "user"


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The study is to end; its running trials are cancelled."""

    reason: str
