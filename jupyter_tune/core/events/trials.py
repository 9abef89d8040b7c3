"""What happens to a trial, from its suggestion to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jupyter_tune.core.parameters import Params

Metrics: TypeAlias = dict[str, float]


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
    """A pruned trial waits for a new attempt, which goes on from the checkpoint that `attempt` left.

    `afresh`: it left none, and the trial begins anew; never before schema 7.
    """

    number: int
    attempt: int
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class TrialReopened:
    """A trial waits again: the end of its study had cancelled it, and the study was resumed; or it failed,
    and the user requested that it run again (since schema 5).

    `attempt`: the one that was cancelled or failed.
    """

    number: int
    attempt: int


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
