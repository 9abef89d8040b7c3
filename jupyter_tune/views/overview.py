"""A study in the few facts that a list of studies shows of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeAlias

from jupyter_tune.core.encoding import number_from_json, number_to_json
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import STATES
from jupyter_tune.views.tables.columns import encodable, json_ready
from jupyter_tune.views.tables.progress import staircase

VERSION = 1
"""Of what `to_json` gives; one of another version is passed over, and the study read as a whole."""

SPARK = 40
"""Points of the line of best values."""

_NONE = (math.inf, -1)


@dataclass(frozen=True, slots=True)
class Overview:
    """A study up to record `seq`.

    state:        running, paused, stopping or ended, by its records; they do not say whether a driver lives.
    reason:       why it ended or stops; "" while it runs.
    trials:       how many there are, `counts` of them in each state; `done` have ended and count against
                  `budget`, None for no limit.
    best:         the value of `best_trial`, whose params `best_params` are labels for values that JSON lacks.
    leader:       number and best reading of the live trial that is ahead; None before the first report.
    spark:        the best value so far, at SPARK trials at most, evenly spread, from the first value on.
    further:      the metrics after the first; `front`: how many trials stand on their front.
    opened_at, changed_at: unix seconds; `ends_at`: when it should end, None where nothing tells.
    kind, notebook: of its origin; "" where that does not tell.
    """

    seq: int
    state: str
    reason: str
    trials: int
    done: int
    budget: int | None
    counts: dict[str, int]
    metric: str
    direction: str
    best: float | None
    best_trial: int | None
    best_params: dict[str, Any] | None
    leader: tuple[int, float] | None
    spark: list[float]
    further: list[str]
    front: int
    tags: dict[str, Any]
    opened_at: float
    changed_at: float
    ends_at: float | None
    kind: str
    notebook: str

    @property
    def loss(self) -> float | None:
        """Of `best`; None without one."""
        objective = Settings(self.metric, self.direction).objective
        return None if self.best is None else objective.loss_or_worst(self.best)

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = encodable(json_ready({**asdict(self), "best": None}))
        return {"version": VERSION, **told, "best": number_to_json(self.best)}


def overview(study: Study, *, ends_at: float | None = None) -> Overview:
    """The facts of `study`. Args: ends_at: when it should end, as the forecast has it."""
    best, settings, origin = study.best_trial, study.settings, study.origin
    return Overview(
        seq=study.seq,
        state=_state(study),
        reason=study.end_reason or study.stop_reason or "",
        trials=len(study.trials),
        done=study.done,
        budget=settings.trials,
        counts=study.counts,
        metric=settings.metric,
        direction=settings.direction,
        best=study.best_value,
        best_trial=None if best is None else best.number,
        best_params=None if best is None else dict(best.params),
        leader=_leader(study),
        spark=_spark(study),
        further=[objective.metric for objective in study.objectives[1:]],
        front=len(study.best_trials) if len(study.objectives) > 1 else 0,
        tags=dict(study.tags.get(None, {})),
        opened_at=study.opened_at,
        changed_at=study.last_at,
        ends_at=ends_at,
        kind=str(origin.get("kind", "")),
        notebook=str(origin.get("notebook", "")),
    )


def _state(study: Study) -> str:
    if study.is_ended:
        return "ended"
    if study.stop_reason is not None:
        return "stopping"
    return "paused" if study.paused else "running"


def _leader(study: Study) -> tuple[int, float] | None:
    # the study keeps these losses as reports arrive
    loss, number = min(((study.best_loss(trial.number), trial.number) for trial in study.live), default=_NONE)
    return (number, study.objective.value(loss)) if math.isfinite(loss) else None


def _spark(study: Study) -> list[float]:
    stairs = staircase(study, "trials")
    if not stairs.x:
        return []
    first, last = int(stairs.x[0]), int(stairs.end)
    count = min(SPARK, last - first + 1)
    steps = [first + round(i * (last - first) / max(1, count - 1)) for i in range(count)]
    return [value for value in map(stairs.at, steps) if math.isfinite(value)]


def overview_from_json(data: Any) -> Overview | None:
    """The overview that `to_json` gave; None for what is none, or of another version.

    It comes from a file that anyone may have written: every part is of its kind, or nothing is believed.
    """
    if not isinstance(data, dict) or data.get("version") != VERSION:
        return None
    if data.keys() - {"version"} != _KINDS.keys() or not all(_KINDS[name](data[name]) for name in _KINDS):
        return None
    leader = data["leader"]
    return Overview(
        **{
            **{name: data[name] for name in _KINDS},
            "best": number_from_json(data["best"]),
            "leader": None if leader is None else (leader[0], leader[1]),
        }
    )


_IsOfKind: TypeAlias = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return type(value) is int


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _named(value: Any) -> bool:
    return isinstance(value, dict)


def _maybe(kind: _IsOfKind) -> _IsOfKind:
    return lambda value: value is None or kind(value)


def _several(kind: _IsOfKind) -> _IsOfKind:
    return lambda value: isinstance(value, list) and all(map(kind, value))


_KINDS: Mapping[str, _IsOfKind] = {
    "seq": _whole,
    "state": lambda value: value in ("running", "paused", "stopping", "ended"),
    "reason": _text,
    "trials": _whole,
    "done": _whole,
    "budget": _maybe(_whole),
    "counts": lambda value: (
        isinstance(value, dict) and value.keys() == set(STATES) and all(map(_whole, value.values()))
    ),
    "metric": _text,
    "direction": lambda value: value in ("minimize", "maximize"),
    "best": lambda value: value in (None, "inf", "-inf", "nan") or _number(value),
    "best_trial": _maybe(_whole),
    "best_params": _maybe(_named),
    "leader": _maybe(lambda value: _several(_number)(value) and len(value) == 2),
    "spark": lambda value: _several(_number)(value) and len(value) <= SPARK,
    "further": _several(_text),
    "front": _whole,
    "tags": _named,
    "opened_at": _number,
    "changed_at": _number,
    "ends_at": _maybe(_number),
    "kind": _text,
    "notebook": _text,
}
assert _KINDS.keys() == {each.name for each in fields(Overview)}
