"""What every sampler promises the engine, whichever it is."""

from __future__ import annotations

import math
import random

import pytest

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Categorical, Float, Int, Params
from jupyter_tune.core.ports import Sampler
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import SpaceError
from jupyter_tune.registry import SAMPLERS, make_sampler
from jupyter_tune.samplers.random import RandomSampler
from tests.samplers.studies import (
    CONDITIONAL,
    MIXED,
    SPACES,
    begin,
    finish,
    narrow,
    new_study,
    some_loss,
    suggest,
)


@pytest.fixture(params=SAMPLERS)
def sampler(request: pytest.FixtureRequest) -> Sampler:
    return make_sampler(request.param)


def study_with(space: Space, trials: int) -> Study:
    study = new_study(space)
    chance = random.Random(5)
    for _ in range(trials):
        params = study.ranges.from_unit({name: chance.random() for name in space})
        finish(study, params, some_loss(params))
    return study


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("trials", [0, 1, 2, 12])
def test_suggestions_lie_in_the_space(sampler: Sampler, space: Space, trials: int):
    study = study_with(space, trials)
    for _ in range(4):
        params = suggest(sampler, study)
        assert space.check(params) == params
        assert [type(v) for v in space.check(params).values()] == [type(v) for v in params.values()]
        finish(study, params, some_loss(params))


def test_a_constant_space_has_one_suggestion(sampler: Sampler):
    study = new_study(Space(a=Float(2.0, 2.0), b=Int(3, 3), c="x"))
    assert suggest(sampler, study) == {"a": 2.0, "b": 3, "c": "x"}


def test_the_same_arguments_give_the_same_suggestion(sampler: Sampler):
    study = study_with(MIXED, 12)
    begin(study, suggest(RandomSampler(), study))
    asked = Suggest(study.highest + 1)
    first = sampler.suggest(study, asked, 3)
    # other suggestions in between leave no trace
    suggest(sampler, study_with(CONDITIONAL, 9))
    assert type(sampler)().suggest(study.snapshot(), asked, 3) == first == sampler.suggest(study, asked, 3)


@pytest.mark.parametrize("trials", [0, 12])
def test_given_values_are_kept_and_the_rest_filled_in(sampler: Sampler, trials: int):
    given: Params = {"lr": 0.0123, "activation": None, "layers": 4, "dropout": 0.25}
    study = study_with(MIXED, trials)
    params, source = sampler.suggest(study, Suggest(study.highest + 1, given, "user"), 0)
    assert source == "user"
    assert {name: params[name] for name in given} == given
    assert set(params) == set(MIXED)


def test_whole_given_params_come_back_as_they_are(sampler: Sampler):
    study = new_study(MIXED)
    command = Suggest(0, MIXED.defaults(), "default")
    assert sampler.suggest(study, command, 0) == (MIXED.defaults(), "default")


@pytest.mark.parametrize("trials", [0, 12])
def test_asking_for_a_conditional_parameter_asks_for_what_it_depends_on(sampler: Sampler, trials: int):
    study = study_with(CONDITIONAL, trials)
    for number in range(trials, trials + 4):
        params = suggest(sampler, study, number, given={"dampening": 0.2}, source="user")
        assert params["dampening"] == 0.2
        assert params["optimizer"] == "sgd"
        assert params["nesterov"] is False


def test_an_unknown_or_impossible_given_value_is_named(sampler: Sampler):
    study = new_study(MIXED)
    with pytest.raises(SpaceError, match="lrr"):
        suggest(sampler, study, given={"lrr": 1.0}, source="user")
    with pytest.raises(SpaceError, match=r"lr.*outside"):
        suggest(sampler, study, given={"lr": 3.0}, source="user")


def test_narrowed_ranges_are_obeyed_while_old_trials_lie_outside(sampler: Sampler):
    study = study_with(MIXED, 12)
    narrow(
        study,
        lr=(1e-3, 2e-3),
        momentum=(0.9, 0.99),
        dropout=(0.15, 0.45),
        width=(30, 33),
        batch=(20, 70),
        size=["small", "large"],
        activation=["tanh", None],
        flag=[False],
    )
    for _ in range(6):
        params = suggest(sampler, study)
        assert study.ranges.check(params) == params
        finish(study, params, some_loss(params))


def test_a_value_asked_for_before_the_ranges_narrowed_is_kept(sampler: Sampler):
    study = study_with(MIXED, 12)
    narrow(study, lr=(1e-3, 2e-3), layers=(1, 2))
    params = suggest(sampler, study, given={"lr": 0.5}, source="user")
    assert params["lr"] == 0.5
    assert params["layers"] in (1, 2)


def test_narrowing_to_a_single_choice_switches_conditions(sampler: Sampler):
    study = study_with(CONDITIONAL, 12)
    narrow(study, optimizer=["adam"])
    assert set(suggest(sampler, study)) == {"optimizer", "lr"}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_strange_values_and_failures_are_survived(sampler: Sampler, value: float | None):
    study = new_study(MIXED, max_steps=9)
    chance = random.Random(0)
    for number in range(12):
        params = MIXED.from_unit({name: chance.random() for name in MIXED})
        if number % 4 == 0:
            finish(study, params, value)
        elif number % 4 == 1:
            finish(study, params, None, state="failed")
        elif number % 4 == 2:
            finish(study, params, None, state="pruned", curve=[3.0, math.nan, 2.0])
        else:
            finish(study, params, some_loss(params), curve=[9.0, 8.0, 7.0, 6.0])
        assert MIXED.contains(suggest(sampler, study))
    nothing_but_failures = new_study(MIXED)
    for _ in range(12):
        params = MIXED.from_unit({name: chance.random() for name in MIXED})
        finish(nothing_but_failures, params, value, state="failed")
    assert MIXED.contains(suggest(sampler, nothing_but_failures))


def test_values_that_are_all_alike_are_survived(sampler: Sampler):
    study = new_study(MIXED)
    for value in (0.1 + 0.2, 0.3) * 6:
        finish(study, suggest(RandomSampler(), study), value)
    assert MIXED.contains(suggest(sampler, study))


def test_pending_trials_are_not_proposed_again(sampler: Sampler):
    study = study_with(MIXED, 12)
    seen = [trial.params for trial in study.trials.values()]
    for _ in range(6):
        params = suggest(sampler, study)
        assert params not in seen
        seen.append(params)
        begin(study, params)


def test_choices_keep_their_types():
    # 1, 1.0 and True are equal keys: a cache of one must not answer for another
    first = Space(x=Categorical([True, False]), y=Float(0, 1))
    second = Space(x=Categorical([1, 0]), y=Float(0, 1))
    for name in SAMPLERS:
        for space, expected in ((first, bool), (second, int)):
            assert type(suggest(make_sampler(name), study_with(space, 6))["x"]) is expected
