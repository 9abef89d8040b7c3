"""The contract between page and kernel, from Python's side. The front end's tests read the same file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import STATES
from jupyter_tune.errors import OptionError
from jupyter_tune.launch.option import MAGIC
from jupyter_tune.launch.option_line import read_line
from jupyter_tune.launch.options import options_of
from jupyter_tune.notebook.page_requests import FROM_PAGES
from jupyter_tune.views.charts import CHARTS, templates
from jupyter_tune.views.charts.style import PALETTE
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.events import EVENT_COLUMNS
from jupyter_tune.views.tables.shown_trials import TRIAL_COLUMNS
from jupyter_tune.views.tables.standing import STANDING_COLUMNS
from jupyter_tune.views.tables.tables import Tables
from jupyter_tune.wire.requests import fields_of
from tests.front_end_reference import REFERENCE, written
from tests.views import studies

CONTRACT = json.loads((Path(__file__).parents[1] / "labextension/src/wire/contract.json").read_text())


def test_states_and_their_colours() -> None:
    assert CONTRACT["states"] == PALETTE
    assert set(CONTRACT["states"]) == set(STATES)


def test_columns() -> None:
    assert (CONTRACT["trials"], CONTRACT["events"]) == (list(TRIAL_COLUMNS), list(EVENT_COLUMNS))
    study = studies.study(*studies.story(3))
    sent = unpacked(Tables(study).snapshot(0.0))
    assert set(sent["trials"]) == {*CONTRACT["trials"], *(f"p:{name}" for name in study.space)}
    assert [set(sent[table]) for table in ("points", "events")] == [
        set(CONTRACT[table]) for table in ("points", "events")
    ]


def test_a_study_of_several_metrics_has_their_columns_and_where_trials_stand() -> None:
    settings = Settings("accuracy", also=(("size", "minimize"),))
    study = studies.study(*studies.story(3), settings=settings)
    sent = unpacked(Tables(study).snapshot(0.0))
    further = {"m:size", *STANDING_COLUMNS}
    assert CONTRACT["standing"] == list(STANDING_COLUMNS)
    assert set(sent["trials"]) == {*CONTRACT["trials"], *further, *(f"p:{name}" for name in study.space)}


def test_charts_stand_in_a_card_or_in_a_tab_of_a_kind_that_the_page_knows() -> None:
    several = Settings("accuracy", also=(("size", "minimize"),))
    assert set(CHARTS) == set(templates(studies.SPACE, settings=several))
    tabs = {name: chart.tab for name, chart in CHARTS.items()}
    assert CONTRACT["cards"] == [name for name, tab in tabs.items() if tab is None]
    sent = templates(studies.SPACE, settings=several).values()
    kinds = {
        chart["layout"]["meta"]["tab"]["of"] for chart in sent if "tab" in chart["layout"].get("meta", {})
    }
    assert set(CONTRACT["kinds"]) == kinds


def test_requests_of_a_page_and_their_fields() -> None:
    named = {name: list(fields) for name, fields in CONTRACT["requests"].items()}
    assert named == {name: list(fields_of(request)) for name, request in FROM_PAGES.items()}


def test_the_editor_knows_the_options_and_ranges_as_they_are() -> None:
    assert REFERENCE.read_text() == written(), "python -m tests.front_end_reference writes the file again"


UNKNOWN = json.loads((Path(__file__).parents[1] / "labextension/test/fixtures/magic_lines.json").read_text())


@pytest.mark.parametrize("case", UNKNOWN, ids=lambda case: repr(case["line"]))
def test_lines_of_the_magic_are_read_alike_by_kernel_and_editor(case: dict[str, str]) -> None:
    """`error`: what the kernel answers, up to what only it says; "" where the editor has nothing to mark."""
    options = options_of(MAGIC)
    if case["error"]:
        with pytest.raises(OptionError) as raised:
            read_line(case["line"], options)
        assert str(raised.value) == case["error"]
    else:
        read_line(case["line"], options)
