"""Through Tuner, as a user meets it: the third reading decides."""

from __future__ import annotations

import math

import pytest

import jupyter_tune as jt

SPACE = jt.Space(
    x=jt.Float(0, 1), lr=jt.Float(1e-4, 1, log=True, default=1e-2), act=jt.Categorical(["relu", "tanh"])
)
CURVE = [0.5, 0.6, 0.7, 0.8]


def race(*, pruner="asha", **options):
    return jt.Tuner(
        SPACE, maximize="score", sampler="random", pruner=pruner, max_steps=100, min_steps=50, **options
    )


def run(tuner, curve, **params):
    """How many steps a trial of `params` is allowed, at most those of `curve`; and the trial."""
    tuner.enqueue(params)
    trial = tuner.ask()
    # enqueued trials are exempt: these stand for the sampler's
    tuner.study.trials[trial.number].source = "gp"
    for step, value in enumerate(curve, 1):
        if not tuner.report(trial, step=step, score=value):
            return step, trial
    return len(curve), trial


@pytest.mark.parametrize("pruner", ["asha", "hyperband"])
def test_a_neighbour_with_the_same_three_readings_is_stopped(pruner):
    tuner = race(pruner=pruner)
    first, original = run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")
    steps, trial = run(tuner, CURVE, x=0.6, lr=2e-2, act="tanh")
    assert (first, steps) == (4, 3)
    assert trial.state == "pruned"
    assert f"repeats trial {original.number}" in trial.reason


@pytest.mark.parametrize(
    "other",
    [
        {"x": 0.9, "lr": 1e-2, "act": "tanh"},  # too far for one and the same step
        {"x": 0.5, "lr": 1e-4, "act": "tanh"},  # two of four decades away
        {"x": 0.5, "lr": 1e-2, "act": "relu"},  # another choice
    ],
)
def test_far_away_the_same_readings_are_a_coincidence(other):
    tuner = race()
    run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")
    assert run(tuner, CURVE, **other)[0] == 4


def test_equal_scores_in_three_folds_are_no_repetition():
    tuner = race()
    for x in (0.5, 0.6):
        tuner.enqueue({"x": x, "lr": 1e-2, "act": "tanh"})
        trial = tuner.ask()
        tuner.study.trials[trial.number].source = "gp"
        assert all(tuner.report(trial, fold=fold, score=0.9) for fold in range(3))
        tuner.tell(trial)


def test_one_reading_apart_is_another_training():
    tuner = race()
    run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")
    assert run(tuner, [0.5, 0.6, 0.7000001, 0.8], x=0.5, lr=1e-2, act="tanh")[0] == 4
    assert run(tuner, [0.5, float("nan"), 0.7, 0.8], x=0.5, lr=1e-2, act="tanh")[0] == 4


def test_readings_without_a_number_repeat_nothing():
    tuner = race()
    run(tuner, [math.nan] * 4, x=0.5, lr=1e-2, act="tanh")
    assert run(tuner, [math.nan] * 4, x=0.6, lr=2e-2, act="tanh")[0] == 4


def test_what_a_person_asked_for_may_be_a_repetition():
    tuner = race()
    run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")
    tuner.enqueue({"x": 0.5, "lr": 1e-2, "act": "tanh"})
    trial = tuner.ask()
    assert trial.source == "user"
    assert all(tuner.report(trial, step=step, score=value) for step, value in enumerate(CURVE, 1))


def test_a_trial_that_failed_or_was_cancelled_tells_no_end():
    tuner = race()
    _, trial = run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")
    tuner.tell(trial, state="failed")
    assert run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")[0] == 4


def test_without_pruning_no_trial_is_stopped():
    tuner = race(pruner="none")
    run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")
    assert run(tuner, CURVE, x=0.5, lr=1e-2, act="tanh")[0] == 4
