"""The trials as a DataFrame, with Optuna's columns.

    a parameter's column    dtype        where the parameter does not exist
    Float                   float64      NaN
    Int                     Int64        <NA>
    Categorical             object       NaN: None is a choice like any other

So every cell is the value that the trial had, and a row is taken back by `enqueue` and `add_trial`,
which pass over what is missing.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import pandas

from jupyter_tune.core.parameters import Float, Int, Parameter, Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.tables.attrs import attrs_of


def trials_frame(study: Study) -> pandas.DataFrame:
    """One row a trial, by number: number value state params_… user_attrs_… datetime_start
    datetime_complete duration.

    With several metrics each has a column `values_NAME` in place of `value`, as in Optuna where they have
    names; with constraints `feasible` says which trials satisfy them. Other metrics are `user_attrs_…`, as
    are tags and what `set_user_attr` wrote; times are local, durations timedeltas. If trials ran where a
    library had another version than the notebook's, there is `system_attrs_LIBRARY` too; if the code of the
    study has changed, `system_attrs_code` has the version that each trial ran. If trials have folds,
    `system_attrs_folds` has how many, `system_attrs_standard_error` that of `value`, and
    `system_attrs_fold_LABEL` the value of each.
    """
    trials = [trial for _, trial in sorted(study.trials.items())]
    rows = [attrs_of(study, trial) for trial in trials]
    attrs = dict.fromkeys(name for row in rows for name in row)
    libraries = sorted({name for trial in trials for name in trial.versions})
    columns: dict[str, Any] = {
        "number": pandas.Series([trial.number for trial in trials], dtype="int64"),
        **_values(study, trials),
        "state": pandas.Series([trial.state for trial in trials], dtype="str"),
        **{f"params_{name}": _parameter(name, parameter, trials) for name, parameter in study.space.items()},
        **{f"user_attrs_{name}": _attribute([row.get(name) for row in rows]) for name in attrs},
        **{f"system_attrs_{name}": _texts([t.versions.get(name) for t in trials]) for name in libraries},
        **_folds(trials),
        **({"system_attrs_code": _versions(trials)} if len(study.codes) > 1 else {}),
        "datetime_start": pandas.Series([_local_time(trial.started_at) for trial in trials], dtype=_TIME),
        "datetime_complete": pandas.Series([_local_time(trial.ended_at) for trial in trials], dtype=_TIME),
        "duration": pandas.Series([_duration(trial) for trial in trials], dtype="timedelta64[us]"),
    }
    return pandas.DataFrame(columns)


def _values(study: Study, trials: list[Trial]) -> dict[str, pandas.Series]:
    columns = {"value": _numbers([trial.value for trial in trials])}
    if len(study.objectives) > 1:
        columns = {
            f"values_{objective.metric}": _numbers([t.values[at] if t.values else None for t in trials])
            for at, objective in enumerate(study.objectives)
        }
    if study.constraints:
        columns["feasible"] = pandas.Series([trial.feasible for trial in trials], dtype="bool")
    return columns


def _folds(trials: list[Trial]) -> dict[str, pandas.Series]:
    """Of trials with folds: how many, the standard error of the value, and the value of each."""
    labels = dict.fromkeys(label for trial in trials for label in trial.folds)
    if not labels:
        return {}
    values = [trial.fold_values for trial in trials]
    return {
        "system_attrs_folds": pandas.Series([len(each) for each in values], dtype="int64"),
        "system_attrs_standard_error": _numbers([trial.standard_error for trial in trials]),
        **{f"system_attrs_fold_{label}": _numbers([each.get(label) for each in values]) for label in labels},
    }


_TIME = "datetime64[us]"


def _numbers(values: list[float | None]) -> pandas.Series:
    return pandas.Series(values, dtype="float64")


def _versions(trials: list[Trial]) -> pandas.Series:
    return pandas.Series([trial.code for trial in trials], dtype="int64")


def _attribute(values: list[Any]) -> pandas.Series:
    """Numbers as such, if there is nothing else; else the objects."""
    only = all(value is None or type(value) in (int, float) for value in values)
    return _numbers(values) if only else pandas.Series(values, dtype="object")


def _texts(values: list[str | None]) -> pandas.Series:
    return pandas.Series(values, dtype="object")


def _parameter(name: str, parameter: Parameter, trials: list[Trial]) -> pandas.Series:
    if isinstance(parameter, Float):
        return _numbers([trial.params.get(name) for trial in trials])  # type: ignore[misc]
    if isinstance(parameter, Int):
        return pandas.Series([trial.params.get(name) for trial in trials], dtype="Int64")
    cells: list[Scalar] = [trial.params.get(name, math.nan) for trial in trials]
    return pandas.Series(cells, dtype="object")


def _local_time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at)


def _duration(trial: Trial) -> timedelta | None:
    return None if trial.duration_s is None else timedelta(seconds=trial.duration_s)
