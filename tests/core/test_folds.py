from __future__ import annotations

import math

import pytest

from jupyter_tune.core.encoding import event_from_json, event_to_json
from jupyter_tune.core.events import TrialEnded, TrialReported
from jupyter_tune.core.trial import COMPLETE, PRUNED, RUNNING
from tests.core.studies import BY_STATE, reported, study_of


def of_fold(fold, step, score, number=0):
    return TrialReported(number, 1, step, {"score": score}, fold=fold)


def trial_of(*events, **settings):
    return study_of(*BY_STATE[RUNNING], *events, **settings).trials[0]


def test_the_value_is_the_mean_of_the_folds_values_with_its_standard_error():
    trial = trial_of(of_fold(0, 1, 0.8), of_fold(1, 2, 0.9), of_fold(2, 3, 1.0), TrialEnded(0, 1, COMPLETE))
    assert trial.value == pytest.approx(0.9)
    assert trial.standard_error == pytest.approx(0.1 / math.sqrt(3))
    assert trial.fold_values == {0: 0.8, 1: 0.9, 2: 1.0}


def test_a_folds_value_is_its_best_reading():
    events = [of_fold("a", 1, 0.9), of_fold("a", 2, 0.7), of_fold("b", 1, 0.1), of_fold("b", 2, 0.3)]
    trial = trial_of(*events, TrialEnded(0, 1, COMPLETE), direction="minimize")
    assert trial.value == pytest.approx((0.7 + 0.1) / 2)


def test_without_steps_the_curve_is_the_mean_over_the_folds_so_far():
    trial = trial_of(of_fold(0, 1, 0.8), of_fold(1, 2, 0.6), of_fold(2, 3, 0.1))
    assert trial.curve == pytest.approx({1: 0.8, 2: 0.7, 3: 0.5})
    assert trial.steps == 3


def test_with_steps_the_curve_is_the_mean_over_the_folds_and_the_first_curve_that_of_the_first():
    trial = trial_of(*(of_fold(fold, step, fold + step) for fold in (0, 1) for step in (1, 2, 3)))
    assert trial.curve == pytest.approx({1: 1.5, 2: 2.5, 3: 3.5})
    assert trial.first_curve == pytest.approx({1: 1, 2: 2, 3: 3})
    assert trial.steps == 6


def test_rungs_and_budget_know_the_first_fold_and_every_step():
    study = study_of(
        *BY_STATE[RUNNING],
        *(of_fold(fold, step, 10 * fold + step) for fold in (0, 1) for step in range(1, 10)),
        max_steps=9,
        min_steps=3,
    )
    assert study.rungs[3] == {0: 3.0}
    assert study.steps_done == 18


def test_a_trial_pruned_in_a_later_fold_has_the_mean_of_the_whole_ones():
    ends = TrialEnded(0, 1, PRUNED)
    assert trial_of(of_fold(0, 1, 0.2), of_fold(0, 2, 0.8), of_fold(1, 1, 0.1), ends).value == 0.8
    assert trial_of(of_fold(0, 1, 0.2), ends).value == 0.2


def test_nan_in_one_fold_is_never_best():
    study = study_of(
        *BY_STATE[RUNNING], of_fold(0, 1, 0.9), of_fold(1, 2, math.nan), TrialEnded(0, 1, COMPLETE)
    )
    assert math.isnan(study.trials[0].value or 0.0)
    assert study.best_trial is None


def test_other_metrics_are_means_over_the_folds_and_decide_about_constraints():
    events = [
        TrialReported(0, 1, fold + 1, {"score": 0.5, "cost": 10.0 * fold}, fold=fold) for fold in range(3)
    ]
    study = study_of(*BY_STATE[RUNNING], *events, TrialEnded(0, 1, COMPLETE), subject_to=("cost <= 10",))
    assert study.trials[0].metrics["cost"] == 10.0
    assert study.trials[0].feasible


def test_several_metrics_are_means_over_the_folds():
    events = [TrialReported(0, 1, fold + 1, {"score": fold, "cost": 4.0}, fold=fold) for fold in range(3)]
    study = study_of(*BY_STATE[RUNNING], *events, TrialEnded(0, 1, COMPLETE), also=(("cost", "minimize"),))
    assert study.trials[0].values == (1.0, 4.0)


def test_a_final_value_wins_over_the_mean_and_keeps_the_standard_error():
    trial = trial_of(of_fold(0, 1, 0.8), of_fold(1, 2, 0.9), TrialEnded(0, 1, COMPLETE, 0.7))
    assert trial.value == 0.7
    assert trial.standard_error == pytest.approx(0.05)


def test_a_trial_pruned_after_a_fold_is_not_resumed():
    ends = TrialEnded(0, 1, PRUNED, checkpoint=True)
    several = study_of(
        *BY_STATE[RUNNING], of_fold(0, 9, 0.2), of_fold(1, 1, 0.2), ends, max_steps=27, min_steps=1
    )
    one = study_of(*BY_STATE[RUNNING], of_fold(0, 9, 0.2), ends, max_steps=27, min_steps=1)
    assert (list(several.resumable), list(one.resumable)) == ([], [0])


def test_a_snapshot_keeps_the_folds_that_it_had():
    study = study_of(*BY_STATE[RUNNING], of_fold(0, 1, 0.8))
    snapshot = study.snapshot()
    study._report(of_fold(1, 2, 0.6))
    assert (len(snapshot.trials[0].folds), len(study.trials[0].folds)) == (1, 2)


def test_a_report_of_no_fold_is_written_as_before_there_were_folds():
    assert "fold" not in event_to_json(reported(0, 1, 0.5))
    for event in (of_fold(0, 1, 0.5), of_fold("spring", 1, 0.5), reported(0, 1, 0.5)):
        assert event_from_json(event_to_json(event)) == event


def test_the_median_rule_compares_the_first_fold_with_first_folds():
    events = [*BY_STATE[RUNNING]]
    for fold, shift in ((0, 5.0), (1, 0.0)):
        events += [of_fold(fold, step, shift + step) for step in (1, 2)]
    study = study_of(*events, TrialEnded(0, 1, COMPLETE), direction="minimize")
    assert list(study.usual_means(2)) == [6.5]
