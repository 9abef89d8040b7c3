"""Charts of parameters: slices, parallel lines, planes, the posterior."""

from __future__ import annotations

import math
from typing import Any

import pytest

from jupyter_tune.core.parameters import Categorical, Float
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.views.axes.axis import axis_of
from jupyter_tune.views.charts import figure, templates
from jupyter_tune.views.charts.style import BEYOND
from jupyter_tune.views.tables.plane import plane
from tests.views import studies
from tests.views.charts.drawn import LOSSES, MIXED, TRIALS, of, trace


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


def test_labels_under_a_slice_lie_flat_and_are_no_more_than_have_room() -> None:
    choices = ["leaky_relu", "tanh", "gelu", "softplus", "elu"]
    space = Space({"act": Categorical(choices), "lr": Float(0, 1)})
    study = of(space, {"act": "elu", "lr": 0.1}, values=[0.5])
    axis = figure(study, "slice").layout.xaxis
    assert (axis.tickangle, list(axis.ticktext)) == (0, ["leaky_re…", "gelu", "elu"])
    assert list(figure(study, "slice", params=["act"]).layout.xaxis.ticktext) == ["leaky_re…", *choices[1:]]
