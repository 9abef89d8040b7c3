import json
import time

import numpy as np
import pytest

from jupyter_tune.core.parameters import Float, Int, Params
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError
from jupyter_tune.samplers.gp.landscape import landscape
from jupyter_tune.samplers.random import RandomSampler
from tests.samplers.studies import (
    CONDITIONAL,
    MIXED,
    PLANE,
    begin,
    explored,
    finish,
    narrow,
    new_study,
    some_loss,
    suggest,
)


def bowl(params):
    return 80 + 10 * (params["x"] - 0.3) ** 2


def study_of(space, objective, trials=20, *, maximize=False):
    return explored(space, objective, trials, maximize=maximize)


@pytest.mark.parametrize("maximize", [False, True])
def test_mean_is_in_the_metric_s_units_and_direction(maximize):
    sign = -1 if maximize else 1
    study = study_of(PLANE, lambda p: sign * bowl(p), maximize=maximize)
    picture = landscape(study, "x", "y")
    mean = np.array(picture["mean"])
    assert mean.shape == (40, 40)
    truth = np.array([sign * bowl({"x": x}) for x in picture["x_values"]])
    assert mean.mean(axis=0) == pytest.approx(truth, abs=0.3)
    assert np.array(picture["deviation"]).min() > 0
    assert np.array(picture["deviation"]).max() < 5
    acquisition = np.array(picture["acquisition"])
    assert acquisition.min() >= 0
    assert acquisition.max() < 5


@pytest.mark.parametrize("maximize", [False, True])
def test_results_that_are_shown_as_less_bad_are_said_to_be(maximize):
    sign = -1 if maximize else 1
    study = study_of(PLANE, lambda p: sign * (1e27 if p["x"] > 0.7 else bowl(p)), maximize=maximize)
    picture = landscape(study, "x", "y")
    json.dumps(picture, allow_nan=False)
    assert f"loss {'below -' if maximize else 'above '}" in picture["note"]
    assert np.abs(picture["mean"]).max() < 1000
    assert "loss" not in landscape(study_of(PLANE, bowl), "x", "y")["note"]


def test_it_is_json_and_axes_say_what_they_are():
    study = study_of(MIXED, some_loss)
    picture = landscape(study, "activation", "width", resolution=25)
    json.dumps(picture, allow_nan=False)
    assert picture["x_values"] == ["relu", "tanh", "gelu", None]
    assert np.array(picture["mean"]).shape == (len(picture["y_values"]), 4)
    assert picture["best"] == {axis: study.best_trial.params[picture[axis]] for axis in "xy"}
    assert picture["trials"]["number"] == list(range(20))
    assert landscape(study, "layers", "dropout")["x_values"] == [1, 2, 3, 4, 5]


def test_before_three_results_it_says_what_is_missing():
    study = study_of(PLANE, bowl, trials=1)
    picture = landscape(study, "x", "y")
    assert picture["mean"] == picture["deviation"] == picture["acquisition"] == []
    assert picture["slice_x"] == {"values": [], "mean": [], "low": [], "high": [], "acquisition": []}
    assert picture["slice_y"] == picture["slice_x"]
    assert picture["importances"] is picture["gain"] is None
    assert picture["note"] == "the model needs 3 finished trials, and there are 1"
    assert landscape(new_study(PLANE), "x", "y")["best"] is None


def test_declared_ranges_are_shown_after_narrowing():
    study = study_of(PLANE, bowl)
    narrow(study, x=(0.4, 0.5))
    values = landscape(study, "x", "y")["x_values"]
    assert (values[0], values[-1]) == (0.0, 1.0)


def test_what_an_axis_depends_on_is_switched_on_and_told():
    study = new_study(CONDITIONAL)
    for at in range(8):
        params = suggest(RandomSampler(), study)
        finish(study, params, at + 10.0 * (params["optimizer"] == "sgd"))
    picture = landscape(study, "momentum", "lr")
    assert study.best_trial.params["optimizer"] == "adam"
    assert "optimizer='sgd'" in picture["note"]
    assert np.ptp(np.array(picture["mean"])) > 0
    assert len(picture["trials"]["x"]) == sum("momentum" in t.params for t in study.trials.values())


@pytest.mark.parametrize(("x", "y"), [("x", "x"), ("x", "nope"), ("fixed", "x")])
def test_impossible_axes_are_named(x, y):
    study = new_study(Space(x=Float(0, 1), n=Int(1, 3), fixed=1))
    with pytest.raises(OptionError, match=y if x == "x" else x):
        landscape(study, x, y)


