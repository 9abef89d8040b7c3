"""Charts of results: history, curves, timeline, distribution, importances."""

from __future__ import annotations

import pytest

from jupyter_tune.core.events import (
    Event,
    RangesNarrowed,
    Record,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.views.charts import PALETTE, figure
from tests.views import studies
from tests.views.charts.drawn import FAILED, LOSSES, MIXED, STUDIES, TRIALS, of, trace


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


@pytest.mark.parametrize(
    ("direction", "words"), [("minimize", "as good or better"), ("maximize", "no better")]
)
def test_the_distribution_says_of_the_share_whether_it_is_better(direction: str, words: str) -> None:
    study = studies.study(settings=Settings("loss", direction))
    assert words in figure(study, "edf").data[0].hovertemplate


def test_a_curve_says_at_each_point_why_its_trial_ended() -> None:
    reason = "worse than 2 of 3 trials at step 4"
    events = [*studies.started(), TrialReported(0, 1, 4, {"accuracy": 0.25})]
    study = studies.study(*events, TrialEnded(0, 1, "pruned", reason=reason))
    drawn = trace(study, "curves", "pruned")
    assert list(drawn.hovertext) == [f"lr: 0.003162<br>width: 64<br>act: relu<br>{reason}"]
    assert "%{hovertext}" in drawn.hovertemplate
