"""The problems keep their word: spaces, optima, determinism."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.benchmarks.search import landscapes, synthetic
from tests.benchmarks.search.problems import Problem, problems
from tests.benchmarks.search.spaces import check, choice, draw, real, whole

ALL = list(problems().values())
# one surrogate stands for all: they are one network, which is slow to load
QUICK = [problem for problem in ALL if problem.kind != "surrogates" or problem.name == "lcbench_3945"]
FORMULAS = [problem for problem in ALL if problem.kind in ("landscapes", "synthetic")]


def points(problem: Problem, count: int) -> list[dict[str, object]]:
    rng = np.random.default_rng(7)
    return [draw(problem.space, rng) for _ in range(count)]


def test_there_are_enough_problems_of_every_kind() -> None:
    kinds = [problem.kind for problem in ALL]
    assert len(ALL) >= 24
    assert {kind: kinds.count(kind) >= 4 for kind in kinds} == dict.fromkeys(kinds, True)
    assert {2, 20} <= {len(problem.space) for problem in ALL}


@pytest.mark.parametrize("problem", QUICK, ids=lambda problem: problem.name)
def test_the_same_params_give_the_same_loss(problem: Problem) -> None:
    for params in points(problem, 2):
        loss = problem.loss(params)
        assert loss == problem.loss(dict(params))
        assert loss is None or math.isfinite(loss)


@pytest.mark.parametrize("problem", FORMULAS, ids=lambda problem: problem.name)
def test_the_optimum_is_not_beaten_by_ten_thousand_random_points(problem: Problem) -> None:
    # the synthetic ones again with noise are the same losses
    count = 10_000 if problem.noise == 0 else 100
    losses = [loss for params in points(problem, count) if (loss := problem.loss(params)) is not None]
    assert problem.optimum is not None
    assert min(losses) >= problem.optimum


@pytest.mark.parametrize("name", [p.name for p in ALL if p.kind == "landscapes"])
def test_the_value_where_a_landscape_has_its_optimum_is_zero(name: str) -> None:
    shape, _, dimensions = name.rpartition("_")
    instance = landscapes.Instance(shape, int(dimensions))
    at = instance.x_opt if shape != "schwefel" else np.sign(instance.x_opt) * 4.2096874633 / 2
    assert getattr(landscapes, shape)(instance)(at) == pytest.approx(0, abs=1e-6)


def test_the_value_where_a_formula_has_its_optimum_is_that() -> None:
    ackley = {f"x{at}": value for at, value in enumerate([0.9, -1.7, 0.4, -0.6], 1)}
    hartmann = [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]
    best: dict[str, dict[str, Any]] = {
        "hartmann": {f"x{at}": value for at, value in enumerate(hartmann, 1)},
        "branin": {"x1": math.pi, "x2": 2.275},
        "ackley_mixed": {**ackley, "steps": 3, "layers": 7, "sign": "minus", "bend": "bent"},
        "methods": {"method": "network", "x1": 0.1, "x2": 0.9, "x3": 0.7, "x4": 0.1},
        "levy_sparse": {f"x{at}": {3: 3.7, 8: -5.2, 12: -1.9, 19: 6.1}.get(at, 0.0) for at in range(1, 21)},
        "training": {
            "learning_rate": 10**-0.5 * 0.1,
            "weight_decay": 10**-3.5,
            "momentum": 0.9,
            "batch": 128,
            "layers": 6,
            "dropout": 0.1,
            "optimizer": "sgd",
        },
    }
    best["diverging"] = best["training"]
    assert set(best) == set(synthetic.SPACES)
    for name, params in best.items():
        found = problems()[name]
        assert found.loss(check(found.space, params)) == pytest.approx(found.optimum, abs=1e-6)


def test_a_rate_that_is_too_high_has_failed_and_others_have_not() -> None:
    losses = [problems()["diverging"].loss(params) for params in points(problems()["diverging"], 1000)]
    assert 0.05 < losses.count(None) / 1000 < 0.5


def test_noise_belongs_to_the_trial_and_not_to_the_tuner() -> None:
    noisy, calm = problems()["hartmann_noisy"], problems()["hartmann"]
    shifts = [noisy.observed(loss, seed=3, trial=5) - loss for loss in (-1.0, -2.0)]  # type: ignore[operator]
    assert shifts[0] == pytest.approx(shifts[1])
    drawn = [noisy.observed(0.0, seed, trial) for seed in range(20) for trial in range(20)]
    assert np.std(np.array(drawn, dtype=float)) == pytest.approx(noisy.noise, rel=0.15)
    assert noisy.observed(None, 0, 0) is None
    assert calm.observed(-1.0, 0, 0) == -1.0


def test_draws_cover_a_range_on_its_own_scale() -> None:
    rng = np.random.default_rng(0)
    space = (real("lr", 1e-4, 1, log=True), whole("n", 1, 4), choice("c", "a", "b"))
    drawn = [check(space, draw(space, rng)) for _ in range(4000)]
    assert np.mean([d["lr"] < 1e-2 for d in drawn]) == pytest.approx(0.5, abs=0.03)
    assert [np.mean([d["n"] == n for d in drawn]) for n in range(1, 5)] == pytest.approx([0.25] * 4, abs=0.03)
    assert {d["c"] for d in drawn} == {"a", "b"}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"lr": 0.1}, "wanted"),
        ({"lr": 2.0, "n": 1, "c": "a"}, "lr: 2.0 is outside"),
        ({"lr": 0.1, "n": 1.5, "c": "a"}, "n: 1.5 is not a whole"),
        ({"lr": 0.1, "n": 1, "c": "z"}, "c: 'z' is none of"),
    ],
)
def test_params_outside_the_space_are_refused(params: dict[str, object], message: str) -> None:
    space = (real("lr", 1e-4, 1, log=True), whole("n", 1, 4), choice("c", "a", "b"))
    with pytest.raises(ValueError, match=message):
        check(space, params)


def test_a_rounding_error_beyond_an_end_is_clipped() -> None:
    space = (real("lr", 1e-4, 1, log=True), whole("n", 1, 4))
    assert check(space, {"n": 4.0, "lr": 1 + 1e-12}) == {"lr": 1.0, "n": 4}
