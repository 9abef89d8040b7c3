from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space, space_with
from jupyter_tune.errors import SpaceError
from tests.core.ranges import parameters

# any space


@st.composite
def spaces(draw):
    declared = {f"p{i}": p for i, p in enumerate(draw(st.lists(parameters, min_size=1, max_size=5)))}
    when = {}
    names = list(declared)
    for place, name in enumerate(names):
        parents = [n for n in names[:place] if isinstance(declared[n], Categorical)]
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            among = st.lists(st.sampled_from(declared[parent].choices), min_size=1, unique=True)
            when[name] = [Condition(parent, tuple(draw(among)))]
    return Space(declared, when=when)


@given(spaces())
def test_json_gives_back_the_space(space):
    assert Space.from_json(json.loads(json.dumps(space.to_json()))) == space


@given(spaces(), st.randoms(use_true_random=False))
def test_every_point_of_the_cube_is_a_whole_set_of_params(space, random):
    params = space.from_unit({name: random.random() for name in space})
    assert space.check(params) == params
    assert set(params) == {name for name in space if space.active(name, params)}
    assert set(space.to_unit(params)) == set(space)


@given(spaces())
def test_defaults_are_a_whole_set_of_params(space):
    assert space.contains(space.defaults())


@given(spaces())
def test_narrowing_to_everything_takes_no_value_away(space):
    assert [p.cells for p in space.narrow(space.ranges()).values()] == [p.cells for p in space.values()]


# particular cases

ACT = Space(
    {"act": Categorical(["relu", "prelu"]), "slope": Float(0, 1, default=0.2)},
    when={"slope": [Condition("act", ("prelu",))]},
)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Space(x=[1, 2]), "x: [1, 2] is not a range; use Float(low, high)"),
        (lambda: Space({"": 1}), "a parameter's name must be a string, got ''"),
        (lambda: Space(cast(Any, {3: 1})), "a parameter's name must be a string, got 3"),
        (lambda: Space({"e\u0301": 1, "\u00e9": 1}), "this name is declared twice; rename one"),
        (lambda: Space({"x": 1}, when={"x": [Condition("y", (1,))]}), "depends on 'y', which is not"),
        (
            lambda: Space({"x": 1, "y": 1}, when={"x": [Condition("y", (1,))]}),
            "x: depends on 'y'; declare that one first",
        ),
        (lambda: Space({"y": 1, "x": 1}, when={"x": {"y": []}}), "x: when: 'y' has no value beside which x"),
        (
            lambda: Space({"y": 1, "x": 1}, when=cast(Any, {"x": "y"})),
            """x: when: write {"x": {"parent": [values]}}, got 'y'""",
        ),
        (lambda: space_with(ACT, {"slope": {"act": "relu"}}), "when: a Space holds its conditions itself"),
        (lambda: Space(x=Float(0, 1)).narrow({"y": (0, 1)}), "y: no such parameter; there are x"),
    ],
)
def test_what_is_refused_and_how(build, message):
    with pytest.raises(SpaceError) as caught:
        build()
    assert message in str(caught.value)


@pytest.mark.parametrize("values", ["prelu", ["prelu"], ("prelu",)])
def test_conditions_are_written_as_parents_and_their_values(values):
    assert Space(dict(ACT), when={"slope": {"act": values}}) == ACT
    assert space_with(dict(ACT), {"slope": {"act": values}}) == ACT


def test_all_parents_must_have_one_of_their_values():
    parents = {"opt": Categorical(["sgd", "adam", "rmsprop"]), "tuned": Categorical([False, True])}
    space = Space({**parents, "rate": Float(0, 1)}, when={"rate": {"opt": ["sgd", "adam"], "tuned": True}})
    has_rate = {
        (opt, tuned): "rate" in space.complete({"opt": opt, "tuned": tuned})
        for opt in ("sgd", "adam", "rmsprop")
        for tuned in (False, True)
    }
    assert {pair for pair, has in has_rate.items() if has} == {("sgd", True), ("adam", True)}


def test_a_conditional_parameter_exists_only_beside_its_condition():
    assert ACT.defaults() == {"act": "relu"}
    assert ACT.complete({"act": "prelu"}) == {"act": "prelu", "slope": 0.2}
    with pytest.raises(SpaceError, match="slope: does not exist with act='relu'; leave it out"):
        ACT.complete({"slope": 0.3})


def test_conditions_reach_through_conditional_parents():
    space = Space(
        {**ACT, "deep": Int(1, 2)},
        when={"slope": ACT.conditions("slope"), "deep": [Condition("slope", (0.2,))]},
    )
    assert "deep" not in space.complete({"act": "relu"})
    assert "deep" in space.complete({"act": "prelu"})


def test_narrowing_keeps_conditions():
    assert ACT.narrow({"slope": [0.1, 0.2]}).conditions("slope") == ACT.conditions("slope")


def test_missing_and_unknown_values_are_named():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    with pytest.raises(SpaceError, match="y: has no value"):
        space.check({"x": 0.5})
    with pytest.raises(SpaceError, match="z: no such parameter; there are x, y"):
        space.complete({"z": 1})


def test_a_plain_value_is_a_constant():
    assert Space(batch=64).defaults() == {"batch": 64}


def test_values_become_the_parameters_type():
    params = Space(x=Float(0, 4), n=Int(0, 4)).check({"x": 2, "n": 3.0})
    assert [type(value) for value in params.values()] == [float, int]


def test_the_grid_counts_every_combination():
    assert Space(x=Float(0, 1), n=Int(1, 3), a=Categorical(["p", "q"])).grid_size(5) == 30


def test_params_go_to_labels_and_back() -> None:
    space = Space(
        {"size": Categorical([(1, 2), (3,)]), "flag": Categorical([0, False]), "x": Float(0, 1)},
        when={"x": [Condition("flag", (False,))]},
    )
    params: dict[str, Any] = {"size": (3,), "flag": False, "x": 0.5}
    labels = space.encode(params)
    assert labels == {"size": "(3,)", "flag": "False", "x": 0.5}
    decoded = space.decode(labels)
    assert decoded == params
    assert decoded["flag"] is False
    assert Space.from_json(space.to_json()) == space == space.encoded
    assert space.encoded.complete(labels) == labels
    assert space.complete(params) == params
    assert "x" not in space.complete({"flag": 0})
    assert "x" not in space.encoded.complete({"flag": "0"})
    assert space.encode_ranges({"size": [(3,)], "x": (0, 0.5)}) == {"size": ["(3,)"], "x": [0, 0.5]}


def test_a_space_of_scalars_is_its_own_encoding() -> None:
    space = Space(x=Float(0, 1), act=Categorical(["relu", 1, None]))
    assert space.encoded is space
    assert space.objects == {}
