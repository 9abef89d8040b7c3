"""The columns of a study's trials, as Optuna names them: what the DataFrame, the CSV and the JSON all have.

With several metrics each has a column `values_NAME` in place of `value`; with constraints `feasible` says
which trials satisfy them. Other metrics are `user_attrs_NAME`, as are tags and what `set_user_attr` wrote.
Where a library had another version than the notebook's, there is `system_attrs_LIBRARY`; where the code of
the study has changed, `system_attrs_code` has the version that each trial ran. Where trials have folds,
`system_attrs_folds` has how many, `system_attrs_standard_error` that of the value, and
`system_attrs_fold_LABEL` the value of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from jupyter_tune.core.parameters import Float, Int, Parameter
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.tables.attrs import attrs_of

MISSING: Final[Any] = object()
"""In a cell: the trial has no such parameter or attribute. None may be the value of one."""

Kind = Literal["count", "number", "whole", "choice", "truth", "word", "any", "time", "seconds"]


@dataclass(frozen=True, slots=True)
class TrialColumn:
    """`cells`: one for each trial; None where there is no value yet, or MISSING.

    `kind`: count and whole are ints (whole may be missing), choice a value of a Categorical, word a text, any
    what JSON has, time a datetime in local time, seconds a duration.
    """

    name: str
    kind: Kind
    cells: list[Any]


def trial_columns(study: Study, chosen: Iterable[Trial] | None = None) -> list[TrialColumn]:
    """All columns, in their order. `chosen`: of these trials alone, in this order."""
    trials = [trial for _, trial in sorted(study.trials.items())] if chosen is None else list(chosen)

    def column(name: str, kind: Kind, cell: Callable[[Trial], Any]) -> TrialColumn:
        return TrialColumn(name, kind, [cell(trial) for trial in trials])

    def of_metric(at: int) -> Callable[[Trial], Any]:
        return lambda trial: None if trial.values is None else trial.values[at]

    def of(name: str | int, held: Callable[[Trial], dict[Any, Any]]) -> Callable[[Trial], Any]:
        return lambda trial: held(trial).get(name, MISSING)

    def columns() -> Iterator[TrialColumn]:
        yield column("number", "count", lambda trial: trial.number)
        names = [objective.metric for objective in study.objectives]
        for at, name in enumerate(names):
            yield column("value" if len(names) == 1 else f"values_{name}", "number", of_metric(at))
        if study.constraints:
            yield column("feasible", "truth", lambda trial: trial.feasible)
        yield column("state", "word", lambda trial: trial.state)
        for name, parameter in study.space.items():
            yield column(f"params_{name}", _kind(parameter), of(name, lambda trial: trial.params))
        attrs = {trial.number: attrs_of(study, trial) for trial in trials}
        for name in dict.fromkeys(name for each in attrs.values() for name in each):
            yield column(f"user_attrs_{name}", "any", of(name, lambda trial: attrs[trial.number]))
        for name in sorted({name for trial in trials for name in trial.versions}):
            yield column(f"system_attrs_{name}", "any", of(name, lambda trial: trial.versions))
        labels = dict.fromkeys(label for trial in trials for label in trial.folds)
        if labels:
            yield column("system_attrs_folds", "count", lambda trial: len(trial.folds))
            yield column("system_attrs_standard_error", "number", lambda trial: trial.standard_error)
        folds = {trial.number: trial.fold_values for trial in trials} if labels else {}
        for label in labels:
            yield column(f"system_attrs_fold_{label}", "number", of(label, lambda trial: folds[trial.number]))
        if len(study.codes) > 1:
            yield column("system_attrs_code", "count", lambda trial: trial.code)
        yield column("datetime_start", "time", lambda trial: _local_time(trial.started_at))
        yield column("datetime_complete", "time", lambda trial: _local_time(trial.ended_at))
        yield column("duration", "seconds", lambda trial: trial.duration_s)

    return list(columns())


def _kind(parameter: Parameter) -> Kind:
    if isinstance(parameter, Float):
        return "number"
    return "whole" if isinstance(parameter, Int) else "choice"


def _local_time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at)
