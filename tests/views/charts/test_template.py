"""The same cases are run through the TypeScript `fill`, so page and notebook draw the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.views.charts.template import as_markup, fill
from jupyter_tune.views.tables.columns import unpacked

CASES = Path(__file__).parents[3] / "labextension/test/fixtures/fill_cases.json"


def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    assert found, f"{CASES} has no cases"
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_a_shared_case(case: dict[str, Any]) -> None:
    assert fill(case["template"], unpacked(case["tables"])) == case["expected"]


def test_a_column_of_an_unknown_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no table for column 'rungs.level'"):
        fill({"$column": "rungs.level"}, {"trials": {}, "points": {}})


def test_the_template_is_left_as_it_was() -> None:
    template = {"data": [{"x": {"$status": "metric"}}]}
    assert fill(template, {"status": {"metric": "loss"}}) == {"data": [{"x": "loss"}]}
    assert template == {"data": [{"x": {"$status": "metric"}}]}


def test_tables_and_templates_load_nothing_heavy() -> None:
    script = (
        "import sys, jupyter_tune.views.tables.tables, jupyter_tune.views.charts\n"
        "print([m for m in ('numpy', 'plotly', 'matplotlib', 'pandas', 'ipywidgets') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "[]"


def test_templates_are_filled_from_rows_of_any_width() -> None:
    # a table may lack a column that a template names: a page is older or newer than its kernel
    trials = {"number": [0, 1], "state": ["complete", "complete"], "value": [0.5, 0.25]}
    tables = {"status": {"direction": "maximize"}, "trials": trials}
    axes = [{"column": "p:lr", "low": 1, "high": 2}, {"column": "value"}]
    assert fill({"$parallel": "y", "axes": axes}, tables) == [0.0, None, 1.0]
    assert fill({"$hover": ["lr"]}, tables) == ["", ""]


def test_words_of_the_data_are_markup_that_says_what_they_are() -> None:
    trials = {"number": [0], "state": ["complete"], "p:<n>": ["a<b>"]}
    tables = {"status": {"metric": "<i>loss"}, "trials": trials, "events": {"text": ["R&D"]}}
    template = {
        "title": {"$status": "metric"},
        "x": {"$column": "trials.p:<n>"},
        "text": [{"$events": "text"}, {"$hover": ["<n>"]}],
        "own": "a<br>b",
    }
    assert fill(template, tables, as_markup) == {
        "title": "&lt;i&gt;loss",
        "x": ["a&lt;b&gt;"],
        "text": [["R&amp;D"], ["&lt;n&gt;: a&lt;b&gt;"]],
        "own": "a<br>b",
    }
