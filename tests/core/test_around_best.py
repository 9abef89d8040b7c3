"""Ranges around the best results: as wide as these are apart, and never outside the declared ones."""

from __future__ import annotations

import math
import random

import pytest

from jupyter_tune.core.around_best import around_best
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Categorical, Float, Int, Params
from jupyter_tune.core.priors import Result
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError

SPACE = Space(
    lr=Float(1e-5, 1.0, log=True), width=Int(1, 100), act=Categorical(["relu", "tanh", "gelu"]), fixed=3
)
LOSS = Objective("loss", maximize=False)


def results(count: int = 50, best_lr: float = 1e-3, best_act: str = "tanh") -> list[Result]:
    chance = random.Random(0)
    found: list[Result] = []
    for _ in range(count):
        params = SPACE.from_unit({name: chance.random() for name in SPACE})
        lr, width = params["lr"], params["width"]
        assert isinstance(lr, float)
        assert isinstance(width, int)
        away = abs(math.log10(lr / best_lr)) + abs(width - 60) / 100
        found.append((params, away + 10 * (params["act"] != best_act)))
    return found


def test_ranges_hold_the_best_results_and_shrink() -> None:
    some = results()
    found = around_best(SPACE, LOSS, some)
    narrowed = SPACE.narrow(found.ranges)
    best = sorted(some, key=lambda result: result[1])[:10]
    assert all(narrowed.contains(params) for params, _ in best)
    assert found.ranges["act"] == ["tanh"]
    assert narrowed["lr"].to_unit(1e-3) == pytest.approx(0.5, abs=0.4)
    low, high = found.ranges["lr"]
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert 1e-5 < low < 1e-3 < high < 1.0
    assert "fixed" not in found.ranges
    assert found.notices == []


def test_a_maximized_metric_has_its_best_at_the_other_end() -> None:
    some = [(params, -value) for params, value in results()]
    same = around_best(SPACE, Objective("score", maximize=True), some)
    assert same == around_best(SPACE, LOSS, results())


def test_a_range_keeps_a_fifth_of_the_declared_one() -> None:
    some: list[Result] = [({**SPACE.defaults(), "lr": 1e-3 * (1 + n / 1e6)}, float(n)) for n in range(30)]
    low, high = around_best(SPACE, LOSS, some).ranges["lr"]
    assert SPACE["lr"].to_unit(high) - SPACE["lr"].to_unit(low) == pytest.approx(0.2)
    assert SPACE["lr"].to_unit(low) == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize(("at", "end"), [(1.0, "upper"), (1e-5, "lower")])
def test_a_best_result_at_the_end_is_said_and_the_range_stays_inside(at: float, end: str) -> None:
    lr = at if at == 1 else at * (1 + 1e-6)
    some: list[Result] = [({**SPACE.defaults(), "lr": lr}, float(n)) for n in range(9)]
    found = around_best(SPACE, LOSS, some)
    assert found.notices == [
        f"lr: the best result is at the {end} end of its range, 1e-05 to 1; if values beyond make sense, "
        "declare a wider one"
    ]
    low, high = (SPACE["lr"].to_unit(value) for value in found.ranges["lr"])
    assert [low, high] == pytest.approx([0.8, 1.0] if end == "upper" else [0.0, 0.2])


def test_a_conditional_parameter_that_the_best_do_not_have_stays() -> None:
    space = Space(
        {"opt": Categorical(["sgd", "adam"]), "momentum": Float(0, 0.99)}, when={"momentum": {"opt": ["sgd"]}}
    )
    some: list[tuple[Params, float]] = [({"opt": "adam"}, float(n)) for n in range(9)]
    some += [({"opt": "sgd", "momentum": 0.5}, 100.0)] * 9
    assert around_best(space, LOSS, some).ranges == {"opt": ["adam"]}


def test_too_few_results_are_an_error() -> None:
    with pytest.raises(SpaceError, match="needs 3 complete trials to see where it is good, and there are 2"):
        around_best(SPACE, LOSS, [*results(2), (SPACE.defaults(), math.nan)])


@pytest.mark.parametrize(
    "parameter", [Int(1, 3), Int(1, 300, log=True), Float(0, 1, step=0.25), Float(0, 0.99, reverse_log=True)]
)
def test_any_kind_of_number_gives_ranges_that_hold(parameter: Int | Float) -> None:
    space = Space(x=parameter)
    for seed in range(20):
        chance = random.Random(seed)
        some: list[Result] = [
            ({"x": parameter.from_unit(chance.random())}, chance.random()) for _ in range(20)
        ]
        narrowed = space.narrow(around_best(space, LOSS, some).ranges)
        for params, _ in sorted(some, key=lambda result: result[1])[:4]:
            assert narrowed.contains(params)
