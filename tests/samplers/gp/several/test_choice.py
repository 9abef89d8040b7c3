"""What is proposed for several metrics, and under constraints on metrics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import jupyter_tune as jt
from jupyter_tune.samplers.gp.encoding import Encoding
from jupyter_tune.samplers.gp.score import Score
from jupyter_tune.samplers.gp.several import choice
from jupyter_tune.samplers.gp.several.models import Evidence, Feasibility
from jupyter_tune.samplers.gp.subset import MOST
from tests.samplers.gp.processes import differences


def told(trials: int, seed: int = 1, sampler: str = "gp", **options: Any) -> jt.Tuner:
    """A study of two circles' distances, `a` and `b`, and of a third metric."""
    tuner = jt.Tuner({"x": jt.Float(0, 1), "y": jt.Float(0, 1)}, sampler=sampler, seed=seed, **options)
    for _ in range(trials):
        trial = tuner.ask()
        x, y = float(trial.params["x"] or 0), float(trial.params["y"] or 0)
        values: dict[str, Any] = {
            "a": math.hypot(x, y),
            "b": math.hypot(x - 1, y),
            "c": x + y,
            "d": abs(x - y),
            "e": x * y,
        }
        tuner.tell(trial, **values)
    return tuner


def volume(tuner: jt.Tuner) -> float:
    from jupyter_tune.core.hypervolume import hypervolume

    return hypervolume([trial.values or () for trial in tuner.best_trials], (1.2, 1.2))


def test_the_front_of_two_metrics_is_found_far_better_than_by_chance() -> None:
    ours, chance = (
        volume(told(20, minimize=["a", "b"])),
        volume(told(20, sampler="random", minimize=["a", "b"])),
    )
    # the whole front, y = 0, dominates 0.94
    assert ours > 0.82
    assert ours > chance


@pytest.mark.parametrize("metrics", [["a", "b", "c"], ["a", "b", "c", "d"]])
def test_three_metrics_and_more_are_searched_by_the_model(metrics: list[str]) -> None:
    tuner = told(9, minimize=metrics)
    assert [trial.source for trial in tuner.study.trials.values()][-2:] == ["gp", "gp"]
    assert tuner.best_trials


def test_a_constraint_on_a_metric_is_learnt_and_the_best_lies_at_its_edge() -> None:
    tuner = told(20, minimize="a", subject_to="e >= 0.2")
    # the nearest point of the hyperbola is x = y = sqrt(0.2)
    assert tuner.best_value == pytest.approx(math.sqrt(0.4), abs=0.02)
    assert tuner.best_trial.metrics["e"] >= 0.2


def test_while_nothing_is_feasible_feasibility_is_sought() -> None:
    tuner = told(14, minimize=["a", "b"], subject_to=["c >= 1.9"])
    assert tuner.best_trials
    assert all(trial.metrics["c"] >= 1.9 for trial in tuner.best_trials)


def test_trials_that_run_at_once_are_sent_to_different_places() -> None:
    tuner = told(8, minimize=["a", "b"])
    asked = [tuner.ask().params for _ in range(3)]
    assert len({(round(float(p["x"] or 0), 2), round(float(p["y"] or 0), 2)) for p in asked}) == 3


def test_in_a_long_study_no_trial_of_its_beginning_is_forgotten() -> None:
    space = {"x": jt.Int(0, 20), "y": jt.Int(0, 19)}
    tuner = jt.Tuner(space, minimize=["a", "b"], seed=1)
    grid = [(x, y) for x in range(21) for y in range(20)][:-1]
    for x, y in grid:
        tuner.add_trial({"x": x, "y": y}, a=x + y, b=40 - x + y)
    # the front is y = 0, the first of each twenty
    encoding = Encoding(tuner.study.space, tuner.study.space)
    known = Evidence.of(tuner.study, encoding)
    assert {trial.number for trial in tuner.study.best_trials} <= {trial.number for trial in known.trials}
    assert len(known.trials) == MOST < len(grid)
    assert tuner.ask().source == "default"
    # all others but one have been run
    assert tuner.ask().params == {"x": 20, "y": 19}


def check_gradient(score: Score) -> None:
    u = np.random.default_rng(0).random((12, 2))
    expected = differences(lambda u: score(u).values, u)
    assert score(u).gradient() == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_the_improvement_of_a_front_has_the_gradient_of_finite_differences() -> None:
    study = told(12, minimize=["a", "b"]).study
    encoding = Encoding(study.space, study.space)
    evidence = Evidence.of(study, encoding)
    losses = np.array([evidence.losses(trial, study.objectives) for trial in evidence.trials])
    check_gradient(choice._improvement(encoding, evidence, losses, np.ones(12, dtype=bool)))


def test_the_probability_of_feasibility_has_the_gradient_of_finite_differences() -> None:
    study = told(12, minimize="a", subject_to=["e >= 0.2", "c <= 1.1"]).study
    encoding = Encoding(study.space, study.space)
    check_gradient(Feasibility(study, encoding, Evidence.of(study, encoding)).log_probability)
