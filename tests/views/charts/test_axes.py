"""Axes that a few bad values do not flatten."""

from __future__ import annotations

import pytest

from jupyter_tune.core.events import (
    Event,
    TrialEnded,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.views.charts import figure
from jupyter_tune.views.charts.style import BEYOND
from tests.views import studies
from tests.views.charts.drawn import ALONG, of

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
