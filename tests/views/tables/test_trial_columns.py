"""The DataFrame, the CSV and the JSON have the same columns, and the same cells in them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from typing import Any

import pandas
import pytest

from jupyter_tune.core.events import (
    CodeChanged,
    Event,
    StudyTagged,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED
from jupyter_tune.views.tables.export import as_csv, as_json
from jupyter_tune.views.tables.frame import trials_frame
from tests.views import studies


def folded() -> Study:
    """A trial with three folds, one with two of them, one with none, and one that runs."""
    events: list[Event] = []
    for number, folds in enumerate((3, 2, 0)):
        events += studies.started(number)
        for fold in range(folds):
            label = fold if fold < 2 else "last"
            events.append(TrialReported(number, 1, fold + 1, {"accuracy": 0.5 + fold / 8}, fold=label))
        state = COMPLETE if folds == 3 else FAILED
        events.append(TrialEnded(number, 1, state))
    return studies.study(*events, *studies.started(3))


def several() -> Study:
    """Two metrics, a constraint, another version of a library, edited code, and attributes of each kind."""
    settings = Settings("accuracy", also=(("cost", "minimize"),), subject_to=("cost < 5",), trials=9)
    events: list[Event] = []
    for number, cost in enumerate((1.0, 9.0)):
        events += [
            TrialSuggested(number, studies.SPACE.defaults(), "random"),
            TrialStarted(number, 1, versions={"torch": "1.0"} if number else {}),
            TrialReported(number, 1, 1, {"loss": math.inf}, {"size": 7} if number else {"note": "a,b"}),
            TrialEnded(number, 1, COMPLETE, 0.5, {"accuracy": 0.5, "cost": cost}),
        ]
    edit = CodeChanged(1, {"source": "new"}, ["train"], edited=True)
    partly = TrialSuggested(2, {"lr": 0.01}, "random")
    return studies.study(*events, StudyTagged({"good": True}, 1), edit, partly, settings=settings)


STUDIES: dict[str, Callable[[], Study]] = {
    "plain": lambda: studies.finished(12),
    "none": lambda: studies.study(),
    "folds": folded,
    "several": several,
}


@pytest.mark.parametrize("name", STUDIES)
def test_frame_csv_and_json_agree_column_by_column(name: str) -> None:
    study = STUDIES[name]()
    frame = trials_frame(study)
    rows = list(csv.reader(io.StringIO(as_csv(study))))
    assert rows[0] == list(frame.columns)
    assert len(rows) - 1 == len(frame) == len(study.trials)
    objects = json.loads(as_json(study))
    for at, column in enumerate(frame.columns):
        for row, told in enumerate(objects):
            cell, text = frame[column][row], rows[row + 1][at]
            assert text == written(column, cell), (column, row)
            if not pandas.isna(cell):
                assert plain(column, cell) == told[column], (column, row)
            else:
                assert told.get(column) in (None, "nan"), (column, row)


def written(column: str, cell: Any) -> str:
    """A cell of the frame as the CSV has it."""
    if cell is None or cell is pandas.NaT or pandas.isna(cell):
        return ""
    if column.startswith("datetime"):
        return str(cell.to_pydatetime().isoformat(sep=" "))
    if column == "duration":
        return str(cell.total_seconds())
    number = isinstance(cell, float) and column.startswith("user_attrs") and cell == int_or_nan(cell)
    return str(int(cell)) if number else str(cell)


def int_or_nan(cell: float) -> float:
    return int(cell) if math.isfinite(cell) else math.nan


def plain(column: str, cell: Any) -> Any:
    """A cell of the frame as JSON has it."""
    text = written(column, cell)
    if isinstance(cell, float) and not math.isfinite(cell):
        return "inf" if cell > 0 else "-inf"
    if column.startswith("datetime") or isinstance(cell, str):
        return text
    if isinstance(cell, bool) or column == "feasible":
        return text == "True"
    return pytest.approx(float(text))


def test_folds_have_their_columns_in_the_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(folded()))))
    assert [row["system_attrs_folds"] for row in rows] == ["3", "2", "0", "0"]
    assert [row["system_attrs_fold_last"] for row in rows] == ["0.75", "", "", ""]
    assert float(rows[0]["system_attrs_standard_error"]) == pytest.approx(0.125 / math.sqrt(3))
    assert rows[2]["system_attrs_standard_error"] == ""
    assert float(rows[0]["value"]) == pytest.approx(0.625)


def test_edited_code_and_other_libraries_have_their_columns_in_the_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(several()))))
    assert [row["system_attrs_code"] for row in rows] == ["0", "0", "1"]
    assert [row["system_attrs_torch"] for row in rows] == ["", "1.0", ""]
    assert [row["feasible"] for row in rows[:2]] == ["True", "False"]
    assert (rows[0]["values_accuracy"], rows[0]["values_cost"]) == ("0.5", "1.0")
