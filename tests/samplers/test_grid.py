from itertools import islice, product

import pytest

from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.errors import TuneError
from jupyter_tune.samplers.grid import GridSampler, describe, grid_points, grid_size, spread_order
from tests.samplers.studies import CONDITIONAL, DISCRETE, begin, finish, narrow, new_study, suggest


def frozen(params):
    return tuple(sorted(params.items()))


@pytest.mark.parametrize(
    "radices", [[], [1], [5], [2, 2], [5, 5, 5], [4, 6, 10], [2, 3, 5], [1, 7, 1, 14], [70, 3]]
)
def test_every_digit_tuple_comes_exactly_once(radices):
    order = list(spread_order(radices))
    assert sorted(order) == sorted(product(*map(range, radices)))


@pytest.mark.parametrize("radices", [[5, 5, 5], [4, 6, 10], [2, 3, 16], [9, 9, 9, 9, 9]])
def test_each_value_shows_up_as_early_as_it_can(radices):
    for axis, radix in enumerate(radices):
        assert {digits[axis] for digits in islice(spread_order(radices), radix)} == set(range(radix))


def test_a_tenth_of_the_grid_already_covers_every_pair_of_halves():
    radices = [8, 8, 8, 8]
    halves = [tuple(d >= 4 for d in digits) for digits in islice(spread_order(radices), 410)]
    for one in range(4):
        for two in range(one):
            counts = [sum((h[one], h[two]) == pair for h in halves) for pair in product([0, 1], repeat=2)]
            assert min(counts) > 40  # about 102 each if even


@pytest.mark.parametrize("space", [DISCRETE, CONDITIONAL], ids=["discrete", "conditional"])
def test_a_study_of_the_grid_s_size_tries_each_point_once(space):
    size = grid_size(space, 100)
    study = new_study(space, trials=size)
    for number in range(size):
        finish(study, suggest(GridSampler(), study), float(number))
    tried = {frozen(trial.params) for trial in study.trials.values()}
    assert len(tried) == size
    with pytest.raises(TuneError, match=f"all {size} points"):
        suggest(GridSampler(), study)


def test_numbers_may_be_asked_for_in_any_order_and_all_at_once():
    study = new_study(DISCRETE)
    asked = [suggest(GridSampler(), study, number) for number in range(18)]
    assert len({frozen(params) for params in asked}) == 18
    begin(study, asked[0])
    assert suggest(GridSampler(), study, 1) == asked[1]
    assert suggest(GridSampler(), study, 2) == asked[2]


def test_a_stranger_in_between_costs_the_grid_no_point():
    study = new_study(DISCRETE)
    seen = set()
    finish(study, {"a": 1, "b": "x", "c": 0.25}, 0.0)
    for _ in range(18):
        params = suggest(GridSampler(), study)
        seen.add(frozen(params))
        finish(study, params, 0.0)
    assert len(seen) == 18


def test_after_narrowing_the_rest_of_the_smaller_grid_follows():
    study = new_study(DISCRETE)
    for _ in range(5):
        finish(study, suggest(GridSampler(), study), 0.0)
    narrow(study, a=(1, 2), b=["x"])
    inside = {frozen(p) for p in grid_points(study.ranges)}
    left = inside - {frozen(trial.params) for trial in study.trials.values()}
    for _ in range(len(left)):
        params = suggest(GridSampler(), study)
        left.remove(frozen(params))
        finish(study, params, 0.0)
    assert not left


def test_floats_get_as_many_points_as_the_budget_allows():
    space = Space(lr=Float(1e-4, 1.0, log=True), drop=Float(0, 0.5), act=Categorical(["a", "b"]))
    assert grid_size(space, 60) == 50
    assert grid_size(space, 50) == 50  # capping the budget at the size leaves the grid as it is
    assert grid_size(space, None) == 50
    assert grid_size(space, 3) == 8  # both ends at least
    assert describe(space, 60) == "50 points: lr 5, drop 5, act 2"
    values = sorted({float(p["lr"] or 0) for p in grid_points(space, 3)})
    assert values == pytest.approx([1e-4, 1e-2, 1.0])


def test_inactive_parameters_are_no_dimension():
    # adam: 3 lr; sgd: 3 lr x 3 momentum x (nesterov: 1, plain: 3 dampening)
    assert grid_size(CONDITIONAL, 39) == 39
    assert len({frozen(p) for p in grid_points(CONDITIONAL, 3)}) == 39


def test_log_integers_come_all():
    assert {p["n"] for p in grid_points(Space(n=Int(1, 9, log=True)))} == set(range(1, 10))


def test_a_huge_grid_costs_nothing_until_it_is_walked():
    space = Space({f"x{i}": Int(0, 99) for i in range(20)})
    assert grid_size(space, 10) == 100**20
    study = new_study(space, trials=10)
    assert len({frozen(suggest(GridSampler(), study, number)) for number in range(10)}) == 10
