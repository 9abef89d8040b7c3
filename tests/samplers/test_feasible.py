"""Every sampler proposes what satisfies the constraints on parameters, also where that is hard to find."""

from __future__ import annotations

import random

import pytest

from jupyter_tune.core.parameters import Categorical, Float, Int, Params
from jupyter_tune.core.ports import Sampler
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.registry import SAMPLERS, make_sampler
from jupyter_tune.samplers.feasible import require_feasible
from tests.samplers.studies import CONDITIONAL, finish, narrow, new_study, some_loss, suggest

PLANE = Space(x=Float(0, 1), y=Float(0, 1))
MIXED = Space(
    lr=Float(1e-5, 1.0, log=True),
    width=Int(1, 512, log=True),
    depth=Int(1, 8),
    opt=Categorical(["sgd", "adam"]),
)


@pytest.fixture(params=[name for name in SAMPLERS if name != "grid"])
def sampler(request: pytest.FixtureRequest) -> Sampler:
    return make_sampler(request.param)


def some(space: Space, sampler: Sampler, trials: int, *texts: str) -> list[Params]:
    study = new_study(space, subject_to=texts)
    for _ in range(trials):
        params = suggest(sampler, study)
        finish(study, params, some_loss(params))
    assert all(map(study.constraints.allow, (trial.params for trial in study.trials.values())))
    return [trial.params for trial in study.trials.values()]


@pytest.mark.parametrize(
    ("space", "texts"),
    [
        (PLANE, ["x + y < 0.5"]),
        (PLANE, ["0.7 < x**2 + y**2 < 0.701"]),
        (PLANE, ["x < 1e-6", "y > 1 - 1e-6"]),
        (MIXED, ["width * depth <= 64", "opt != 'adam' or lr <= 1e-3"]),
        (MIXED, ["width == 8 * depth"]),
        (CONDITIONAL, ["momentum < 0.1"]),
    ],
    ids=lambda value: " and ".join(value) if isinstance(value, list) else "",
)
def test_every_proposal_satisfies_the_constraints(sampler: Sampler, space: Space, texts: list[str]) -> None:
    params = some(space, sampler, 8, *texts)
    assert len({repr(each) for each in params}) > 4


def test_the_grid_has_the_points_that_satisfy_the_constraints_and_no_others() -> None:
    space = Space(a=Int(1, 4), b=Int(1, 4))
    params = some(space, make_sampler("grid"), 6, "a + b <= 4")
    assert len({(each["a"], each["b"]) for each in params}) == 6
    with pytest.raises(TuneError, match="all 6 points of the grid are tried"):
        some(space, make_sampler("grid"), 7, "a + b <= 4")


def test_given_values_are_kept_and_the_others_satisfy_the_constraints(sampler: Sampler) -> None:
    study = new_study(MIXED, subject_to=("width * depth == 24",))
    params = suggest(sampler, study, given={"depth": 6}, source="user")
    assert (params["depth"], params["width"]) == (6, 4)


def test_narrowed_ranges_and_constraints_hold_together(sampler: Sampler) -> None:
    study = new_study(PLANE, subject_to=("x + y < 0.5",))
    narrow(study, x=(0.4, 0.6))
    for _ in range(6):
        params = suggest(sampler, study)
        assert 0.4 <= float(params["x"] or 0) < 0.5
        assert study.constraints.allow(params)
        finish(study, params, some_loss(params))


def test_the_model_finds_an_optimum_at_the_edge_of_the_region() -> None:
    sampler, study = make_sampler("gp"), new_study(PLANE, subject_to=("x + y <= 0.9",))
    chance = random.Random(2)
    for number in range(25):
        start: Params = {"x": 0.1 * chance.random(), "y": 0.1}
        params = suggest(sampler, study) if number else start
        x, y = float(params["x"] or 0), float(params["y"] or 0)
        finish(study, params, (x - 0.6) ** 2 + (y - 0.6) ** 2)
    best = study.best_trial
    assert best is not None
    assert best.value == pytest.approx(0.045, abs=2e-3)


def test_what_cannot_be_satisfied_is_refused_with_the_constraint_named() -> None:
    study = new_study(PLANE, subject_to=("x + y > 3",))
    with pytest.raises(OptionError, match=r"narrow: no values in .* that satisfy x \+ y > 3"):
        require_feasible(study, study.ranges, {}, "narrow")
    with pytest.raises(TuneError, match="no values in these ranges"):
        suggest(make_sampler("random"), study)


def test_the_same_arguments_give_the_same_proposal_where_it_is_searched(sampler: Sampler) -> None:
    study = new_study(PLANE, subject_to=("0.7 < x**2 + y**2 < 0.701",))
    assert suggest(sampler, study) == suggest(type(sampler)(), study)