def test_pending_trials_lower_the_acquisition_and_leave_the_mean():
    study = study_of(PLANE, bowl, trials=8)
    before = landscape(study, "x", "y")
    best = np.unravel_index(np.argmax(before["acquisition"]), (40, 40))
    begin(study, {"x": before["x_values"][best[1]], "y": before["y_values"][best[0]]})
    after = landscape(study, "x", "y")
    assert after["mean"] == before["mean"]
    assert after["acquisition"][best[0]][best[1]] < before["acquisition"][best[0]][best[1]]


@pytest.mark.parametrize("trials", [30, 100])
def test_it_is_quick(trials):
    study = study_of(MIXED, some_loss, trials=trials)
    landscape(study, "lr", "width")
    spent = []
    for _ in range(3):
        start = time.process_time()
        landscape(study, "lr", "width")
        spent.append(time.process_time() - start)
    # 0.1 s on an idle core; on a shared one CPU time too may triple
    assert min(spent) < 1


@pytest.mark.parametrize("maximize", [False, True])
def test_a_slice_is_the_plane_s_row_through_the_base_point(maximize):
    study = study_of(MIXED, some_loss, maximize=maximize)
    first = landscape(study, "lr", "width", resolution=12)
    j, i = 5, 7
    here = {"lr": first["x_values"][i], "width": first["y_values"][j]}
    picture = landscape(study, "lr", "width", resolution=12, at=here)
    for key in ("mean", "acquisition"):
        plane = np.array(picture[key])
        assert picture["slice_x"][key] == pytest.approx(plane[j])
        assert picture["slice_y"][key] == pytest.approx(plane[:, i])
    assert picture["slice_x"]["values"] == picture["x_values"]
    assert picture["slice_y"]["values"] == picture["y_values"]
    # what places the slices changes nothing of the plane
    assert picture["mean"] == first["mean"]
    assert picture["at"] == first["at"]


def test_a_slice_goes_through_the_best_trial():
    study = study_of(PLANE, lambda p: bowl(p) + p["y"])
    best = study.best_trial.params
    given = landscape(study, "x", "y", at=best)
    assert landscape(study, "x", "y")["slice_x"] == given["slice_x"]
    lowest = given["slice_x"]["values"][np.argmin(given["slice_x"]["mean"])]
    assert lowest == pytest.approx(0.3, abs=0.03)


def test_values_held_move_everything_but_what_the_model_knows():
    study = study_of(MIXED, some_loss)
    usual = landscape(study, "lr", "momentum")
    asked = landscape(study, "lr", "momentum", at={"width": 1000, "activation": None})
    assert asked["at"] == {**usual["at"], "width": 1000, "activation": None}
    assert set(usual["at"]) == set(MIXED) - {"lr", "momentum"}
    assert np.abs(np.subtract(asked["mean"], usual["mean"])).min() > 0
    assert asked["slice_x"]["mean"] != usual["slice_x"]["mean"]
    assert (asked["importances"], asked["gain"]) == (usual["importances"], usual["gain"])
    assert "width=1000 as asked" in asked["note"]
    # the answer's own base point is a question with the same answer
    again = landscape(study, "lr", "momentum", at=asked["at"])
    assert again == asked


def test_importances_know_nothing_of_pending_trials_and_narrowed_ranges():
    study = study_of(PLANE, bowl)
    before = landscape(study, "x", "y")["importances"]
    begin(study, {"x": 0.5, "y": 0.1})
    narrow(study, x=(0.4, 0.5))
    assert landscape(study, "x", "y")["importances"] == before
    assert before["names"] == ["x", "y"]
    assert before["mean"] == pytest.approx([1, 0], abs=0.02)


def test_trials_bring_what_was_observed_of_them():
    study = new_study(PLANE, maximize=True)
    point: Params = {"x": 0.5, "y": 0.1}
    finish(study, point, 0.7, curve=(0.1, 0.9, 0.7))
    finish(study, point, None, state="pruned", curve=(0.2, 0.4, 0.3))
    finish(study, point, None, state="failed", curve=(0.5,))
    finish(study, point, float("inf"))
    assert landscape(study, "x", "y")["trials"]["value"] == [0.7, 0.4, None, None]


def test_one_parameter_has_all_but_the_plane():
    study = study_of(Space(x=Float(0, 1), fixed=1), bowl)
    picture = landscape(study, "x", None)
    json.dumps(picture, allow_nan=False)
    assert picture["mean"] == picture["deviation"] == picture["acquisition"] == picture["y_values"] == []
    assert picture["slice_y"]["values"] == []
    assert picture["slice_x"]["mean"] == pytest.approx([bowl({"x": x}) for x in picture["x_values"]], abs=0.1)
    assert picture["importances"]["names"] == ["x"]
    assert picture["gain"]["value"] >= max(picture["slice_x"]["acquisition"]) * (1 - 1e-9)
