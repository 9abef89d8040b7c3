import pytest

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Float, Int, Params
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.samplers.completion import finish, space_for
from tests.samplers.studies import CONDITIONAL, MIXED, narrow, new_study


def test_a_given_value_is_a_range_of_one_point():
    space = space_for(new_study(MIXED), {"lr": 0.01, "size": "large", "layers": 2})
    assert space.ranges() == MIXED.ranges() | {"lr": [0.01, 0.01], "size": ["large"], "layers": [2, 2]}


def test_a_value_beside_the_steps_is_drawn_in_its_cell_and_handed_back_as_it_was():
    study = new_study(MIXED)
    given = {"batch": 100, "dropout": 0.33}
    space = space_for(study, given)
    assert space["batch"].range == (96, 96)
    params = finish(study, space.defaults(), given)
    assert (params["batch"], params["dropout"]) == (100, 0.33)


def test_what_a_grandchild_needs_reaches_the_grandparent():
    space = space_for(new_study(CONDITIONAL), {"dampening": 0.1})
    assert space["optimizer"].range == ("sgd",)
    assert space["nesterov"].range == (False,)


def test_of_the_values_that_serve_one_inside_the_present_ranges_is_taken():
    space = Space({"n": Int(1, 9), "x": Float(0, 1)}, when={"x": [Condition("n", (2, 5, 8))]})
    study = new_study(space)
    narrow(study, n=(4, 9))
    assert space_for(study, {"x": 0.5})["n"].range == (5, 5)


def test_values_that_contradict_each_other_are_named():
    study = new_study(CONDITIONAL)
    given: Params = {"optimizer": "adam", "momentum": 0.5}
    with pytest.raises(SpaceError, match=r"momentum.*optimizer='adam'"):
        finish(study, space_for(study, given).defaults(), given)
