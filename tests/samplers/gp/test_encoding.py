import math

import numpy as np
import pytest
from scipy.spatial.distance import pdist  # type: ignore[import-untyped]

from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.encoding import FINEST, Encoding
from tests.samplers.studies import CONDITIONAL, MIXED


@pytest.mark.parametrize("space", [MIXED, CONDITIONAL], ids=["mixed", "conditional"])
def test_snapped_points_and_params_are_two_names_of_one_thing(space):
    encoding = Encoding(space, space)
    u = encoding.spread(np.random.default_rng(0).random((200, len(encoding))))
    for row in u:
        params = encoding.to_params(row)
        assert space.check(params) == params
        assert encoding.to_unit(params) == pytest.approx(row.tolist(), abs=1e-9)
    assert encoding.snap(u) == pytest.approx(u, abs=1e-12)


def test_different_choices_are_one_apart_and_share_a_group():
    space = Space(a=Categorical(["x", "y", "z"]), b=Float(0, 1))
    encoding = Encoding(space, space)
    inputs = encoding.to_inputs(np.array([encoding.to_unit({"a": c, "b": 0.5}) for c in "xyz"]))
    assert encoding.groups == [0, 0, 0, 1]
    assert pdist(inputs) == pytest.approx([1, 1, 1])


def test_ordered_choices_and_numbers_are_one_column_and_constants_none():
    space = Space(size=Categorical(["s", "m", "l"], ordered=True), n=Int(1, 4), fixed=3)
    encoding = Encoding(space, space)
    assert encoding.groups == [0, 1]
    assert encoding.to_unit({"size": "l", "n": 1, "fixed": 3}) == pytest.approx([5 / 6, 1 / 8])


def test_narrowing_moves_no_point():
    now = MIXED.narrow({"lr": (1e-3, 1e-2), "width": (100, 200), "activation": ["tanh", None]})
    wide, slim = Encoding(MIXED, MIXED), Encoding(MIXED, now)
    params = MIXED.defaults()
    assert wide.to_unit(params) == slim.to_unit(params)
    u = slim.spread(np.random.default_rng(1).random((100, len(slim))))
    assert all(now.contains(slim.to_params(row)) for row in u)
    assert {slim.to_params(row)["activation"] for row in u} == {"tanh", None}


def test_inactive_parameters_stand_at_their_defaults():
    encoding = Encoding(CONDITIONAL, CONDITIONAL)
    u = encoding.spread(np.random.default_rng(0).random((50, len(encoding))))
    adam = u[u[:, 0] < 0.5]
    assert len(adam) > 5
    assert len(np.unique(adam[:, 1:4], axis=0)) == 1


def test_every_level_gets_its_share():
    space = Space(n=Int(1, 8), c=Categorical(["a", "b", "c"]))
    now = space.narrow({"n": (3, 6), "c": ["a", "c"]})
    v = (np.arange(1200)[:, None] + 0.5) / 1200 * np.ones((1, 2))
    encoding = Encoding(space, now)
    for column, expected in ((0, 300), (1, 600)):
        counts = np.unique(encoding.spread(v)[:, column], return_counts=True)[1]
        assert counts == pytest.approx(expected, abs=1)


def test_fine_axes_offer_all_values_where_they_are_coarse():
    space = Space(n=Int(1, 10**6, log=True))
    (axis,) = Encoding(space, space).axes
    assert axis.values is not None
    assert len(axis.values) <= FINEST
    assert set(range(1, 50)) <= set(axis.values)
    assert axis.values[-1] == 10**6


def test_numbers_pass_gradients_and_choices_none():
    space = Space(n=Int(1, 4), a=Categorical(["x", "y", "z"]), b=Float(0, 1))
    encoding = Encoding(space, space)
    inputs = encoding.to_inputs(np.array([[1 / 8, 1 / 6, 0.3]]))
    assert inputs.tolist() == [[1 / 8, math.sqrt(0.5), 0.0, 0.0, 0.3]]
    assert encoding.by_units(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]])).tolist() == [[1.0, 0.0, 5.0]]
