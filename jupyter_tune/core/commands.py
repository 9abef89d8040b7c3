"""The commands of the engine. A command may lose a race; only events say what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from jupyter_tune.core.parameters import Params


@dataclass(frozen=True, slots=True)
class Suggest:
    """Ask for the params of trial `number`.

    `given` are values that somebody asked for: `source` says who (user, default). The
    defaults are whole; a user's may be a part, which the sampler completes. `enqueued`: the
    record that asked for them.
    """

    number: int
    given: Params | None = None
    source: str = ""
    enqueued: int | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """Start this attempt on a free slot. `seed` is the trial's own.

    `resumed_from`: the step that the trial has reached, if this attempt goes on from a checkpoint.
    `workers`: so many trials at once share the processors.
    """

    number: int
    attempt: int
    params: Params
    seed: int
    resumed_from: int = 0
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Halt:
    """End this attempt early; `state` is what it is to be if the command wins the race:
    pruned or cancelled."""

    number: int
    attempt: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Have a pruned trial wait for a slot again: what it left behind is now among the best.

    `attempt`: the one that was pruned, and from whose checkpoint it goes on.
    """

    number: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing is left to do: record the end and let go of everything."""

    reason: str


Command: TypeAlias = Suggest | Launch | Halt | Resume | Close
