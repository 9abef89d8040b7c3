"""The trials of a study as CSV or JSON, with the columns of trials_dataframe()."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

from jupyter_tune.core.encoding import number_to_json
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.tables.attrs import attrs_of


def as_csv(study: Study) -> str:
    """A line for each trial; a cell without a value is empty, times are local, durations seconds."""
    columns = columns_of(study)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for trial in _trials(study):
        row = _row(study, trial)
        writer.writerow(["" if row.get(name) is None else row[name] for name in columns])
    return text.getvalue()


def as_json(study: Study) -> str:
    """A list with an object for each trial, its curve included; NaN and infinities are texts."""
    rows = []
    for trial in _trials(study):
        row = {name: _plain(value) for name, value in _row(study, trial).items()}
        curve = [[step, number_to_json(value)] for step, value in sorted(trial.curve.items())]
        rows.append({**row, "curve": curve, "reason": trial.reason})
    return json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def columns_of(study: Study) -> list[str]:
    """The names of the columns."""
    attrs = dict.fromkeys(name for trial in _trials(study) for name in attrs_of(study, trial))
    return [
        "number",
        *values_of(study).values(),
        *(["feasible"] if study.constraints else []),
        "state",
        *(f"params_{name}" for name in study.space),
        *(f"user_attrs_{name}" for name in attrs),
        "datetime_start",
        "datetime_complete",
        "duration",
    ]


def values_of(study: Study) -> dict[str, str]:
    """The study's metrics, and the column of each."""
    names = [objective.metric for objective in study.objectives]
    return {name: f"values_{name}" for name in names} if len(names) > 1 else {names[0]: "value"}


def _trials(study: Study) -> list[Trial]:
    return [trial for _, trial in sorted(study.trials.items())]


def _row(study: Study, trial: Trial) -> dict[str, Any]:
    columns = values_of(study)
    values = trial.values or (None,) * len(columns)
    return {
        "number": trial.number,
        **dict(zip(columns.values(), values, strict=True)),
        **({"feasible": trial.feasible} if study.constraints else {}),
        "state": trial.state,
        **{f"params_{name}": value for name, value in trial.params.items()},
        **{f"user_attrs_{name}": value for name, value in attrs_of(study, trial).items()},
        "datetime_start": _local_time(trial.started_at),
        "datetime_complete": _local_time(trial.ended_at),
        "duration": trial.duration_s,
    }


def _plain(value: Any) -> Any:
    return number_to_json(value) if isinstance(value, float) else value


def _local_time(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at).isoformat(sep=" ")
