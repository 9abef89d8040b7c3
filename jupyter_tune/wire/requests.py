"""What clients request of a driver: one dataclass each, whose fields are what JSON has.

The name on the wire is the class's, in lower case. A new request of a user is a `Steering` here, its function
in driver/requests.py, and the method that users call in client/steering.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from jupyter_tune.errors import DriverError
from jupyter_tune.wire.frames import Message

KEEP = "keep"
"""For a field that is to stay as it is."""


@dataclass(frozen=True)
class Request:
    """Something that a client requests."""

    def to_message(self) -> Message:
        """Its message, but for the number."""
        return {"type": name_of(type(self)), **{each.name: getattr(self, each.name) for each in fields(self)}}


@dataclass(frozen=True)
class Steering(Request):
    """A request about a study that runs; the driver grants it or refuses."""


# of the process that starts a driver


@dataclass(frozen=True)
class Warm(Request):
    """Have ready what trials will need: the modules in `preload`, and all that a sampler uses."""

    preload: list[str]
    sampler: str | None = None


@dataclass(frozen=True)
class Check(Request):
    """Load the payload once, as trials load it. The result: notices for the user, a sentence each."""

    payload: str
    options: dict[str, Any]


@dataclass(frozen=True)
class Open(Request):
    """Begin a study, or go on with one.

    `added`: trials of earlier studies, as (params, value, study, number there); `priors`: results of other
    tasks, as (params, value, task); `enqueue`: params to try first; `retry`: numbers of
    failed trials to run again; `tags`: to put on the study.
    `on`: the cluster for its trials, None for this machine; there `workers` of `settings` may be None, for
    as many as it has threads.
    `edited`: trials of the code so far are no results of a study that is resumed.
    `log_to`: None, or the names `trackers` (registry.TRACKERS), and the folder `cwd` and the changes `env` of
    the environment (None: unset) with which their libraries run.
    `here`: the client runs the trials itself, by NextTrial and its like; then there is no payload.
    The result: `said`, what there is to say about it, a sentence each; `kept`, the file that an earlier study
    of the name has now, or None.
    """

    name: str
    path: str
    space: dict[str, Any]
    settings: dict[str, Any]
    payload: str
    options: dict[str, Any]
    origin: dict[str, Any]
    resume: bool
    overwrite: bool
    detach: bool
    added: list[Any]
    enqueue: dict[str, Any] | None
    retry: list[int]
    on: dict[str, Any] | None = None
    here: bool = False
    edited: bool = False
    priors: list[Any] = field(default_factory=list)
    tags: dict[str, Any] | None = None
    narrowed: dict[str, Any] = field(default_factory=dict)
    log_to: dict[str, Any] | None = None


# of every client


@dataclass(frozen=True)
class Follow(Request):
    """Send all records after `since`, before the answer, and every later one as it is committed."""

    since: int


@dataclass(frozen=True)
class Stop(Request):
    """Cancel running trials and end the study."""


@dataclass(frozen=True)
class Annotate(Request):
    """Put `tags` or a `note` on the study in `path`, or on one `trial` of it; any driver may do so if none
    runs the study. The result: its records after `since`.
    """

    path: str
    since: int
    trial: int | None = None
    tags: dict[str, Any] | None = None
    note: str | None = None


@dataclass(frozen=True)
class Look(Request):
    """Be ready to draw landscapes of the study in `path`, as its file tells it now."""

    path: str


@dataclass(frozen=True)
class Replay(Request):
    """Make every decision of the study in `path` again. The result: see driver/replaying.py."""

    path: str


@dataclass(frozen=True)
class WhatIf(Request):
    """Run the study in `path` again on its curves, with `changes` of its settings. The result: see
    driver/what_if.py."""

    path: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Landscape(Request):
    """The model over the parameters `x` and `y` (None: over `x` alone), with others held `at` these
    values; with several metrics, of the metric `target` (None: the first)."""

    x: str
    y: str | None
    at: dict[str, Any] | None = None
    target: str | None = None


@dataclass(frozen=True)
class Gains(Request):
    """What more trials may gain in the metric `target` (None: the first), for each number in `trials`. The
    result: [trials, mean, low, high] of each, or nothing while too little is known."""

    trials: list[int]
    target: str | None = None


# of the client that runs the trials itself


@dataclass(frozen=True)
class OwnTrial(Request):
    """A request of the client that runs the trials of its study in its own process."""


@dataclass(frozen=True)
class NextTrial(OwnTrial):
    """The result: number, attempt, params, seed, last_step and files of the next attempt; None if there will
    be none."""


@dataclass(frozen=True)
class TellTrial(OwnTrial):
    """A TrialReported or TrialEnded, as JSON. The result of a report: state and reason of the halt that ends
    the trial, or None."""

    event: dict[str, Any]


# of users, about a study that runs


@dataclass(frozen=True)
class Pause(Steering):
    """Start no further trials."""


@dataclass(frozen=True)
class Resume(Steering):
    """Take a pause back; or go on with a study that no driver runs, `edited` as its code was edited: earlier
    trials are no results any more."""

    edited: bool = False


@dataclass(frozen=True)
class More(Steering):
    """Go on, with `trials` more than there are now and are queued."""

    trials: int


@dataclass(frozen=True)
class Narrow(Steering):
    """Draw from `ranges`: name -> (low, high) or choices. The result: the revision that holds.

    `was`: what the sender took these ranges for; where they are others by now, all are told of it.
    """

    ranges: dict[str, Any]
    was: dict[str, Any] | None = None


@dataclass(frozen=True)
class Enqueue(Steering):
    """Try `params` next, some or all of them."""

    params: dict[str, Any]


@dataclass(frozen=True)
class Halt(Steering):
    """End the live trial `trial` as `state`: pruned (its best reading counts) or cancelled."""

    trial: int
    state: str


@dataclass(frozen=True)
class Retry(Steering):
    """Run the failed trial of the number `which` again, or all that have "failed"."""

    which: int | str


@dataclass(frozen=True)
class Budget(Steering):
    """Another budget of `trials` (None for no limit) and `workers`; KEEP for what stays."""

    trials: int | str | None = KEEP
    workers: int | str = KEEP


@dataclass(frozen=True)
class Undo(Steering):
    """Take back what record `seq` did; None for the newest that can be."""

    seq: int | None = None


def name_of(request: type[Request]) -> str:
    """Its name on the wire."""
    return request.__name__.lower()


def fields_of(request: type[Request]) -> tuple[str, ...]:
    """The names of its fields, in their order."""
    return tuple(each.name for each in fields(request))


def from_message(message: Message, among: dict[str, type[Request]]) -> Request:
    """The request in `message`. Raises DriverError if it is none `among` those of that name."""
    name = message.get("type")
    request = among.get(name) if isinstance(name, str) else None
    if request is None:
        raise DriverError(f"no such request {name!r}; both sides must be of one version")
    needed = [each.name for each in fields(request) if each.default is MISSING]
    missing = [name for name in needed if name not in message]
    if missing:
        raise DriverError(f"{name_of(request)}: the request lacks {' and '.join(missing)}")
    return request(**{name: message[name] for name in fields_of(request) if name in message})


def named(base: type[Request]) -> dict[str, type[Request]]:
    """The requests that derive from `base`, by their names on the wire."""
    return {name_of(request): request for request in _below(base)}


def _below(base: type[Request]) -> Iterator[type[Request]]:
    kinds = base.__subclasses__()
    for kind in kinds:
        yield from _below(kind)
    if not kinds:
        yield base
