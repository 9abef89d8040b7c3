from __future__ import annotations

import json
import re
from typing import Any

import plotly.graph_objects as go
import pytest

from jupyter_tune.core.events import Event, TrialEnded, TrialReported, TrialStarted, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.views.charts import INK, PALETTE, figure, templates
from jupyter_tune.views.shown_trials import TRIAL_COLUMNS
from jupyter_tune.views.steering import EVENT_COLUMNS
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


@pytest.mark.parametrize("chart", templates(studies.SPACE))
@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
@pytest.mark.parametrize("landscape", [None, studies.landscape(), studies.landscape("category")])
def test_every_chart_of_every_study_is_a_plotly_figure(
    study: Study, chart: str, landscape: dict[str, Any] | None
) -> None:
    drawn = figure(study, chart, landscape)
    assert isinstance(drawn, go.Figure)
    assert "$" not in drawn.to_json()


def test_templates_are_json_and_name_columns_that_exist() -> None:
    text = json.dumps(templates(studies.SPACE), allow_nan=False)
    names = set(re.findall(r'"\$column": "trials\.([\w:]+)"', text))
    assert names <= {*TRIAL_COLUMNS, *(f"p:{name}" for name in studies.SPACE)}
    assert set(re.findall(r'"\$events": "(\w+)"', text)) <= set(EVENT_COLUMNS)
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
    assert (list(failed.x), failed.y, failed.y0, failed.yaxis) == ([0], None, 0.02, "y2")
    # 0 would be read as 1, and the second cross would stand above the chart
    assert 0 < failed.dy < 1e-6
    assert (list(failed.customdata), list(failed.hovertext)) == ([0], ["boom"])


def test_a_running_trial_is_shown_by_its_last_report() -> None:
    study = studies.study(*FAILED[:2], TrialReported(0, 1, 4, {"accuracy": 0.25}))
    assert list(trace(study, "history", "running").y) == [0.25]
    assert list(trace(study, "curves", "running").x) == [4]


def test_curves_of_one_state_are_one_trace_with_gaps() -> None:
    drawn = trace(STUDIES["many"], "curves", "complete")
    trials = STUDIES["many"].in_state("complete")
    assert list(drawn.x).count(None) == len(trials) - 1
    assert [n for n in dict.fromkeys(drawn.customdata) if n is not None] == [t.number for t in trials]


def test_a_template_leaves_size_title_and_ground_to_the_page() -> None:
    for template in templates(studies.SPACE).values():
        layout = template["layout"]
        assert not {"title", "width", "height", "paper_bgcolor", "plot_bgcolor", "font"} & set(layout)
        # without a legend there is none of its room, but for the labels of parallel coordinates
        assert layout["margin"]["t"] in ((26,) if layout.get("showlegend", True) else (6, 20))


def test_a_figure_has_a_title_and_a_size() -> None:
    study = studies.study(name="<b>mnist")
    layout = figure(study, "landscape_mean", studies.landscape()).layout
    assert layout.title.text == "&lt;b&gt;mnist: expected accuracy"
    assert (layout.width, layout.height) == (760, 460)
    assert all(figure(study, chart).layout.title.text for chart in templates(studies.SPACE))


def test_the_legend_has_one_order_in_every_chart() -> None:
    order = ["complete", "pruned", "running", "failed", "cancelled", "best so far"]
    for chart in ("history", "curves"):
        traces = [trace for trace in templates(studies.SPACE)[chart]["data"] if trace.get("showlegend", True)]
        by_rank = [trace["name"] for trace in sorted(traces, key=lambda trace: trace["legendrank"])]
        assert by_rank == [name for name in order if name in by_rank]


def test_trials_and_steps_are_counted_in_whole_numbers() -> None:
    for chart in ("history", "curves"):
        axis = templates(studies.SPACE)[chart]["layout"]["xaxis"]
        assert (axis["tickformat"], axis["nticks"], axis["autorangeoptions"]["include"]) == ("d", 9, [0, 8])


def test_complete_curves_stand_out_from_pruned_ones() -> None:
    study = STUDIES["many"]
    names = [trace.name for trace in figure(study, "curves").data]
    assert names.index("pruned") < names.index("complete") < names.index("running")
    assert (
        trace(study, "curves", "pruned").opacity <= 0.6 < 0.85 <= trace(study, "curves", "complete").opacity
    )


def test_the_star_has_the_colour_of_the_best_line() -> None:
    star = trace(studies.study(), "landscape_mean", "best")
    assert star.marker.color == trace(studies.study(), "history", "best so far").line.color
    assert star.marker.line.color == "#ffffff"


def test_the_ink_is_legible_on_light_and_dark_pages() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    ink = luminance(INK)
    assert (luminance("#ffffff") + 0.05) / (ink + 0.05) >= 4
    assert (ink + 0.05) / (luminance("#111111") + 0.05) >= 4


def test_a_landscape_follows_the_scales_of_its_parameters() -> None:
    drawn = figure(studies.study(), "landscape_mean", studies.landscape("category"))
    assert (drawn.layout.xaxis.type, drawn.layout.yaxis.type) == ("log", "category")
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("lr", "act")
    star = trace(studies.study(), "landscape_mean", "best")
    assert (list(star.x), star.marker.symbol) == ([8e-3], "star")
