from __future__ import annotations

import json
import re
from typing import Any

import plotly.graph_objects as go
import pytest

from jupyter_tune.core.events import Event, TrialEnded, TrialReported, TrialStarted, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.views.charts import PALETTE, figure, templates
from jupyter_tune.views.tables import TRIAL_COLUMNS
from tests.views import studies

FAILED: list[Event] = [
    TrialSuggested(0, studies.SPACE.defaults(), "default"),
    TrialStarted(0, 1),
    TrialEnded(0, 1, "failed", error="boom"),
]
STUDIES = {
    "empty": studies.study(),
    "one trial": studies.finished(1),
    "all failed": studies.study(*FAILED),
    "unreported": studies.study(*FAILED[:2]),
    "many": studies.finished(60),
}


def trace(study: Study, chart: str, name: str) -> Any:
    return next(trace for trace in figure(study, chart, studies.landscape()).data if trace.name == name)


@pytest.mark.parametrize("chart", templates())
@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
@pytest.mark.parametrize("landscape", [None, studies.landscape(), studies.landscape("category")])
def test_every_chart_of_every_study_is_a_plotly_figure(
    study: Study, chart: str, landscape: dict[str, Any] | None
) -> None:
    drawn = figure(study, chart, landscape)
    assert isinstance(drawn, go.Figure)
    assert "$" not in drawn.to_json()


def test_templates_are_json_and_name_columns_that_exist() -> None:
    text = json.dumps(templates(), allow_nan=False)
    names = set(re.findall(r'"\$column": "trials\.(\w+)"', text))
    assert names <= set(TRIAL_COLUMNS)
    assert set(re.findall(r'"\$column": "points\.(\w+)"', text)) <= {"number", "step", "value"}


def test_an_unknown_chart_is_refused_naming_the_known() -> None:
    with pytest.raises(ValueError, match="there is no 'pie'; use one of history, curves"):
        figure(studies.study(), "pie")


def test_the_history_shows_each_trial_under_its_state_and_the_best_so_far() -> None:
    study = STUDIES["many"]
    complete = study.in_state("complete")
    drawn = trace(study, "history", "complete")
    assert list(drawn.x) == [trial.number for trial in complete]
    assert list(drawn.y) == [trial.value for trial in complete]
    assert drawn.marker.color == PALETTE["complete"]
    best = trace(study, "history", "best so far")
    assert best.line.shape == "hv"
    assert study.best_trial is not None
    assert max(v for v in best.y if v is not None) == best.y[-1] == study.best_trial.value


def test_a_failed_trial_stands_on_the_bottom_edge() -> None:
    failed = trace(STUDIES["all failed"], "history", "failed")
    assert (list(failed.x), failed.y, failed.y0, failed.dy, failed.yaxis) == ([0], None, 0.02, 0, "y2")
    assert list(failed.customdata) == ["boom"]


def test_a_running_trial_is_shown_by_its_last_report() -> None:
    study = studies.study(*FAILED[:2], TrialReported(0, 1, 4, {"accuracy": 0.25}))
    assert list(trace(study, "history", "running").y) == [0.25]
    assert list(trace(study, "curves", "running").x) == [4]


def test_curves_of_one_state_are_one_trace_with_gaps() -> None:
    drawn = trace(STUDIES["many"], "curves", "complete")
    trials = STUDIES["many"].in_state("complete")
    assert list(drawn.x).count(None) == len(trials) - 1
    assert [n for n in dict.fromkeys(drawn.customdata) if n is not None] == [t.number for t in trials]


def test_a_landscape_follows_the_scales_of_its_parameters() -> None:
    drawn = figure(studies.study(), "landscape_mean", studies.landscape("category"))
    assert (drawn.layout.xaxis.type, drawn.layout.yaxis.type) == ("log", "category")
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("lr", "act")
    star = trace(studies.study(), "landscape_mean", "best")
    assert (list(star.x), star.marker.symbol) == ([8e-3], "star")
