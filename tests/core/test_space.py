from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.parameters import Categorical, Float, Int, parameter_from_json, with_default
from jupyter_tune.core.space import Condition, Space
from jupyter_tune.errors import SpaceError

# every kind of parameter


def finite(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


@st.composite
def floats(draw):
    kind = draw(st.sampled_from(["linear", "log", "reverse_log", "step"]))
    if kind == "log":
        low, high = sorted(draw(st.tuples(finite(1e-12, 1e12), finite(1e-12, 1e12))))
        return Float(low, high, log=True)
    if kind == "reverse_log":
        low, high = sorted(draw(st.tuples(finite(0, 0.999999), finite(0, 0.999999))))
        return Float(low, high, reverse_log=True)
    low, high = sorted(draw(st.tuples(finite(-1e4, 1e4), finite(-1e4, 1e4))))
    if kind == "linear" or high - low < 1:
        return Float(low, high)
    return Float(low, high, step=(high - low) / draw(st.integers(1, 50)))


@st.composite
def ints(draw):
    log = draw(st.booleans())
    low = draw(st.integers(1 if log else -(10**6), 10**6))
    high = low + draw(st.integers(0, 10**6))
    step = None if log or high == low else draw(st.integers(1, high - low))
    return Int(low, high, log=log, step=step)


choices = st.lists(
    st.one_of(st.text(), st.integers(-9, 9), st.booleans(), st.none(), finite(-9, 9)),
    min_size=1,
    max_size=6,
    unique=True,
)
categoricals = st.builds(Categorical, choices, ordered=st.booleans())
parameters = st.one_of(floats(), ints(), categoricals)
units = st.floats(0, 1)


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


@given(parameters, units)
def test_every_point_of_the_unit_interval_is_a_value(parameter, unit):
    value = parameter.from_unit(unit)
    assert parameter.check(value, "p") == value


@given(parameters, units)
def test_a_value_maps_into_the_unit_interval_and_back(parameter, unit):
    value = parameter.from_unit(unit)
    there = parameter.to_unit(value)
    assert 0 <= there <= 1
    back = parameter.from_unit(there)
    if isinstance(value, float) and parameter.cells is None:
        # logarithms cost some of the 16 digits, at worst those by which 1 - x is small
        assert back == pytest.approx(value, rel=1e-9, abs=1e-9)
    else:
        assert back == value


@given(parameters, units, units)
def test_the_map_is_monotone(parameter, one, other):
    if isinstance(parameter, Categorical):
        return
    low, high = sorted((one, other))
    assert parameter.from_unit(low) <= parameter.from_unit(high)


@given(parameters)
def test_the_ends_of_the_interval_are_the_ends_of_the_range(parameter):
    if isinstance(parameter, Categorical):
        ends = parameter.choices[0], parameter.choices[-1]
    elif parameter.step not in (None, 1):
        return
    else:
        ends = parameter.low, parameter.high
    found = parameter.from_unit(0), parameter.from_unit(1)
    if isinstance(parameter, Float):
        assert found == pytest.approx(ends, rel=1e-9, abs=1e-12)
    else:
        assert found == ends


@given(parameters)
def test_the_default_is_a_value(parameter):
    assert parameter.check(parameter.default, "p") == parameter.default


@given(parameters)
def test_json_gives_back_the_parameter(parameter):
    assert parameter_from_json(json.loads(json.dumps(parameter.to_json()))) == parameter


@given(parameters, units, units)
def test_narrowing_stays_inside_what_was_declared(parameter, one, other):
    to: list[Any]
    if isinstance(parameter, Categorical):
        to = list(parameter.choices[: max(1, int(one * len(parameter.choices)))])
    else:
        to = sorted((parameter.from_unit(one), parameter.from_unit(other)))
    narrow = parameter.narrow(to, "p")
    for unit in (0.0, 0.3, 0.5, 1.0):
        value = narrow.from_unit(unit)
        assert parameter.check(value, "p") == value
        if isinstance(parameter, Categorical):
            assert value in to
        else:
            assert to[0] <= value <= to[1]
    assert narrow.check(narrow.default, "p") == narrow.default


@given(floats(), units, units)
def test_narrowing_keeps_the_grid(parameter, one, other):
    if parameter.step is None:
        return
    narrow = parameter.narrow(sorted((parameter.from_unit(one), parameter.from_unit(other))), "p")
    grid = [parameter.from_unit((cell + 0.5) / parameter.cells) for cell in range(parameter.cells)]
    for cell in range(narrow.cells):
        value = narrow.from_unit((cell + 0.5) / narrow.cells)
        assert min(abs(value - point) for point in grid) < 1e-6 * parameter.step


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


def anything(value: object) -> Any:
    """A value of a type that a type checker would refuse."""
    return value


def test_two_neighbouring_grid_values_keep_their_step():
    # 0.3 - 0.2 is a rounding error less than 0.1
    narrow = Float(0, 1, step=0.1).narrow((0.2, 0.3), "p")
    assert narrow.step == 0.1
    assert {narrow.from_unit(unit) for unit in (0.0, 0.4, 0.6, 1.0)} == {0.2, 0.3}


def test_the_last_grid_value_lies_inside_the_range():
    # with 12 digits 2/3 would come out above itself
    assert Float(0, 2 / 3, step=2 / 9).from_unit(1) <= 2 / 3
    assert Float(1 / 3, 1, step=1 / 3).from_unit(0) >= 1 / 3


def test_a_grid_shows_round_numbers():
    assert Float(0, 1, step=0.1).from_unit(0.35) == 0.3


def test_a_value_off_the_grid_maps_into_the_cube():
    assert 0 <= Int(0, 11, step=3).to_unit(11) <= 1
    assert 0 <= Float(0, 1.1, step=0.3).to_unit(1.1) <= 1


def test_narrowing_snaps_to_the_grid_inwards():
    assert Int(0, 12, step=3).narrow((1, 10), "n").range == (3, 9)
    with pytest.raises(SpaceError, match="n: no value of the grid"):
        Int(0, 12, step=3).narrow((4, 5), "n")


def test_defaults_are_in_the_middle_of_the_scale():
    assert Float(1e-4, 1, log=True).default == pytest.approx(1e-2)
    assert Float(0.9, 0.999, reverse_log=True).default == pytest.approx(0.99)
    assert Int(0, 10).default == 5
    assert Categorical(["b", "a"]).default == "b"


def test_every_whole_number_of_a_log_range_owns_a_share():
    counted = {Int(1, 4, log=True).from_unit(i / 1000) for i in range(1001)}
    assert counted == {1, 2, 3, 4}


def test_equal_ends_are_a_constant():
    assert Float(2, 2).is_constant
    assert Float(2, 2).from_unit(0.3) == 2
    assert Int(2, 2, log=True).from_unit(0.9) == 2
    assert Categorical(["x"]).is_constant


def test_numpys_scalars_become_plain():
    four: Any = np.int64(4)
    parameter = Int(four - 3, four + 5, default=four)
    assert json.dumps(parameter.to_json())
    assert type(parameter.default) is int
    assert type(Categorical([np.float64(0.5)]).choices[0]) is float


def test_a_million_choices_are_allowed():
    parameter = Categorical(list(range(10**6)))
    assert parameter.from_unit(parameter.to_unit(999_999)) == 999_999


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Float(2, 1), "Float: low must not exceed high, got low=2.0, high=1.0; swap them"),
        (lambda: Float(0, 1, log=True), "Float: log=True needs low > 0, got 0.0; try 1e-6"),
        (lambda: Int(0, 9, log=True), "Int: log=True needs low > 0, got 0; try 1"),
        (lambda: Float(math.nan, 1), "Float: low must be finite, got nan"),
        (lambda: Float(0, math.inf), "Float: high must be finite, got inf; give the largest value"),
        (lambda: Int(0, 10**400), "Int: high is too large; give the largest value worth trying"),
        (lambda: Float(anything("0"), 1), "Float: low must be a number, got '0' (str)"),
        (lambda: Float(False, 1), "Float: low must be a number, got False (bool)"),
        (lambda: Float(0, 1, step=2), "Float: step=2.0 is larger than the range 0.0 to 1.0"),
        (lambda: Float(0, 1, step=0), "Float: step must be positive, got 0.0"),
        (lambda: Float(0.1, 1, step=0.1, log=True), "Float: step needs a linear scale"),
        (lambda: Float(0, 1, reverse_log=True), "reverse_log=True needs 0 <= low and high < 1"),
        (lambda: Float(0.1, 0.9, log=True, reverse_log=True), "exclude each other"),
        (lambda: Float(0, 1, default=2), "default: 2.0 is outside 0.0 to 1.0"),
        (lambda: Int(anything(1.5), 3), "Int: low must be a whole number, got 1.5; use Float for fractions"),
        (lambda: Int(0, 3, step=5), "Int: step=5 is larger than the range 0 to 3"),
        (lambda: Int(1, 9, log=True, step=2), "Int: step needs a linear scale"),
        (lambda: Categorical([]), "Categorical: choices is empty"),
        (lambda: Categorical("abc"), "Categorical: choices must be a list, got 'abc'"),
        (lambda: Categorical(["a", "b", "a"]), "Categorical: 'a' is listed twice"),
        (lambda: Categorical([1, True]), "Categorical: True is listed twice"),
        (lambda: Categorical(anything([object])), "cannot be a choice; use a name for it"),
        (lambda: Categorical(["a"], default="b"), "default: 'b' is none of the choices 'a'"),
        (lambda: Space(x=[1, 2]), "x: [1, 2] is not a range; use Float(low, high)"),
        (lambda: Space({"": 1}), "a parameter's name must be a string, got ''"),
        (lambda: Space(anything({3: 1})), "a parameter's name must be a string, got 3"),
        (lambda: Space({"e\u0301": 1, "\u00e9": 1}), "this name is declared twice; rename one"),
        (lambda: Space({"x": 1}, when={"x": [Condition("y", (1,))]}), "depends on 'y', which is not"),
        (
            lambda: Space({"x": 1, "y": 1}, when={"x": [Condition("y", (1,))]}),
            "x: depends on 'y'; declare that one first",
        ),
        (lambda: parameter_from_json({"kind": "tensor"}), "unknown kind of parameter 'tensor'"),
        (lambda: with_default(Float(0, 1), 3, "lr"), "lr: default: 3.0 is outside 0.0 to 1.0"),
        (lambda: Float(0, 1).narrow((0, 2), "lr"), "lr: high: 2.0 is outside 0.0 to 1.0"),
        (lambda: Float(0, 1).narrow((0, 0.5, 1), "lr"), "lr: a narrowed range is (low, high)"),
        (lambda: Categorical(["a"]).narrow([], "act"), "act: no choice is left"),
        (lambda: Space(x=Float(0, 1)).narrow({"y": (0, 1)}), "y: no such parameter; there are x"),
    ],
)
def test_what_is_refused_and_how(build, message):
    with pytest.raises(SpaceError) as caught:
        build()
    assert message in str(caught.value)


ACT = Space(
    {"act": Categorical(["relu", "prelu"]), "slope": Float(0, 1, default=0.2)},
    when={"slope": [Condition("act", ("prelu",))]},
)


def test_a_conditional_parameter_exists_only_beside_its_condition():
    assert ACT.defaults() == {"act": "relu"}
    assert ACT.complete({"act": "prelu"}) == {"act": "prelu", "slope": 0.2}
    with pytest.raises(SpaceError, match="slope: does not exist beside act='relu'; leave it out"):
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
