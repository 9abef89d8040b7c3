"""The trials as a DataFrame, with Optuna's columns (see trial_columns.py).

    a parameter's column    dtype        where the parameter does not exist
    Float                   float64      NaN
    Int                     Int64        <NA>
    Categorical             object       NaN: None is a choice like any other

So every cell is the value that the trial had, and a row is taken back by `enqueue` and `add_trial`,
which pass over what is missing. Times are local, durations timedeltas.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pandas

from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.trial_columns import MISSING, Kind, TrialColumn, trial_columns

_DTYPES: dict[Kind, str] = {
    "count": "int64",
    "number": "float64",
    "whole": "Int64",
    "choice": "object",
    "truth": "bool",
    "word": "str",
    "time": "datetime64[us]",
    "seconds": "timedelta64[us]",
}


def trials_frame(study: Study) -> pandas.DataFrame:
    """One row a trial, by number: number value state params_… user_attrs_… datetime_start
    datetime_complete duration; trial_columns.py has the others."""
    return pandas.DataFrame({column.name: _series(column) for column in trial_columns(study)})


def _series(column: TrialColumn) -> pandas.Series:
    missing = math.nan if column.kind == "choice" else None
    cells: list[Any] = [missing if cell is MISSING else cell for cell in column.cells]
    if column.kind == "seconds":
        cells = [None if cell is None else timedelta(seconds=cell) for cell in cells]
    return pandas.Series(cells, dtype=_DTYPES.get(column.kind) or _dtype_of(cells))


def _dtype_of(cells: list[Any]) -> str:
    """That of numbers, if there is nothing else; else that of objects."""
    only_numbers = all(cell is None or type(cell) in (int, float) for cell in cells)
    return "float64" if only_numbers else "object"
