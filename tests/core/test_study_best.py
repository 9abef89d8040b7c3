from __future__ import annotations

import math

import pytest

from jupyter_tune.core.events import (
    TrialAdded,
    TrialEnded,
)
from jupyter_tune.core.trial import COMPLETE, PRUNED, RUNNING
from tests.core.studies import BY_STATE, completed, reported, study_of


def test_the_best_follows_the_direction():
    events = [*completed(0, 0.3), *completed(1, 0.7), *completed(2, 0.5)]
    best = study_of(*events).best_trial
    worst = study_of(*events, direction="minimize").best_trial
    assert best is not None
    assert worst is not None
    assert (best.number, worst.number) == (1, 0)


def test_of_equals_the_earlier_is_best():
    best = study_of(*completed(0, 0.5), *completed(1, 0.5)).best_trial
    assert best is not None
    assert best.number == 0


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@pytest.mark.parametrize("order", [(math.nan, 0.5), (0.5, math.nan)])
def test_nan_is_never_best(direction, order):
    events = [event for i, value in enumerate(order) for event in completed(i, value)]
    best = study_of(*events, direction=direction).best_trial
    assert best is not None
    assert best.value == 0.5


def test_with_nothing_but_nan_there_is_no_best():
    assert study_of(*completed(0, math.nan)).best_trial is None


@pytest.mark.parametrize(("direction", "overflow"), [("maximize", math.inf), ("minimize", -math.inf)])
@pytest.mark.parametrize("last", [False, True])
def test_an_overflow_in_the_good_direction_is_never_best(direction, overflow, last):
    order = (0.5, overflow) if last else (overflow, 0.5)
    events = [event for i, value in enumerate(order) for event in completed(i, value)]
    study = study_of(*events, direction=direction)
    assert study.best_trial is not None
    assert study.best_trial.value == 0.5


def test_on_a_curve_of_nan_any_number_is_better():
    study = study_of(
        *BY_STATE[RUNNING], reported(0, 1, math.nan), reported(0, 2, 0.1), TrialEnded(0, 1, COMPLETE)
    )
    assert study.trials[0].value == 0.1


def test_pruned_trials_are_never_best():
    study = study_of(*BY_STATE[RUNNING], reported(0, 1, 0.9), TrialEnded(0, 1, PRUNED), *completed(1, 0.1))
    assert study.best_trial is study.trials[1]


def test_a_result_from_elsewhere_can_be_best_but_costs_no_budget_and_no_patience():
    study = study_of(*completed(0, 0.5), TrialAdded(1, {"x": 0.1}, 0.9), TrialAdded(2, {"x": 0.2}, 0.1))
    assert study.best_trial is study.trials[1]
    assert study.spent == 1
    assert study.finished_since_best == 0


def test_patience_counts_finished_trials_since_the_best():
    study = study_of(*completed(0, 0.5), *completed(1, 0.4), *completed(2, math.nan))
    assert study.finished_since_best == 2
    study = study_of(*completed(0, 0.5), *completed(1, 0.4), *completed(2, 0.6))
    assert study.finished_since_best == 0
