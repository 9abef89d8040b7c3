"""The figures of several metrics, and those of one of them."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.one_metric import one_metric
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.views.charts import figure, filled, templates
from jupyter_tune.views.charts.pareto import hypervolume_history, pareto_front
from jupyter_tune.views.saved.text import text
from jupyter_tune.views.tables.frame import trials_frame
from jupyter_tune.views.tables.tables import Tables
from tests.core.studies import study_of, suggested
from tests.core.test_front import ended

COST = (("cost", "minimize"),)
THREE: dict[str, Any] = {"also": (*COST, ("size", "minimize"))}


def two(**settings: Any) -> Study:
    points = [(1.0, 5.0), (2.0, 5.0), (1.0, 1.0), (9.0, 99.0)]
    events = [event for number, point in enumerate(points) for event in ended(number, *point)]
    return study_of(*events, suggested(4), also=COST, **settings)


def groups(study: Study) -> dict[str, list[tuple[float, ...]]]:
    drawn = [trace for trace in pareto_front(study).data if trace.showlegend is not False]
    return {trace.name: list(zip(trace.x, trace.y, strict=True)) for trace in drawn}


def test_the_front_the_others_and_the_infeasible_are_told_apart() -> None:
    assert groups(two(subject_to=("cost < 50",))) == {
        "infeasible": [(9.0, 99.0)],
        "feasible": [(1.0, 5.0)],
        "on the front": [(2.0, 5.0), (1.0, 1.0)],
    }


def test_page_and_figure_draw_one_front_and_the_line_along_it_bounds_what_it_dominates() -> None:
    study = two(subject_to=("cost < 50",))
    sent = templates(study.space, settings=study.settings)
    assert not {"front", "hypervolume"} & set(templates(study.space))
    drawn = filled(study, sent["front"])
    figure_of_it = pareto_front(study)
    assert [trace["name"] for trace in drawn["data"]] == [trace.name for trace in figure_of_it.data]
    assert drawn["data"][1:4] == [
        {key: trace[key] for key in drawn["data"][1]} for trace in figure_of_it.to_plotly_json()["data"][1:4]
    ]
    edge = drawn["data"][0]
    # a higher score costs more: the line goes up at the score before it goes on to the next
    assert (edge["x"], edge["y"], edge["line"]["shape"]) == ([1.0, 2.0], [1.0, 5.0], "vh")
    assert [chart for chart in sent if "tab" not in sent[chart]["layout"].get("meta", {})] == [
        "history",
        "front",
    ]


def test_of_three_metrics_the_page_has_the_front_of_each_two() -> None:
    three = study_of(*ended(0, 1.0, 2.0), **THREE)
    sent = templates(three.space, settings=three.settings)
    pairs = {
        name: chart["layout"]["meta"]["pair"] for name, chart in sent.items() if name.startswith("front")
    }
    assert pairs == {"front": "score and cost", "front_0_2": "score and size", "front_1_2": "cost and size"}


def test_complete_trials_that_violate_a_constraint_are_crosses_in_the_history() -> None:
    drawn = figure(one_metric(two(subject_to=("cost < 50",)), None), "history")
    marks = {
        trace.name: (trace.marker.symbol, list(trace.x)) for trace in drawn.data if trace.mode == "markers"
    }
    assert marks["infeasible"] == ("x", [3])
    assert marks["complete"] == ("circle", [0, 1, 2])


def test_three_metrics_are_drawn_in_space_and_two_of_them_in_a_plane() -> None:
    study = two()
    three = study_of(*ended(0, 1.0, 2.0), **THREE)
    assert pareto_front(three).layout.scene.zaxis.title.text == "size"
    assert pareto_front(three, ["size", "score"]).layout.xaxis.title.text == "size (lower is better)"
    with pytest.raises(OptionError, match="2 or 3 metrics, not 1"):
        pareto_front(study_of())
    with pytest.raises(OptionError, match="not after 'time'; there are score, cost"):
        pareto_front(study, ["score", "time"])


def test_the_hypervolume_never_falls_and_leaves_the_infeasible_out() -> None:
    volumes = list(hypervolume_history(two(), reference=[0.0, 10.0]).data[0].y)
    assert volumes == [5.0, 10.0, 14.0, 14.0]
    bounded = two(subject_to=("cost < 2",))
    assert list(hypervolume_history(bounded, reference=[0.0, 10.0]).data[0].y) == [0.0, 0.0, 9.0, 9.0]


def test_charts_of_one_metric_draw_the_one_that_is_asked_for() -> None:
    study = two(subject_to=("cost < 50",))
    drawn = figure(one_metric(study.snapshot(), "cost"), "history")
    best = next(trace for trace in drawn.data if trace.name == "best so far")
    assert [value for value in best.y if value is not None][-1] == 1.0
    assert [trial.number for trial in study.best_trials] == [1, 2]
    with pytest.raises(OptionError, match="target: the study is not after 'time'"):
        one_metric(study, "time")


def test_the_data_frame_has_a_column_for_each_metric_and_one_for_feasibility() -> None:
    frame = trials_frame(two(subject_to=("cost < 50",)))
    assert list(frame["values_score"][:4]) == [1.0, 2.0, 1.0, 9.0]
    assert list(frame["values_cost"][:4]) == [5.0, 5.0, 1.0, 99.0]
    assert list(frame["feasible"][:4]) == [True, True, True, False]
    assert "value" not in frame
    assert "user_attrs_cost" not in frame


def test_the_text_of_a_study_says_what_it_is_after_and_how_many_stand_on_the_front() -> None:
    said = text(Tables(two(subject_to=("cost < 50",))).status(9.0))
    assert "maximize score, minimize cost, subject to cost < 50" in said
    assert "2 trials on the front of score and cost" in said
    nothing = text(Tables(two(subject_to=("cost < 0",))).status(9.0))
    assert "none of 4 satisfies cost < 0" in nothing
