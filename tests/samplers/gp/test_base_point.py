import pytest

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError, SpaceError
from jupyter_tune.samplers.gp.base_point import BasePoint
from tests.samplers.studies import CONDITIONAL, finish, new_study

PLAIN = Space(
    lr=Float(1e-4, 1.0, log=True), width=Int(8, 64, step=8), act=Categorical(["relu", "tanh"]), seed=7
)
SGD = {"optimizer": "sgd", "momentum": 0.9, "nesterov": False, "dampening": 0.1, "lr": 0.1}
ADAM = {"optimizer": "adam", "lr": 0.01}
RIVALS = Space(
    {
        "kind": Categorical(["a", "b", "ab"]),
        "alpha": Float(0, 1),
        "beta": Float(0, 1),
        "gamma": Float(0, 1),
    },
    when={
        "alpha": [Condition("kind", ("a", "ab"))],
        "beta": [Condition("kind", ("b", "ab"))],
        "gamma": [Condition("kind", ("b",))],
    },
)


def after(space, params):
    """A study in which trial 0 had the `params` and is the best."""
    study = new_study(space)
    finish(study, params, 1.0)
    return study


def test_everything_stands_at_the_best_trial_s_values():
    best = {"lr": 0.02, "width": 24, "act": "tanh", "seed": 7}
    base = BasePoint.of(after(PLAIN, best), ["lr"])
    assert base.axes == {"lr": 0.02}
    assert base.others == {"width": 24, "act": "tanh", "seed": 7}
    assert base.note == "other parameters at the best trial's values"


def test_without_a_best_trial_everything_stands_at_its_default():
    base = BasePoint.of(new_study(PLAIN), ["lr", "act"])
    assert {**base.axes, **base.others} == PLAIN.defaults()
    assert base.note == "other parameters at their defaults"


def test_held_values_are_kept_and_told_also_those_of_an_axis():
    study = after(PLAIN, {"lr": 0.02, "width": 24, "act": "tanh", "seed": 7})
    base = BasePoint.of(study, ["lr"], {"width": 64, "act": "tanh", "lr": 0.5})
    assert base.axes == {"lr": 0.5}
    assert base.others == {"width": 64, "act": "tanh", "seed": 7}
    assert base.note == "other parameters at the best trial's values; width=64 as asked"


def test_a_value_beside_the_steps_stands_where_the_model_sees_it():
    assert BasePoint.of(new_study(PLAIN), ["lr"], {"width": 30}).others["width"] == 32


@pytest.mark.parametrize(
    ("space", "axes"),
    [
        (PLAIN, ["lr", "act"]),
        (CONDITIONAL, ["momentum", "lr"]),
        (CONDITIONAL, ["optimizer"]),
        (CONDITIONAL, ["optimizer", "dampening"]),
        # alpha and gamma never exist together, but both along kind
        (RIVALS, ["kind"]),
        (RIVALS, ["kind", "gamma"]),
    ],
)
def test_what_it_answers_can_be_asked_for_again(space, axes):
    study = after(space, ADAM if space is CONDITIONAL else space.defaults())
    first = BasePoint.of(study, axes)
    again = BasePoint.of(study, axes, first.others)
    assert (again.axes, again.others) == (first.axes, first.others)


def test_what_an_axis_depends_on_is_moved_up_to_the_root():
    base = BasePoint.of(after(CONDITIONAL, ADAM), ["dampening", "lr"])
    # momentum and nesterov come to life with optimizer, at their defaults
    assert base.others == {"optimizer": "sgd", "momentum": pytest.approx(0.495), "nesterov": False}
    assert "nesterov=False, on which dampening depends" in base.note
    assert "optimizer='sgd', on which nesterov depends" in base.note


def test_what_a_held_value_depends_on_is_moved_too():
    base = BasePoint.of(after(CONDITIONAL, ADAM), ["lr"], {"momentum": 0.5})
    assert base.others["optimizer"] == "sgd"
    assert base.others["momentum"] == 0.5


def test_values_of_another_branch_are_left_out():
    base = BasePoint.of(after(CONDITIONAL, SGD), ["lr"], {"optimizer": "adam"})
    assert base.others == {"optimizer": "adam"}


def test_children_of_an_axis_have_a_place_to_stand():
    base = BasePoint.of(after(CONDITIONAL, ADAM), ["optimizer", "lr"])
    assert set(base.others) == {"momentum", "nesterov", "dampening"}


def test_the_curve_of_a_child_is_drawn_where_it_exists_beside_its_parent_s_axis():
    base = BasePoint.of(after(CONDITIONAL, ADAM), ["optimizer", "momentum"])
    assert base.axes["optimizer"] == "sgd"
    assert "curve at optimizer='sgd', on which momentum depends" in base.note
    assert BasePoint.of(after(CONDITIONAL, ADAM), ["optimizer", "dampening"]).axes["optimizer"] == "sgd"


def test_a_value_that_suits_all_is_found():
    assert BasePoint.of(new_study(RIVALS), ["alpha", "beta"]).others["kind"] == "ab"
    assert BasePoint.of(new_study(RIVALS), ["alpha"], {"beta": 0.5}).others["kind"] == "ab"


@pytest.mark.parametrize(
    ("space", "axes", "at", "error", "message"),
    [
        (
            PLAIN,
            ["lr"],
            {"depth": 3},
            OptionError,
            "'depth' is not a parameter; there are lr, width, act, seed",
        ),
        (PLAIN, ["lr"], {"width": 100}, SpaceError, "width: 100 is outside 8 to 64"),
        (PLAIN, ["lr"], {"width": "wide"}, SpaceError, "width must be a number, got 'wide'"),
        (PLAIN, ["lr"], {"act": "elu"}, SpaceError, "act: 'elu' is none of the choices 'relu', 'tanh'"),
        (PLAIN, ["lr"], ["act"], OptionError, r"at is \['act'\]; give a mapping"),
        (
            CONDITIONAL,
            ["lr", "momentum"],
            {"optimizer": "adam"},
            OptionError,
            "momentum does not exist with optimizer='adam'; hold optimizer at 'sgd', or not at all",
        ),
        (
            CONDITIONAL,
            ["lr"],
            {"dampening": 0.1, "optimizer": "adam"},
            OptionError,
            "nesterov does not exist with optimizer='adam'",
        ),
        (RIVALS, ["alpha", "gamma"], None, OptionError, "alpha and gamma never exist together.* of kind"),
        (RIVALS, ["alpha"], {"gamma": 0.1}, OptionError, "alpha and gamma never exist together"),
    ],
)
def test_what_cannot_be_is_named_with_a_way_out(space, axes, at, error, message):
    with pytest.raises(error, match=message):
        BasePoint.of(new_study(space), axes, at)
