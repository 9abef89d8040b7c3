"""Every chart: figures, legends, colours, titles."""

from __future__ import annotations

import json
import re
from typing import Any

import plotly.graph_objects as go
import pytest

from jupyter_tune.core.events import (
    Record,
    TrialEnded,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.views.charts import INK, figure, templates
from jupyter_tune.views.tables.events import EVENT_COLUMNS
from jupyter_tune.views.tables.shown_trials import TRIAL_COLUMNS
from tests.views import studies
from tests.views.charts.drawn import MIXED, STUDIES, TRIALS, of


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


def test_the_ink_is_legible_on_light_and_dark_pages() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    ink = luminance(INK)
    assert (luminance("#ffffff") + 0.05) / (ink + 0.05) >= 4
    assert (ink + 0.05) / (luminance("#111111") + 0.05) >= 4


def test_every_trace_about_trials_names_them() -> None:
    about_something_else = {
        "steered",
        "importance",
        "low",
        "95 % band",
        "expected",
        "expected improvement",
    }
    for chart, template in templates(studies.SPACE).items():
        for one in template["data"]:
            if one["type"] in ("scatter", "bar") and one["name"] not in about_something_else:
                assert "customdata" in one, f"{chart}: {one['name']}"


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_bright_end_of_the_colours_is_the_better_one_and_the_bar_says_which(direction: str) -> None:
    study = studies.study(settings=Settings("loss", direction))
    lower = direction == "minimize"
    title = f"loss ({'lower' if lower else 'higher'} is better)"
    for chart in ("landscape_mean", "contour", "rank"):
        drawn = figure(study, chart, studies.landscape())
        scale = drawn.data[0] if chart == "landscape_mean" else drawn.layout.coloraxis
        assert (scale.reversescale, scale.colorbar.title.text) == (lower, title), chart


def test_every_bar_of_colours_has_a_title() -> None:
    titles = [
        (looks.get("colorbar") or {}).get("title", {}).get("text")
        for template in templates(studies.SPACE).values()
        for looks in [template["layout"].get("coloraxis"), *template["data"]]
        if looks and "colorscale" in looks
    ]
    assert len(titles) == 6
    assert all(titles)


def test_the_pointer_is_told_the_names_of_the_parameters_and_whole_numbers_without_decimals() -> None:
    best = Record(4, 1003.0, TrialEnded(0, 1, "complete", 0.93))
    study = Study.fold([*studies.records(*studies.started()), best])
    for chart in ("landscape_mean", "landscape_deviation", "landscape_acquisition", "contour", "rank"):
        for one in figure(study, chart, studies.landscape()).data:
            told = one.hovertext[0] if one.type in ("heatmap", "contour") else one.text
            assert re.fullmatch(r"lr: [\d.e−-]+<br>width: \d+(\.\d+)?", told[0]), f"{chart}: {one.name}"


@pytest.mark.parametrize("chart", templates(MIXED))
def test_charts_bear_the_greatest_numbers_there_are(chart: str) -> None:
    assert figure(of(MIXED, *TRIALS, values=[-1e308, 1e308, None, 1.0]), chart)
