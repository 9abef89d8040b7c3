"""The commands of the engine. A command may lose a race; only events say what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from jupyter_tune.core.parameters import Params


@dataclass(frozen=True, slots=True)
class Suggest:
    """Ask for the params of trial `number`.

    given:    values that are fixed beforehand; the sampler completes them.
    source:   where they come from: user, or default and confirm, which give all of them.
    enqueued: the record that requested them.
    """

    number: int
    given: Params | None = None
    source: str = ""
    enqueued: int | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """Start this attempt on a free slot.

    seed:         the trial's own.
    resumed_from: the step that the trial has reached, if this attempt goes on from a checkpoint.
    workers:      how many trials at once share the processors.
    avoid:        places that are not to be used (slots.py).
    timeout_s:    how long it may take.
    """

    number: int
    attempt: int
    params: Params
    seed: int
    resumed_from: int = 0
    workers: int = 1
    avoid: tuple[str, ...] = ()
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Halt:
    """End this attempt early, in `state` (pruned or cancelled) unless it ends by itself first."""

    number: int
    attempt: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Put a pruned trial back in the queue for a slot, since its reading is now among the best.

    attempt: the one that was pruned; the trial goes on from its checkpoint.
    afresh:  it has left none, and the trial begins anew.
    """

    number: int
    attempt: int
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class EndSearch:
    """Enough is found: record that the search ends, and the best trials are measured again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing is left to do: record the end and release all resources."""

    reason: str


Command: TypeAlias = Suggest | Launch | Halt | Resume | EndSearch | Close
