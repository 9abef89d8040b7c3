from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.events import TrialAdded
from jupyter_tune.core.trial import FAILED, PRUNED
from jupyter_tune.pruners.median import LEAST
from tests.pruners.race import Race


def a_race(**settings: Any) -> Race:
    return Race("median", **settings)


# Losses of five complete trials, and the mean of what each reported up to a step:
#             step 1   2    3      until 1   until 2   until 3
#   trial 0      .9   .7   .2        .9        .8        .6
#   trial 1      .8   .4   .3        .8        .6        .5
#   trial 2      .7   .5   .3        .7        .6        .5
#   trial 3      .6   .2   .1        .6        .4        .3
#   trial 4      .5   .5   .5        .5        .5        .5
#   median                           .7        .6        .5
CURVES = [[0.9, 0.7, 0.2], [0.8, 0.4, 0.3], [0.7, 0.5, 0.3], [0.6, 0.2, 0.1], [0.5, 0.5, 0.5]]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("losses", "kept"),
    [
        ([0.7], [True]),  # as good as the median is not worse
        ([0.71], [False]),
        ([0.65, 0.9], [True, False]),  # its best, .65, is worse than .6
        ([0.59, 0.9, 0.9], [True, True, False]),  # its best counts, not its last
        ([0.7, 0.6, 0.5], [True, True, True]),
    ],
)
def test_a_table_worked_by_hand(losses, kept, sign):
    race = a_race(direction="minimize" if sign > 0 else "maximize")
    for number, curve in enumerate(CURVES):
        race.run(number, [sign * loss for loss in curve])
    assert [race.report(5, step, sign * loss) for step, loss in enumerate(losses, 1)] == kept


def test_until_enough_trials_are_complete_no_trial_is_stopped():
    race = a_race()
    for number in range(LEAST - 1):
        race.run(number, [0.1])
    assert race.report(LEAST, 1, 9.0)
    race.run(LEAST - 1, [0.1])
    assert not race.report(LEAST, 2, 9.0)


def test_before_the_grace_no_trial_is_stopped():
    race = a_race(min_steps=3)
    for number in range(LEAST):
        race.run(number, [0.1, 0.1, 0.1])
    assert [race.report(LEAST, step, 9.0) for step in (1, 2, 3)] == [True, True, False]


def test_without_max_steps_it_prunes_too():
    race = a_race(max_steps=None, min_steps=None)
    for number in range(LEAST):
        race.run(number, [0.1])
    assert not race.report(LEAST, 1, 0.2)


@pytest.mark.parametrize("state", [PRUNED, FAILED])
def test_only_complete_trials_are_what_is_usual(state):
    race = a_race()
    for number in range(LEAST):
        race.run(number, [0.5])
    for number in range(LEAST, 4 * LEAST):
        race.report(number, 1, 0.1)
        race.end(number, state)
    assert race.report(100, 1, 0.5)


def test_results_from_elsewhere_have_no_curve_to_compare_with():
    race = a_race()
    for number in range(LEAST):
        race.apply(TrialAdded(number, {"x": 0.5}, 0.1))
    assert race.report(100, 1, 0.5)


def test_a_trial_that_began_to_report_later_does_not_count_before():
    race = a_race()
    for number in range(LEAST):
        race.report(number, 5, 0.1)
        race.end(number)
    assert race.report(100, 4, 9.0)
    assert not race.report(100, 5, 9.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_what_is_no_number_is_worst(bad, direction):
    race = a_race(direction=direction)
    for number in range(LEAST):
        race.run(number, [0.5])
    assert not race.report(100, 1, bad)
    # its best so far is a number again
    assert race.report(100, 2, 0.5)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_where_most_are_no_number_every_trial_goes_on(bad, direction):
    race = a_race(direction=direction)
    for number in range(LEAST):
        race.run(number, [bad if number else 0.5, 0.5])
    assert race.report(100, 1, 9.0)
    assert race.report(101, 1, bad)


def test_a_later_report_of_the_same_study_is_not_overlooked():
    race = a_race()
    for number in range(LEAST):
        race.run(number, [0.5])
    assert not race.report(100, 1, 0.9)
    # three of five get worse: the median of the means is then (.5 + 1.5) / 2
    for number in range(3):
        race.report(number, 2, 1.5)
    assert race.report(100, 2, 0.9)


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=LEAST, max_size=20))
def test_the_best_of_all_is_never_stopped(curves):
    race = a_race()
    for number, curve in enumerate(curves):
        race.run(number, curve)
    best = min(value for curve in curves for value in curve)
    assert all(race.report(100, step, best) for step in (1, 2, 3))


def test_the_same_records_give_the_same_decisions():
    race = a_race()
    kept = []
    for number in range(20):
        kept += [race.report(number, step, ((7 * number + step) % 11) / 10) for step in (1, 2, 3)]
        race.end(number)
    assert {True, False} == set(kept)
    assert race.replayed() == kept


def test_it_resumes_no_trial():
    race = a_race()
    for number in range(LEAST):
        race.run(number, [0.5])
    race.arrive(100, 1, 0.9)
    assert race.study.resumable == {100}
    for number in range(101, 120):
        race.run(number, [9.0])
    assert race.resumes() == []


@pytest.mark.parametrize("sign", [1, -1])
def test_the_reason_says_the_median_and_of_how_many(sign):
    race = a_race(direction="minimize" if sign > 0 else "maximize")
    for number, curve in enumerate(CURVES):
        race.run(number, [sign * loss for loss in curve])
    race.report(5, 1, sign * 0.65)
    race.report(5, 2, sign * 0.9)
    minus = "" if sign > 0 else "-"
    assert race.reason(5) == (
        f"median: best loss {minus}0.65 by step 2 is behind {minus}0.6, "
        "the median of 5 complete trials at that step"
    )
    race.report(6, 1, math.nan)
    assert race.reason(6).startswith("median: no finite value by step 1 is behind")
