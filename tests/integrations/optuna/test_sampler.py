"""The search here as a sampler of Optuna."""

from __future__ import annotations

import math
import pickle
from typing import Any

import optuna
import pytest

import jupyter_tune as jt

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def quiet() -> Any:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


def bowl(trial: optuna.Trial) -> float:
    x, y = trial.suggest_float("x", -5, 5), trial.suggest_float("y", 1e-3, 1e3, log=True)
    k = trial.suggest_int("k", 0, 4)
    return (x - 1) ** 2 + math.log10(y) ** 2 + (k - 2) ** 2


def branching(trial: optuna.Trial) -> float:
    kind = trial.suggest_categorical("kind", ["svm", "forest", None])
    if kind == "svm":
        return -((math.log10(trial.suggest_float("c", 1e-3, 1e3, log=True)) - 1) ** 2)
    if kind == "forest":
        return -3.0 - abs(trial.suggest_int("trees", 1, 20) - 7)
    return -9.0


def best_of(sampler: optuna.samplers.BaseSampler, count: int = 15) -> float:
    study = optuna.create_study(sampler=sampler)
    study.optimize(bowl, n_trials=count)
    return study.best_value


def test_it_finds_better_values_than_chance() -> None:
    gp = [best_of(jt.optuna.GpSampler(seed=seed)) for seed in range(2)]
    chance = [best_of(optuna.samplers.RandomSampler(seed=seed)) for seed in range(2)]
    assert max(gp) < min(chance)
    assert sum(gp) < 0.5 * sum(chance)


def test_the_same_seed_gives_the_same_trials_also_after_a_resume(tmp_path) -> None:
    whole = optuna.create_study(sampler=jt.optuna.GpSampler(seed=1))
    whole.optimize(bowl, n_trials=8)
    storage = f"sqlite:///{tmp_path}/study.db"
    for _ in range(2):
        sampler = pickle.loads(pickle.dumps(jt.optuna.GpSampler(seed=1)))
        study = optuna.create_study(storage=storage, study_name="s", sampler=sampler, load_if_exists=True)
        study.optimize(bowl, n_trials=4)
    assert [trial.params for trial in study.trials] == [trial.params for trial in whole.trials]


def test_conditional_parameters_and_maximising() -> None:
    study = optuna.create_study(direction="maximize", sampler=jt.optuna.GpSampler(seed=0))
    study.optimize(branching, n_trials=18)
    assert study.best_params["kind"] == "svm"
    assert study.best_value > -0.2


def test_threads_look_elsewhere_than_running_trials() -> None:
    study = optuna.create_study(sampler=jt.optuna.GpSampler(seed=0))
    study.optimize(bowl, n_trials=8)
    pending = [study.ask() for _ in range(3)]
    seen = [
        (trial.suggest_float("x", -5, 5), trial.suggest_float("y", 1e-3, 1e3, log=True)) for trial in pending
    ]
    assert len({(round(x, 3), round(y, 3)) for x, y in seen}) == 3
    study.optimize(bowl, n_trials=6, n_jobs=2)
    assert len(study.get_trials(states=[optuna.trial.TrialState.COMPLETE])) == 14


def test_pruned_failed_and_changed_trials_teach() -> None:
    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1 if trial.number < 6 else 2)
        for step in range(4):
            trial.report(x + 1 / (step + 1), step)
            if x > 0.5 and step == 1:
                raise optuna.TrialPruned
        if 0.2 < x < 0.3:
            raise ValueError("breaks")
        return x

    study = optuna.create_study(sampler=jt.optuna.GpSampler(seed=2))
    study.optimize(objective, n_trials=12, catch=ValueError)
    assert study.best_value < 0.1
    assert {trial.state.name for trial in study.trials} >= {"COMPLETE", "PRUNED"}


def test_several_objectives_and_both_kinds_of_constraints() -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        trial.set_constraint("sum", 0.5 - x - y)
        return x, y

    sampler = jt.optuna.GpSampler(seed=0, constraints_func=lambda trial: [trial.params["x"] - 0.9])
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    study.optimize(objective, n_trials=11)
    assert all(trial.params["x"] <= 0.9 and sum(trial.values) >= 0.5 for trial in study.best_trials)
    assert sum(sum(trial.values) < 0.7 for trial in study.trials[6:]) >= 2
