from __future__ import annotations

import math

import pytest

from jupyter_tune.core.events import Event, TrialAdded, TrialEnded, TrialReported
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED
from jupyter_tune.views.tables.progress import Staircase, band, middle, staircase
from tests.views import studies


def a_study(direction="maximize", added=-1.0):
    events: list[Event] = [TrialAdded(0, {}, added)]
    fail, prune = (FAILED, None), (PRUNED, 0.95)
    ends = [(COMPLETE, 0.5), fail, prune, (COMPLETE, math.nan), (COMPLETE, 0.9), (COMPLETE, 0.7)]
    for number, (state, value) in enumerate(ends, 1):
        events += [
            *studies.started(number),
            TrialReported(number, 1, 2 * number, {"accuracy": value or 0.0}),
            TrialEnded(number, 1, state, value),
        ]
    return studies.study(*events, settings=Settings("accuracy", direction, trials=9, workers=1))


def test_the_best_rises_with_complete_trials_alone_and_all_that_ended_count():
    assert staircase(a_study(), "trials") == Staircase((0, 1, 5), (-1.0, 0.5, 0.9), 6)
    assert staircase(a_study("minimize", 9.0), "trials") == Staircase((0, 1), (9.0, 0.5), 6)
    # the steps of all trials: 2, 4, 6 ... one after the other
    assert staircase(a_study(), "steps") == Staircase((0, 2, 30), (-1.0, 0.5, 0.9), 42)


def test_a_result_of_an_earlier_study_is_the_best_until_it_is_beaten_and_no_trial():
    assert staircase(a_study(added=0.6), "trials") == Staircase((0, 5), (0.6, 0.9), 6)
    assert staircase(a_study(added=0.99), "trials") == Staircase((0,), (0.99,), 6)


def test_over_time_it_rises_when_a_trial_ends():
    stairs = staircase(a_study(), "time")
    study = a_study()
    assert stairs.x == tuple(study.clock(study.trials[number].ended_at) for number in (0, 1, 5))
    assert stairs.end == study.clock(study.trials[6].ended_at)


def test_repeats_have_a_median_and_quartiles_where_all_of_them_have_a_value():
    repeats = [Staircase((1, 4), (0.1, 0.5), 9), Staircase((2,), (0.3,), 6), Staircase((1, 3), (0.2, 0.9), 7)]
    found = band([*repeats, Staircase((), (), 5)])
    assert list(found.x) == [2, 3, 4, 6]
    assert found.median == pytest.approx((0.2, 0.3, 0.5, 0.5))
    assert found.low == pytest.approx((0.15, 0.2, 0.4, 0.4))
    assert found.high == pytest.approx((0.25, 0.6, 0.7, 0.7))
    assert not band([]).x


def test_one_value_is_its_own_middle():
    assert middle([0.5]) == (0.5, 0.5, 0.5)


def test_it_says_where_a_target_is_reached():
    study = a_study()
    assert staircase(study, "trials").reaches(0.8, study.objective) == 5
    assert staircase(study, "trials").reaches(0.91, study.objective) == math.inf
