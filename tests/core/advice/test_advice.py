"""Advice: each fault is found, and a sound study seldom has one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from jupyter_tune import Categorical, Float, Int, Tuner
from jupyter_tune.core.advice import Finding, advice
from jupyter_tune.core.parameters import Parameter
from jupyter_tune.core.study import Study

Measure = Callable[[Mapping[str, Any], random.Random], float | None]
"""The value of a trial; None if it fails."""


def studied(
    space: Mapping[str, Parameter], measure: Measure, trials: int = 40, seed: int = 0, **more: Any
) -> Study:
    tuner = Tuner(space, maximize="score", sampler="random", seed=seed, **more)
    chance = random.Random(seed)
    for _ in range(trials):
        trial = tuner.ask()
        value = measure(trial.params, chance)
        if value is None:
            tuner.tell(trial, state="failed")
        else:
            tuner.tell(trial, score=value)
    return tuner.study


def of_kind(kind: str, study: Study, landscape: Mapping[str, Any] = {}) -> list[Finding]:
    return [finding for finding in advice(study, landscape) if finding.kind == kind]


LR: dict[str, Any] = {"lr": Float(1e-4, 1e-1, log=True), "width": Int(10, 1000, log=True)}


@pytest.mark.parametrize(
    ("space", "sign", "remedy"),
    [
        (LR["lr"], 1, "x: Float(0.0001, 3.16, log=True), and --warm-start tuner"),
        (LR["lr"], -1, "x: Float(3.16e-06, 0.1, log=True), and --warm-start tuner"),
        (Float(0.0, 1.0), 1, "x: Float(0.0, 1.5), and --warm-start tuner"),
        # a quantity that is never negative stays so
        (Float(0.0, 1.0), -1, "x: Float(0.0, 1.0), and --warm-start tuner"),
        (Float(-1.0, 1.0), -1, "x: Float(-2.0, 1.0), and --warm-start tuner"),
        (
            Float(0.5, 0.99, reverse_log=True),
            1,
            "x: Float(0.5, 0.999, reverse_log=True), and --warm-start tuner",
        ),
        (Int(10, 1000, log=True), 1, "x: Int(10, 10000, log=True), and --warm-start tuner"),
        (Int(1, 100), 1, "x: Int(1, 150), and --warm-start tuner"),
    ],
)
def test_the_best_at_the_end_of_a_declared_range_is_found(space: Any, sign: int, remedy: str) -> None:
    study = studied({"x": space}, lambda params, _: sign * space.to_unit(params["x"]), trials=120)
    if remedy.startswith("x: Float(0.0, 1.0)"):
        # there is nothing beyond 0
        assert of_kind("edge", study) == []
        return
    [found] = of_kind("edge", study)
    assert found.remedy + found.more == remedy
    side = "highest" if sign > 0 else "lowest"
    assert f"of the 5 best trials lie in the {side} 10% of its range" in found.text


def test_the_end_of_a_narrowed_range_is_widened_back() -> None:
    tuner = Tuner({"x": Float(0.0, 1.0)}, maximize="score", sampler="random")
    tuner.narrow(x=(0.0, 0.4))
    for _ in range(100):
        trial = tuner.ask()
        tuner.tell(trial, score=cast(float, trial.params["x"]))
    [found] = of_kind("edge", tuner.study)
    assert (found.remedy, found.ranges) == ("study.narrow(x=(0.0, 1.0))", {"x": [0.0, 1.0]})
    tuner.narrow(found.ranges)


def test_a_choice_with_which_all_fail_is_excluded() -> None:
    space: dict[str, Parameter] = {"opt": Categorical(["sgd", "adam", "lion"]), "x": Float(0.0, 1.0)}
    study = studied(space, lambda params, _: None if params["opt"] == "lion" else params["x"] / 2)
    [found] = of_kind("failures", study)
    assert found.ranges == {"opt": ["sgd", "adam"]}
    assert found.remedy == "study.narrow(opt=['sgd', 'adam'])"
    assert "trials with 'lion' failed" in found.text


@pytest.mark.parametrize(("sign", "kept"), [(1, (1e-4, 0.02)), (-1, (5e-4, 0.1))])
def test_an_end_of_a_range_where_all_fail_is_excluded(sign: int, kept: tuple[float, float]) -> None:
    def measure(params: Mapping[str, Any], chance: random.Random) -> float | None:
        fails = params["lr"] > kept[1] if sign > 0 else params["lr"] < kept[0]
        return None if fails else chance.random()

    study = studied(LR, measure, trials=80)
    [found] = of_kind("failures", study)
    low, high = [cast(float, bound) for bound in found.ranges["lr"]]
    assert low == pytest.approx(kept[0], rel=0.3)
    assert high == pytest.approx(kept[1], rel=0.3)
    excluded = [t for t in study.trials.values() if not low <= cast(float, t.params["lr"]) <= high]
    assert len(excluded) >= 4
    assert {trial.state for trial in excluded} == {"failed"}


def test_noise_and_a_parameter_without_effect_are_found_by_the_model() -> None:
    study = studied(LR, lambda params, _: -((LR["width"].to_unit(params["width"]) - 0.5) ** 2))
    model = {"importances": {"names": ["width", "lr"], "high": [0.99, 0.01]}, "noise": 0.62}
    [found] = of_kind("effect", study, model)
    best = study.best_trial
    assert best is not None
    assert found.ranges == {"lr": [best.params["lr"]] * 2}
    [noisy] = of_kind("noise", study, model)
    assert "62% of the differences between 40 trials are noise" in noisy.text
    assert [f.kind for f in advice(study, {**model, "noise": 0.1})] == ["effect"]
    # what is fixed already is no news
    assert of_kind("effect", studied({**LR, "lr": Float(0.1, 0.1)}, lambda p, _: p["width"]), model) == []


def curves(reading: Callable[[int, float, random.Random], float]) -> Study:
    """Trials of 27 steps, each of a hidden quality, of which every third is pruned at the first rung."""
    tuner = Tuner(
        {"x": Float(0.0, 1.0)}, maximize="score", sampler="random", max_steps=27, min_steps=1, pruner="asha"
    )
    chance = random.Random(0)
    for _ in range(1500):
        trial = tuner.ask()
        quality = chance.random()
        for step in (1, 3, 9, 27):
            if not tuner.report(trial, step=step, score=reading(step, quality, chance)):
                break
        else:
            tuner.tell(trial, score=quality)
    return tuner.study


def test_a_first_rung_that_foretells_nothing_is_found() -> None:
    study = curves(lambda step, quality, chance: quality if step > 3 else chance.random())
    [found] = of_kind("pruning", study)
    assert str(found).endswith("→ --min-steps 9 (there the ranks correlate by 1.00)")
    assert of_kind("pruning", curves(lambda step, quality, chance: quality + 0.01 * step)) == []


def test_a_sound_study_seldom_has_a_finding() -> None:
    """Optimum in the middle, failures anywhere: over 150 studies, chance may bring a few."""

    def measure(params: Mapping[str, Any], chance: random.Random) -> float | None:
        if chance.random() < 0.15:
            return None
        away = sum((LR[name].to_unit(params[name]) - 0.5) ** 2 for name in LR)
        return -away + 0.1 * chance.random()

    found = [advice(studied(LR, measure, trials=30, seed=seed), {}) for seed in range(150)]
    assert sum(map(bool, found)) <= 6


@pytest.mark.parametrize("trials", [0, 1, 5])
def test_few_trials_say_nothing(trials: int) -> None:
    study = studied(LR, lambda params, chance: None if chance.random() < 0.5 else params["lr"], trials=trials)
    assert advice(study, {"importances": None, "noise": None}) == []
