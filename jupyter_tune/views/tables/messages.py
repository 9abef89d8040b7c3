"""What the tables send a page. The front end has the same types in labextension/src/wire/protocol.ts."""

from __future__ import annotations

from typing import Any, NotRequired, TypeAlias, TypedDict

from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.views.tables.columns import Columns

Landscape: TypeAlias = dict[str, Any]
"""A grid of samplers.gp.landscape, with x_axis and y_axis: how charts draw along its parameters."""


class Sought(TypedDict):
    """A metric that the study is after, and its direction."""

    metric: str
    direction: str


class Best(TypedDict):
    """The best complete trial.

    `literal`: its params in Python, since JSON does not tell 1.0 from 1; `ran_as`: "NAME, trial 12" where an
    earlier study ran it; `spread`: how far its value may be off, in words.
    """

    number: int
    value: float
    params: Params
    literal: str
    spread: str
    at_s: float | None
    ran_as: str


class Leader(TypedDict):
    """While no trial is complete: the best so far of those that run, or else were pruned."""

    number: int
    value: float
    state: str
    params: Params


class ErrorKind(TypedDict):
    """Failures of one kind: the text of one, how many, the first trials with it, and the line of the cell."""

    text: str
    count: int
    trials: list[int]
    where: str


class Queued(TypedDict):
    """An enqueued trial, by the record that enqueued it."""

    seq: int
    params: Params


class Gain(TypedDict):
    """How much better the best value may be after `trials` more, in the metric's units: the mean, and the
    ends of an 80 % band."""

    trials: int
    mean: float
    low: float
    high: float


class Status(TypedDict):
    """The study as a whole.

    `aim`: what it is after, and subject to; `found`: what it has found where there is no best trial, because
    there are several metrics or nothing is feasible.
    `objectives`: all metrics, the first one first; `front`: how many trials stand on the front of several;
    `infeasible`: complete trials that violate a constraint.
    `done`: trials that count against the budget, and have ended.
    `shown`: trials in the tables; `stride`: trials whose number it divides are all shown, a fair sample.
    `eta_low_s`, `eta_high_s`: the ends of the 80 % band of `eta_s`.
    `nonfinite`: complete or pruned trials with NaN or an infinity for a value.
    `around_best`: the ranges around the best trials; empty before there are enough of them.
    `tags`, `note`: of the study, as its user has written them.
    `gain`: of the coming trials, where it is known.
    """

    state: str
    name: str
    metric: str
    direction: str
    aim: str
    found: str
    objectives: list[Sought]
    front: int
    infeasible: int
    trials: int | None
    max_steps: int | None
    counts: dict[str, int]
    done: int
    shown: int
    stride: int
    best: Best | None
    leader: Leader | None
    errors: list[ErrorKind]
    nonfinite: int
    queue: list[Queued]
    elapsed_s: float
    eta_s: float | None
    eta_low_s: float | None
    eta_high_s: float | None
    workers: int
    steps_done: int
    steps_full: int | None
    reason: str
    revision: int
    ranges: dict[str, list[Scalar]]
    around_best: dict[str, list[Scalar]]
    tags: list[str]
    note: str
    gain: Gain | None


class Snapshot(TypedDict):
    """All tables; numeric columns of many rows as bytes (see columns). `seq`: the last delta in it."""

    seq: int
    status: Status
    trials: Columns
    points: Columns
    events: Columns
    landscape: Landscape | None


class Delta(TypedDict):
    """What changed since delta `base`: rows to drop by trial, then rows to insert or replace by key."""

    seq: int
    base: int
    status: Status
    drop_trials: NotRequired[list[int]]
    trials: NotRequired[Columns]
    drop_points: NotRequired[list[int]]
    points: NotRequired[Columns]
    events: NotRequired[Columns]
    landscape: NotRequired[Landscape | None]
