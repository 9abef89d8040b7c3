"""Optuna objectives, unchanged, as studies here."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import optuna
import pytest

import jupyter_tune as jt
from jupyter_tune.errors import OptionError, SpaceError
from jupyter_tune.integrations.optuna.trial import ObjectiveTrial
from jupyter_tune.optuna import objective as as_objective


def branching(trial: Any) -> float:
    kind = trial.suggest_categorical("kind", ["flat", "steep"])
    trial.set_user_attr("kind", kind)
    if kind == "flat":
        return trial.suggest_float("slope", 0.0, 1.0)
    return 2.0 + trial.suggest_int("power", 1, 3)


def pruned(trial: Any) -> float:
    import optuna

    rate = trial.suggest_float("rate", 0.0, 1.0)
    for step in range(1, 10):
        trial.report(rate * step, step)
        if trial.should_prune():
            raise optuna.TrialPruned
    return rate * 9


def several(trial: Any) -> tuple[float, float]:
    x = trial.suggest_int("x", 0, 10)
    trial.set_constraint("odd", x % 2)
    return float(x), float(x**2)


def by_itself(trial: Any) -> float:
    x = trial.suggest_int("x", 0, 3)
    if x == 0:
        raise optuna.exceptions.TrialPruned("zero")
    return 1 / x


def dependent(trial: Any) -> float:
    low = trial.suggest_float("low", 0.0, 1.0)
    return trial.suggest_float("high", low, 1.0) - low


@pytest.fixture
def tune(tmp_path, bare_notebook) -> Any:
    def tune(objective: Any, **options: Any) -> Any:
        # in this process: what differs in one of its own is for one test
        options = {"trials": 8, "workers": 0, "seed": 0, "sampler": "random", "dir": tmp_path, **options}
        study = jt.tune(as_objective(objective), **options)
        study.wait()
        return study

    return tune


def test_an_objective_with_branches_is_a_study_with_a_conditional_space(tune) -> None:
    study = tune(branching, maximize="value")
    assert len(study.trials) == 8
    for trial in study.trials:
        assert trial.state == "complete", trial
        expected = {"flat": {"kind", "slope"}, "steep": {"kind", "power"}}[trial.params["kind"]]
        assert set(trial.params) == expected
        assert trial.user_attrs == {"kind": trial.params["kind"]}
    assert study.best_value == max(trial.value for trial in study.trials)
    assert {trial.params["kind"] for trial in study.trials} == {"flat", "steep"}


def test_reports_prune_and_optunas_exception_ends_the_trial(tune) -> None:
    study = tune(pruned, maximize="accuracy", max_steps=9, min_steps=1, trials=4, workers=2)
    states = {trial.number: trial.state for trial in study.trials}
    assert set(states.values()) == {"complete", "pruned"}
    frame = study.trials_dataframe()
    assert frame.loc[frame.state == "COMPLETE", "value"].notna().all()
    assert study.best_value == pytest.approx(9 * study.best_params["rate"])


def test_an_objective_that_prunes_itself_is_pruned(tune) -> None:
    study = tune(by_itself, maximize="value", sampler="grid")
    states = {trial.params["x"]: trial.state for trial in study.trials}
    assert states == {0: "pruned", 1: "complete", 2: "complete", 3: "complete"}


def test_several_values_and_constraints(tune) -> None:
    study = tune(several, maximize="gain", minimize="cost", subject_to="odd <= 0", sampler="grid", trials=11)
    assert {trial.state for trial in study.trials} == {"complete"}
    assert sorted(trial.params["x"] for trial in study.best_trials) == [0, 2, 4, 6, 8, 10]


def test_a_constraint_that_the_study_does_not_have_fails_the_trial_with_the_way_out(tune) -> None:
    with pytest.raises(OptionError, match="subject_to='odd <= 0'"):
        tune(several, maximize="gain", minimize="cost", trials=1)


def test_a_range_that_depends_on_another_parameter_is_had_by_space_and_constraint(tune) -> None:
    with pytest.raises(SpaceError, match=r"line \d+: .*low depends on low, .*subject_to"):
        tune(dependent, maximize="value")
    study = tune(
        dependent,
        maximize="value",
        space={"low": jt.Float(0, 1), "high": jt.Float(0, 1)},
        subject_to="low <= high",
    )
    assert {trial.state for trial in study.trials} == {"complete"}


def test_a_trial_answers_as_optunas_does() -> None:
    """The same objective, with a trial of either, sees the same."""
    params = {"a": 0.25, "b": 4, "c": "x", "d": 0.1, "e": 0.5, "f": 0.5, "g": 0.5}

    def objective(trial: Any) -> list[Any]:
        seen = [
            trial.suggest_float("a", 0.0, 1.0),
            trial.suggest_int("b", 2, 8, step=2),
            trial.suggest_categorical("c", ("x", "y", None)),
            trial.suggest_float("d", 1e-3, 1.0, log=True),
            trial.suggest_uniform("e", 0.0, 1.0),
            trial.suggest_loguniform("f", 0.1, 1.0),
            trial.suggest_discrete_uniform("g", 0.0, 1.0, 0.25),
        ]
        return [*seen, trial.params, trial.number, trial.should_prune(), dict(trial.user_attrs)]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert objective(ObjectiveTrial(params)) == objective(optuna.trial.FixedTrial(params))


def test_what_a_trial_does_not_have_is_named() -> None:
    trial = ObjectiveTrial({"x": 0.9})
    with pytest.raises(SpaceError, match=r"y: the trial has no such parameter, it has x; give .*space={'y'"):
        trial.suggest_float("y", 0.0, 1.0)
    with pytest.raises(SpaceError, match=r"x: 0.9 is outside 0.0 to 0.5, which .*subject_to='x <= "):
        trial.suggest_float("x", 0.0, 0.5)
    with pytest.raises(AttributeError, match=r"trial\.study: .*has no such attribute; it has suggest_"):
        trial.study  # noqa: B018
    with pytest.raises(OptionError, match="must be a function of a trial, got 3"):
        as_objective(3)  # type: ignore[arg-type]


def test_a_trial_runs_without_optuna() -> None:
    statement = (
        "import sys; sys.modules['optuna'] = None\n"
        "import jupyter_tune as jt\n"
        "assert jt.optuna.objective(lambda t: t.suggest_float('x', 0, 1) * 2)(x=0.25) == {'value': 0.5}\n"
        "heavy = {'numpy', 'torch', 'pandas', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", statement], check=True, timeout=60)
