"""Every kind of parameter: its map onto [0, 1], its grid, its narrowing, and what is refused."""

from __future__ import annotations

import copy
import enum
import functools
import json
import math
import re
from typing import Any, cast

import cloudpickle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.parameters import Categorical, Float, Int, parameter_from_json, with_default
from jupyter_tune.errors import SpaceError
from tests.core.ranges import grids, parameters

units = st.floats(0, 1)


class Act(str, enum.Enum):  # noqa: UP042 as people write it; StrEnum has another str()
    RELU = "relu"
    TANH = "tanh"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


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


@given(grids(), units, units)
def test_narrowing_keeps_the_grid(parameter, one, other):
    narrow = parameter.narrow(sorted((parameter.from_unit(one), parameter.from_unit(other))), "p")
    grid = [parameter.from_unit((cell + 0.5) / parameter.cells) for cell in range(parameter.cells)]
    for cell in range(narrow.cells):
        value = narrow.from_unit((cell + 0.5) / narrow.cells)
        assert min(abs(value - point) for point in grid) < 1e-6 * parameter.step


# particular cases


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


def test_a_hundred_thousand_choices_are_allowed():
    parameter = Categorical(list(range(10**5)))
    assert parameter.from_unit(parameter.to_unit(99_999)) == 99_999


OBJECTS: list[list[Any]] = [
    list(Act),
    list(Size),
    [Size.SMALL, 1, 2],
    [(64, 64), (128,), ()],
    [[1], [2]],
    [0, False, 1, True, 1.0, None],
    [0, False, "0", "False"],
    [None, Act.RELU, "Act.RELU", (1, 2), "relu", 0.5],
    [dict, list, len, lambda: 1, lambda: 2],
    [0.5, math.inf, -math.inf],
    [np.ones(2), np.zeros(2), np.ones((2, 2))],
    [functools.partial(max, 1), functools.partial(max, 2)],
    [object(), object(), b"bytes", 1j, range(3)],
]


