from __future__ import annotations

import math
import random

import jupyter_tune as jt
from jupyter_tune.core.trial import COMPLETE, PRUNED

FOLDS = 5
SHIFTS = (0.0, 0.5, -0.3, 0.2, 0.9)
"""What is easy in one fold is so for every trial."""


def tuner(**options):
    settings = {"maximize": "score", "sampler": "random", **options}
    return jt.Tuner({"x": jt.Float(0, 1)}, **settings)


def run(study, level, noise=0.0, chance=None, folds=FOLDS):
    """A trial of this level: how many folds it was given, and the trial."""
    trial, chance = study.ask(), chance or random.Random(0)
    for fold in range(folds):
        value = level + SHIFTS[fold] + noise * chance.gauss(0, 1)
        if not study.report(trial, fold=fold, score=value):
            return fold + 1, trial
    study.tell(trial)
    return folds, trial


def test_a_clearly_worse_trial_is_stopped_after_one_fold_whatever_the_fold_is_like():
    study = tuner()
    for _ in range(4):
        run(study, 1.0, noise=0.01)
    count, trial = run(study, 0.5, noise=0.01)
    assert (count, trial.state) == (1, PRUNED)
    assert "worse than that of trial" in trial.reason


def test_a_trial_as_good_as_the_best_goes_through_all_folds():
    study = tuner()
    for _ in range(4):
        run(study, 1.0, noise=0.01)
    assert run(study, 1.05, noise=0.01)[0] == FOLDS


def test_the_chance_of_stopping_a_trial_that_would_end_better_is_kept():
    wrong = better = 0
    for seed in range(150):
        study, chance = tuner(), random.Random(seed)
        for _ in range(4):
            run(study, 1.0, noise=0.1, chance=chance)
        best = study.best_value
        trial = study.ask()
        values = [1.0 + SHIFTS[fold] + 0.1 * chance.gauss(0, 1) for fold in range(FOLDS)]
        if sum(values) / FOLDS <= best:
            continue
        better += 1
        wrong += not all(study.report(trial, fold=fold, score=value) for fold, value in enumerate(values))
    assert better > 20
    assert wrong <= 0.1 * better


def test_before_two_trials_are_complete_none_is_stopped():
    study = tuner()
    run(study, 1.0)
    assert run(study, 0.0)[0] == FOLDS


def test_nan_in_a_fold_stops_the_trial_at_once():
    study = tuner()
    run(study, 1.0)
    trial = study.ask()
    assert not study.report(trial, fold=0, score=math.nan)
    assert "which no other fold can make good" in study.study.trials[trial.number].reason


def test_without_a_pruner_nothing_is_stopped():
    study = tuner(pruner="none")
    for level in (1.0, 0.9, 0.0):
        assert run(study, level)[1].state == COMPLETE


def test_inside_the_first_fold_asha_decides_by_steps_and_later_the_paired_rule():
    study = tuner(max_steps=9, min_steps=1)
    # as many run as make rivals
    crowd = [study.ask() for _ in range(3)]
    for level in (1.0, 0.99):
        trial = study.ask()
        for fold in range(3):
            for step in range(1, 10):
                assert study.report(trial, fold=fold, step=step, score=level - 1 / step)
        study.tell(trial)
    worse = study.ask()
    assert not all(study.report(worse, fold=0, step=step, score=-9.0) for step in range(1, 3))
    assert study.study.trials[worse.number].reason.startswith("asha")
    assert all(trial.is_live for trial in crowd)


def test_a_fold_with_steps_is_compared_once_it_is_whole():
    study = tuner(pruner="paired")
    for level in (1.0, 0.99):
        trial = study.ask()
        for fold in range(3):
            for step in range(1, 4):
                study.report(trial, fold=fold, step=step, score=level + SHIFTS[fold] - 1 / step)
        study.tell(trial)
    trial = study.ask()
    answers = [study.report(trial, fold=0, step=step, score=0.1 - 1 / step) for step in (1, 2, 3)]
    assert answers == [True, True, False]
