"""Small spaces: every sampler goes through all their points before one comes again."""

from __future__ import annotations

from itertools import cycle

import pytest

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Float, Int, Params
from jupyter_tune.core.ports import Sampler
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.registry import SAMPLERS, make_sampler
from jupyter_tune.samplers.gp.sampler import GpSampler
from jupyter_tune.samplers.grid import grid_size
from jupyter_tune.samplers.random import RandomSampler
from jupyter_tune.samplers.sobol import SobolSampler
from jupyter_tune.samplers.untried import first_untried
from tests.samplers.studies import DISCRETE, begin, finish, narrow, new_study, some_loss, suggest

SMALL = {
    "ints": Space(k=Int(1, 10)),
    "log ints": Space(k=Int(1, 12, log=True)),
    "coarse ints": Space(k=Int(0, 90, step=10)),
    "choices": Space(c=Categorical(list("abcdefgh"))),
    "ordered": Space(c=Categorical(["s", "m", "l", None], ordered=True)),
    "steps": Space(x=Float(0.1, 0.9, step=0.1)),
    "product": DISCRETE,
    "beside a constant": Space(k=Int(1, 7), fixed=3),
    "conditional": Space(
        {"kind": Categorical(["a", "b"]), "size": Int(1, 3), "deep": Categorical([False, True])},
        when={"size": [Condition("kind", ("b",))], "deep": [Condition("size", (3,))]},
    ),
}


@pytest.fixture(params=SAMPLERS)
def sampler(request: pytest.FixtureRequest) -> Sampler:
    return make_sampler(request.param)


def suggested(sampler: Sampler, study: Study, count: int, given: Params | None = None) -> list[Params]:
    """`count` suggestions; half of their trials go on running, the others end."""
    found: list[Params] = []
    for runs in cycle([True, True, False, False]):
        if len(found) == count:
            return found
        params = suggest(sampler, study, given=given, source="user" if given else "")
        found.append(params)
        if runs:
            begin(study, params)
        else:
            finish(study, params, some_loss(params))
    raise AssertionError("a cycle has no end")


def assert_all_differ(found: list[Params]) -> None:
    assert all(params not in found[:at] for at, params in enumerate(found)), found


@pytest.mark.parametrize("space", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_small_space_is_gone_through_before_anything_comes_again(
    sampler: Sampler, space: Space, seed: int
) -> None:
    study = new_study(space, seed=seed)
    assert_all_differ(suggested(sampler, study, grid_size(space, None)))


def test_what_users_asked_for_is_not_suggested_again(sampler: Sampler) -> None:
    study = new_study(SMALL["steps"])
    # on the grid of steps this is 0.30000000000000004
    begin(study, {"x": 0.3}, source="user")
    finish(study, {"x": 0.9}, 1.0)
    found = suggested(sampler, study, 7)
    assert_all_differ(found)
    assert not {3, 9} & {round(10 * float(params["x"] or 0)) for params in found}


def test_the_rest_of_what_users_asked_for_in_part_differs(sampler: Sampler) -> None:
    found = suggested(sampler, new_study(DISCRETE), 6, given={"b": "y"})
    assert {params["b"] for params in found} == {"y"}
    assert_all_differ(found)


def test_narrowed_ranges_are_gone_through_too(sampler: Sampler) -> None:
    study = new_study(SMALL["ints"])
    earlier = suggested(sampler, study, 3)
    narrow(study, k=(4, 8))
    left = [k for k in range(4, 9) if {"k": k} not in earlier]
    found = suggested(sampler, study, len(left))
    assert sorted(int(params["k"] or 0) for params in found) == left


@pytest.mark.parametrize("sampler", [RandomSampler(), SobolSampler(), GpSampler()])
def test_once_all_is_tried_points_come_again(sampler: Sampler) -> None:
    study = new_study(SMALL["ordered"])
    found = suggested(sampler, study, 9)
    assert_all_differ(found[:4])
    assert all(study.space.contains(params) for params in found)


def test_where_all_draws_repeat_the_grid_has_the_last_untried_point() -> None:
    study = new_study(SMALL["ints"])
    for k in (1, 2, 3, 4, 5, 6, 8, 9, 10):
        finish(study, {"k": k}, 1.0)
    assert first_untried(study, {}, cycle([{"k": 1}]), 0) == {"k": 7}
    finish(study, {"k": 7}, 1.0)
    assert first_untried(study, {}, cycle([{"k": 1}]), 0) == {"k": 1}