def without_addresses(objects: list[Any]) -> str:
    """A name that is the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(objects))


@pytest.mark.parametrize("objects", OBJECTS, ids=without_addresses)
def test_choices_are_kept_as_the_very_objects(objects: list[Any]) -> None:
    parameter = Categorical(objects, default=objects[-1])
    assert all(kept is given for kept, given in zip(parameter.choices, objects, strict=True))
    assert parameter.default is objects[-1]
    for place, choice in enumerate(objects):
        assert parameter.from_unit(parameter.to_unit(choice)) is choice
        assert parameter.check(choice, "p") is choice
        assert parameter.check(parameter.encode(choice), "p") is choice
        [kept] = parameter.narrow([choice], "p").choices
        assert kept is choice
        assert parameter.narrow([choice], "p").labels == (parameter.labels[place],)
        assert with_default(parameter, choice, "p").default is choice


@pytest.mark.parametrize("objects", OBJECTS, ids=without_addresses)
def test_labels_are_what_json_gives_back_and_all_different(objects: list[Any]) -> None:
    parameter = Categorical(objects, default=objects[-1])
    data = json.loads(json.dumps(parameter.to_json(), allow_nan=False))
    assert data == parameter.to_json()
    assert len(set(parameter.labels)) == len(objects)
    assert not any(" at 0x" in str(label) for label in parameter.labels)
    again = parameter_from_json(data)
    assert again == parameter == parameter.encoded
    assert again.choices == parameter.labels
    for copied in (copy.deepcopy(parameter), cloudpickle.loads(cloudpickle.dumps(parameter))):
        assert (copied.labels, copied.is_plain) == (parameter.labels, parameter.is_plain)


def test_labels_are_readable() -> None:
    given = [Act.RELU, dict, (64, 64), 1, True, "x", Size.LARGE]
    assert Categorical(given).labels == ("Act.RELU", "dict", "(64, 64)", "1", "True", "x", "Size.LARGE")


def test_what_json_holds_is_its_own_label() -> None:
    parameter = Categorical(["a", 1, 2.5, None, False])
    assert parameter.is_plain
    assert parameter.labels is parameter.choices


def test_choices_come_from_whatever_can_be_gone_through() -> None:
    assert Categorical(Act).choices == (Act.RELU, Act.TANH)
    assert Categorical({"b": 1, "a": 2}).choices == ("b", "a")
    assert Categorical({"b", "a", "c"}).choices == ("a", "b", "c")
    assert Categorical(x for x in "ab").choices == ("a", "b")
    assert Categorical(np.array([1, 2])).labels == (1, 2)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Float(2, 1), "Float: low must not exceed high, got low=2.0, high=1.0; swap them"),
        (lambda: Float(0, 1, log=True), "Float: log=True needs low > 0, got 0.0; try 1e-6"),
        (lambda: Int(0, 9, log=True), "Int: log=True needs low > 0, got 0; try 1"),
        (lambda: Float(math.nan, 1), "Float: low must be finite, got nan"),
        (lambda: Float(0, math.inf), "Float: high must be finite, got inf; give the largest value"),
        (lambda: Int(0, 10**400), "Int: high is too large; give the largest value to try"),
        (lambda: Float(cast(Any, "0"), 1), "Float: low must be a number, got '0' (str)"),
        (lambda: Float(False, 1), "Float: low must be a number, got False (bool)"),
        (lambda: Float(0, 1, step=2), "Float: step=2.0 is larger than the range 0.0 to 1.0"),
        (lambda: Float(0, 1, step=0), "Float: step must be positive, got 0.0"),
        (lambda: Float(0.1, 1, step=0.1, log=True), "Float: step needs a linear scale"),
        (lambda: Float(0, 1, reverse_log=True), "reverse_log=True needs 0 <= low and high < 1"),
        (lambda: Float(0.1, 0.9, log=True, reverse_log=True), "exclude each other"),
        (lambda: Float(0, 1, default=2), "default: 2.0 is outside 0.0 to 1.0"),
        (lambda: Int(cast(Any, 1.5), 3), "Int: low must be a whole number, got 1.5; use Float for fractions"),
        (lambda: Int(0, 3, step=5), "Int: step=5 is larger than the range 0 to 3"),
        (lambda: Int(1, 9, log=True, step=2), "Int: step needs a linear scale"),
        (lambda: Categorical([]), "Categorical: choices is empty"),
        (lambda: Categorical([1, Float(0, 1)]), r"Float(0.0, 1.0) is a range, not a choice"),
        (lambda: Categorical("abc"), "Categorical: choices must be a list, got 'abc'"),
        (lambda: Categorical(["a", "b", "a"]), "Categorical: 'a' is listed twice"),
        (lambda: Categorical([Act.RELU, Act.TANH, Act.RELU]), "<Act.RELU: 'relu'> is listed twice"),
        (lambda: Categorical([(1, 2), (1, 2)]), "Categorical: (1, 2) is listed twice"),
        (lambda: Categorical([[1], [2], [1]]), "Categorical: [1] is listed twice"),
        (lambda: Categorical([Act.RELU], default=Act.TANH), "default: <Act.TANH: 'tanh'> is none of"),
        (lambda: Categorical([0, False]).narrow([2], "n"), "n: 2 is none of the choices 0, False"),
        (lambda: Categorical(cast(Any, 3)), "Categorical: choices must be a list, got 3"),
        (lambda: Categorical(["a"], default="b"), "default: 'b' is none of the choices 'a'"),
        (lambda: parameter_from_json({"kind": "tensor"}), "unknown kind of parameter 'tensor'"),
        (lambda: with_default(Float(0, 1), 3, "lr"), "lr: default: 3.0 is outside 0.0 to 1.0"),
        (lambda: Float(0, 1).narrow((0, 2), "lr"), "lr: high: 2.0 is outside 0.0 to 1.0"),
        (lambda: Float(0, 1).narrow((0, 0.5, 1), "lr"), "lr: a narrowed range is (low, high)"),
        (lambda: Categorical(["a"]).narrow([], "act"), "act: no choice is left"),
    ],
)
def test_what_is_refused_and_how(build, message):
    with pytest.raises(SpaceError) as caught:
        build()
    assert message in str(caught.value)
