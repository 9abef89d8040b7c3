from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import pytest

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.events import (
    Event,
    RangesNarrowed,
    Record,
    StudyOpened,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float, Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.views.axes.axis import axis_of
from jupyter_tune.views.charts import INK, PALETTE, figure, templates
from jupyter_tune.views.charts.style import BEYOND
from jupyter_tune.views.tables.events import EVENT_COLUMNS
from jupyter_tune.views.tables.plane import plane
from jupyter_tune.views.tables.shown_trials import TRIAL_COLUMNS
from tests.views import studies

FAILED = studies.whole(0, "failed", error="boom")
STUDIES = {
    "empty": studies.study(),
    "one trial": studies.finished(1),
    "all failed": studies.study(*FAILED),
    "unreported": studies.study(*studies.started()),
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
    assert (list(failed.customdata), list(failed.hovertext)) == (
        [0],
        ["lr: 0.003162<br>width: 64<br>act: relu<br>boom"],
    )


def test_a_running_trial_is_shown_by_its_last_report() -> None:
    study = studies.study(*studies.started(), TrialReported(0, 1, 4, {"accuracy": 0.25}))
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
    assert (drawn.layout.xaxis.type, drawn.layout.yaxis.type) == ("log", "linear")
    assert (list(drawn.layout.yaxis.tickvals), list(drawn.layout.yaxis.ticktext)) == (
        [0.25, 0.75],
        ["relu", "tanh"],
    )
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("lr", "act")
    star = trace(studies.study(), "landscape_mean", "best")
    assert (list(star.x), star.marker.symbol) == ([8e-3], "star")


def of(space: Space, *params: Params, values: Sequence[float | None] = ()) -> Study:
    """Trials with these params, complete with these values (pruned without one), at one a minute."""
    events: list[Event] = []
    for number, (given, value) in enumerate(zip(params, values, strict=True)):
        state = "pruned" if value is None else "complete"
        events += [TrialSuggested(number, given, "gp"), TrialStarted(number, 1, f"local/{number % 2}")]
        events.append(TrialEnded(number, 1, state, value))
    opened = StudyOpened("s", space, Settings("loss", "minimize"))
    return Study.fold(Record(seq, 60.0 * seq, event) for seq, event in enumerate([opened, *events], 1))


MIXED = Space(
    {
        "opt": Categorical(["adam", "sgd", None]),
        "momentum": Float(0.0, 0.999, reverse_log=True),
        "lr<b>": Float(1e-4, 1e-1, log=True),
        "fixed": 3,
    },
    when={"momentum": [Condition("opt", ("sgd",))]},
)
TRIALS: list[Params] = [
    {"opt": "adam", "lr<b>": 1e-4, "fixed": 3},
    {"opt": "sgd", "momentum": 0.9, "lr<b>": 1e-2, "fixed": 3},
    {"opt": None, "lr<b>": 1e-1, "fixed": 3},
    {"opt": "sgd", "momentum": 0.0, "lr<b>": 1e-3, "fixed": 3},
]
LOSSES = [3.0, 1.0, None, math.nan]


def test_slices_stand_on_the_scale_of_each_parameter_and_leave_constants_out() -> None:
    drawn = figure(of(MIXED, *TRIALS, values=LOSSES), "slice")
    shown = [trace for trace in drawn.data if trace.name != BEYOND]
    assert [trace.name for trace in shown] == ["opt", "momentum", "lr<b>"]
    opt, momentum, lr = shown
    # of the complete trials, whose third has no value
    assert list(opt.x) == [pytest.approx(1 / 6, abs=1e-6), 0.5, 0.5]
    assert momentum.x[0] is None
    assert momentum.x[1] == pytest.approx(1 / 3, abs=1e-4)
    assert (list(lr.x), list(lr.y)) == ([1e-4, 1e-2, 1e-3], [3.0, 1.0, None])
    assert list(lr.customdata) == list(lr.marker.color) == [0, 1, 3]
    layout = drawn.layout
    assert list(layout.xaxis.ticktext) == ["adam", "sgd", "None"]
    assert (layout.xaxis3.type, layout.xaxis3.title.text) == ("log", "lr&lt;b&gt;")
    assert list(layout.xaxis2.ticktext) == ["0", "0.9", "0.99", "0.999"]


def test_parallel_lines_go_from_the_worst_to_the_best_and_pass_over_what_a_trial_has_not() -> None:
    drawn = figure(of(MIXED, *TRIALS, values=LOSSES), "parallel")
    worst, *_, best, results = drawn.data
    assert (list(worst.x), list(worst.y)) == ([0, 2, 3], [pytest.approx(1 / 6, abs=1e-6), 0.0, 1.0])
    assert list(best.y) == [0.5, pytest.approx(1 / 3, abs=1e-4), pytest.approx(2 / 3, abs=1e-6), 0.0]
    assert (set(worst.customdata), set(best.customdata)) == ({0}, {1})
    assert (results.x0, list(results.y), list(drawn.layout.yaxis2.range)) == (3, [3.0, 1.0, None], [1.0, 3.0])
    assert list(drawn.layout.xaxis.ticktext) == ["opt", "momentum", "lr&lt;b&gt;", "loss"]


@pytest.mark.parametrize("chart", ["parallel", "slice"])
def test_of_many_parameters_the_first_eight_are_shown_or_those_asked_for(chart: str) -> None:
    space = Space({f"p{n}": Float(0, 1) for n in range(20)})
    study = of(space, space.defaults(), values=[0.5])
    assert "8 of 20 parameters" in figure(study, chart).to_json()
    chosen = figure(study, chart, params=["p19", "p3"]).to_json()
    assert "2 of 20 parameters" in chosen
    assert "p:" not in chosen


@pytest.mark.parametrize("params", [(), ("x",)], ids=["none", "one"])
def test_spaces_with_little_to_show_have_every_chart(params: tuple[str, ...]) -> None:
    space = Space({name: Float(0, 1) for name in params}, fixed=3)
    study = of(space, space.defaults(), values=[math.inf])
    for chart in templates(space):
        assert figure(study, chart)


@pytest.mark.parametrize(("name", "what"), [("nope", "is not a parameter"), ("fixed", "is a constant")])
def test_a_parameter_that_does_not_vary_is_refused_by_name(name: str, what: str) -> None:
    with pytest.raises(OptionError, match=f"params: '{name}' {what}; choose among opt, momentum, lr<b>"):
        figure(of(MIXED, values=[]), "slice", params=[name])


def test_the_timeline_ends_where_trials_do_and_now_for_those_that_run() -> None:
    study = of(MIXED, *TRIALS[:2], values=LOSSES[:2])
    running: list[Event] = [
        TrialSuggested(2, TRIALS[2], "gp"),
        TrialStarted(2, 1, "local/0"),
        TrialAdded(3, TRIALS[0], 0.5),
    ]
    for event in running:
        study.apply(Record(study.seq + 1, 60.0 * (study.seq + 1), event))
    drawn = {trace.name: trace for trace in figure(study, "timeline").data}
    assert (list(drawn["complete"].base), list(drawn["complete"].x)) == (
        [120.0, 300.0, None],
        [60.0, 60.0, None],
    )
    assert list(drawn["complete"].y) == ["local/0", "local/1", None]
    # what was added, at 600 s, is the last that is known
    assert (list(drawn["running"].base), list(drawn["running"].x)) == ([480.0], [60.0])


def test_the_distribution_rises_to_one_over_the_values_in_order() -> None:
    drawn = figure(of(MIXED, *TRIALS, values=[3.0, 1.0, 2.0, None]), "edf").data[0]
    assert (list(drawn.x), list(drawn.y)) == (
        [1.0, 2.0, 3.0],
        [pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0],
    )
    assert list(drawn.customdata) == [1, 2, 0]


def test_acts_stand_on_the_upper_edge_of_the_history() -> None:
    study = studies.study(*FAILED, RangesNarrowed(1, {**studies.SPACE.ranges(), "act": ["relu"]}))
    acts = trace(study, "history", "steered")
    assert (list(acts.x), list(acts.hovertext), acts.yaxis) == ([0], ["act narrowed to relu"], "y2")
    assert 0.9 < acts.y0 < 1


def test_importances_are_bars_with_intervals() -> None:
    bars = figure(studies.study(), "importances", studies.landscape()).data[0]
    assert (list(bars.y), list(bars.x)) == (["lr", "width", "act"], [0.7, 0.25, 0.05])
    assert list(bars.error_x.array) == [pytest.approx(0.05), pytest.approx(0.15), pytest.approx(0.05)]
    assert list(bars.error_x.arrayminus) == [pytest.approx(0.1), pytest.approx(0.05), pytest.approx(0.05)]


def test_ranks_and_contours_show_the_trials_that_have_a_value() -> None:
    ranked = trace(studies.study(), "rank", "trials")
    assert (list(ranked.customdata), list(ranked.marker.color)) == ([0, 2], [0.5, 1.0])
    coloured = trace(studies.study(), "contour", "trials")
    assert (list(coloured.x), list(coloured.marker.color)) == ([1e-3, 8e-3], [0.74, 0.93])


def test_a_slice_of_the_posterior_has_its_band_and_the_expected_improvement_below() -> None:
    drawn = {trace.name: trace for trace in figure(studies.study(), "slice_x", studies.landscape()).data}
    mean = studies.landscape()["slice_x"]["mean"]
    assert list(drawn["expected"].y) == mean
    assert (drawn["95 % band"].fill, list(drawn["95 % band"].y)) == ("tonexty", [m + 0.03 for m in mean])
    assert drawn["expected improvement"].yaxis == "y2"
    assert list(drawn["trials"].customdata) == [0, 1, 2]


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


@pytest.mark.parametrize(
    ("direction", "words"), [("minimize", "as good or better"), ("maximize", "no better")]
)
def test_the_distribution_says_of_the_share_whether_it_is_better(direction: str, words: str) -> None:
    study = studies.study(settings=Settings("loss", direction))
    assert words in figure(study, "edf").data[0].hovertemplate


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


ALONG: list[Params] = [{"lr": n / 14} for n in range(14)]
OUTLIERS = [*(0.2 + 0.01 * n for n in range(12)), 1e27, -5.0]


@pytest.mark.parametrize("chart", ["history", "slice", "edf"])
def test_a_few_diverged_trials_do_not_flatten_the_axis_and_are_marked_at_its_end(chart: str) -> None:
    space = Space({"lr": Float(0, 1)})
    drawn = figure(of(space, *ALONG, values=[*OUTLIERS[:13], 0.1]), chart)
    axis = drawn.layout.xaxis if chart == "edf" else drawn.layout.yaxis
    low, high = axis.range
    assert low < 0.1 < 0.31 < high < 0.4
    if chart != "edf":
        marks = [trace for trace in drawn.data if trace.name == BEYOND and len(trace.y)]
        assert [(list(one.customdata), list(one.y), list(one.hovertext)) for one in marks] == [
            ([12], [high], ["1e+27"])
        ]
        assert marks[0].marker.symbol == "triangle-up"


def test_the_best_value_is_on_the_axis_however_far_it_is() -> None:
    space = Space({"lr": Float(0, 1)})
    drawn = figure(of(space, *ALONG, values=OUTLIERS), "history")
    low, high = drawn.layout.yaxis.range
    assert low < -5 < 0.31 < high < 1


def test_an_axis_shows_every_value_where_none_is_far_from_the_others() -> None:
    space = Space({"lr": Float(0, 1)})
    values = [0.01 * 1.5**n for n in range(14)]
    drawn = figure(of(space, *ALONG, values=values), "history")
    assert drawn.layout.yaxis.range is None
    assert not any(len(trace.y) for trace in drawn.data if trace.name == BEYOND)


@pytest.mark.parametrize("chart", ["slice_x", "slice_y"])
def test_a_trial_beyond_the_axis_of_the_posterior_is_marked_too(chart: str) -> None:
    picture = studies.landscape()
    numbers = list(range(10))
    values = [0.9, 0.8, 0.85, 0.7, 0.75, 0.82, 0.88, 0.79, 0.86, -1e9]
    rows = {axis: picture["trials"][axis][:1] * len(numbers) for axis in "xy"}
    picture["trials"] = {**rows, "number": numbers, "value": values}
    drawn = figure(studies.study(), chart, picture)
    low, high = drawn.layout.yaxis.range
    assert 0 < low < 0.7 < 0.9 < high < 1
    (marks,) = (trace for trace in drawn.data if trace.name == BEYOND)
    assert (list(marks.customdata), list(marks.y), marks.marker.symbol) == ([9], [low], "triangle-down")


def test_nothing_is_beyond_an_axis_of_which_the_others_have_a_quarter_anyway() -> None:
    space = Space({"lr": Float(0, 1)})
    crowd = [0.03 + 0.002 * n for n in range(9)]
    drawn = figure(of(space, *ALONG, values=[*crowd, 0.2, 0.23, 0.6, 0.75, 0.82]), "history")
    assert drawn.layout.yaxis.range is None


@pytest.mark.parametrize(("low", "high"), [(2e-3, 8e-3), (3e-4, 5e-2), (1e-4, 1e-1)])
def test_a_logarithmic_axis_has_three_ticks_or_more_whatever_the_values_span(low: float, high: float) -> None:
    events: list[Event] = []
    for number, lr in enumerate((low, (low * high) ** 0.5, high)):
        params = {**studies.SPACE.defaults(), "lr": lr}
        events += [TrialSuggested(number, params, "random"), TrialStarted(number, 1)]
        events += [TrialEnded(number, 1, "complete", value=0.5 + number)]
    axis = figure(studies.study(*events), "slice", params=["lr"]).layout.xaxis
    assert axis.type == "log"
    assert len([tick for tick in axis.tickvals if low <= tick <= high]) >= 3
    assert len(set(axis.ticktext)) == len(axis.tickvals) <= 5


def test_a_diverged_trial_takes_no_colour_from_the_others_of_a_contour() -> None:
    model = studies.landscape()
    losses = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1e12]
    model["trials"] = {"x": [1e-3] * 8, "y": [64] * 8, "number": list(range(8)), "value": losses}
    settings = Settings("loss", "minimize", trials=9, workers=1)
    drawn = figure(studies.study(*studies.whole(0, value=0.1), settings=settings), "contour", landscape=model)
    colours = drawn.layout.coloraxis
    assert colours.cmin <= 0.1
    assert 0.7 <= colours.cmax < 1
    assert list(drawn.data[1].marker.color) == losses


CHOICES = [None, "None", 1, "1", True]
ODD = Space({"beta": Float(0.0, 0.9999, reverse_log=True), "clip": Categorical(CHOICES)})
WHERE_BETA_IS = [0, 0.25, 0.5, 0.75, 1]
WHERE_CHOICES_ARE = [0.1, 0.3, 0.5, 0.7, 0.9]


def odd_study() -> tuple[Study, dict[str, Any]]:
    """A trial at each power of ten of the distance to 1, each with another choice; and a landscape of it."""
    labels = list(ODD.encoded["clip"].choices)
    betas = [0, 0.9, 0.99, 0.999, 0.9999]
    study = of(
        ODD.encoded,
        *({"beta": beta, "clip": label} for beta, label in zip(betas, labels, strict=True)),
        values=[0.1, 0.2, 0.3, 0.4, 0.5],
    )
    plane_of = plane(study, "beta", "clip")
    flat = [[0.1] * 5] * 5
    along = {"mean": flat[0], "low": flat[0], "high": flat[0], "acquisition": flat[0]}
    return study, {
        **plane_of,
        **{"x_values": betas, "y_values": labels, "mean": flat, "deviation": flat, "acquisition": flat},
        **{"slice_x": {"values": betas, **along}, "slice_y": {"values": labels, **along}},
        **{"best": {"x": 0, "y": None}, "note": "", "importances": None},
    }


@pytest.mark.parametrize(
    "chart", ["landscape_mean", "landscape_deviation", "landscape_acquisition", "contour", "rank"]
)
def test_distances_to_1_and_choices_of_any_kind_have_their_places_on_a_plane(chart: str) -> None:
    study, model = odd_study()
    drawn = figure(study, chart, model)
    for one in drawn.data:
        if one.name == "best":
            assert (list(one.x), list(one.y)) == ([0], [0.1])
        else:
            assert list(one.x) == pytest.approx(WHERE_BETA_IS, abs=1e-4)
            assert list(one.y) == WHERE_CHOICES_ARE
    assert list(drawn.layout.xaxis.ticktext) == ["0", "0.9", "0.99", "0.999", "0.9999"]
    assert list(drawn.layout.xaxis.tickvals) == pytest.approx(WHERE_BETA_IS, abs=1e-4)
    assert list(drawn.layout.yaxis.ticktext) == ["None", "None", "1 #2", "1", "True"]
    told = next(one for one in drawn.data if one.name == "trials").text
    assert list(told)[:2] == ["beta: 0<br>clip: None", "beta: 0.9<br>clip: None"]
    assert told[4].startswith("beta: 0.9999<br>")


@pytest.mark.parametrize("chart", ["slice_x", "slice_y"])
def test_they_have_them_along_the_posterior_too(chart: str) -> None:
    study, model = odd_study()
    drawn = figure(study, chart, model)
    places = WHERE_BETA_IS if chart == "slice_x" else WHERE_CHOICES_ARE
    for one in drawn.data:
        if one.name != BEYOND:
            assert list(one.x) == pytest.approx(places, abs=1e-4), one.name
    assert list(drawn.layout.xaxis.range) == [-0.05, 1.05]
    expected = next(one for one in drawn.data if one.name == "expected")
    assert expected.hovertext[1] == ("beta: 0.9" if chart == "slice_x" else "clip: None")


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 0.8, ["0", "0.5", "0.8"]),
        (0.5, 0.9999, ["0.5", "0.99", "0.999", "0.9999"]),
        (0.9, 0.95, ["0.9", "0.92", "0.94", "0.95"]),
    ],
)
def test_an_axis_of_distances_to_1_has_round_values_between_its_ends(
    low: float, high: float, labels: list[str]
) -> None:
    assert axis_of(Float(low, high, reverse_log=True))["ticktext"] == labels


def test_a_curve_says_at_each_point_why_its_trial_ended() -> None:
    reason = "worse than 2 of 3 trials at step 4"
    events = [*studies.started(), TrialReported(0, 1, 4, {"accuracy": 0.25})]
    study = studies.study(*events, TrialEnded(0, 1, "pruned", reason=reason))
    drawn = trace(study, "curves", "pruned")
    assert list(drawn.hovertext) == [f"lr: 0.003162<br>width: 64<br>act: relu<br>{reason}"]
    assert "%{hovertext}" in drawn.hovertemplate


def test_labels_under_a_slice_lie_flat_and_are_no_more_than_have_room() -> None:
    choices = ["leaky_relu", "tanh", "gelu", "softplus", "elu"]
    space = Space({"act": Categorical(choices), "lr": Float(0, 1)})
    study = of(space, {"act": "elu", "lr": 0.1}, values=[0.5])
    axis = figure(study, "slice").layout.xaxis
    assert (axis.tickangle, list(axis.ticktext)) == (0, ["leaky_re…", "gelu", "elu"])
    assert list(figure(study, "slice", params=["act"]).layout.xaxis.ticktext) == ["leaky_re…", *choices[1:]]
