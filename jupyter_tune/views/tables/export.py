"""The trials of a study as CSV or JSON, with the columns of trials_dataframe()."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jupyter_tune.core.encoding import number_to_json
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.tables.trial_columns import MISSING, trial_columns


def as_csv(study: Study) -> str:
    """A line for each trial; a cell without a value is empty, times are local, durations seconds."""
    columns = trial_columns(study)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in zip(*(column.cells for column in columns), strict=True):
        writer.writerow(["" if cell is None or cell is MISSING else _written(cell) for cell in row])
    return text.getvalue()


def as_json(study: Study) -> str:
    """A list with an object for each trial, as `rows` has them."""
    found = rows(study, [trial for _, trial in sorted(study.trials.items())])
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def rows(study: Study, trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """An object for each of these trials, its curve included; NaN and infinities are texts. What a trial
    does not have is left out."""
    columns = trial_columns(study, trials)
    found = []
    for row, trial in enumerate(trials):
        cells = {column.name: column.cells[row] for column in columns}
        told = {name: _plain(cell) for name, cell in cells.items() if cell is not MISSING}
        curve = [[step, number_to_json(value)] for step, value in sorted(trial.curve.items())]
        found.append({**told, "curve": curve, "reason": trial.reason})
    return found


def _plain(value: Any) -> Any:
    return number_to_json(value) if isinstance(value, float) else _written(value)


def _written(value: Any) -> Any:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value
