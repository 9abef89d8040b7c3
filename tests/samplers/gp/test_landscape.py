import json
import time

import numpy as np
import pytest

from jupyter_tune.core.parameters import Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError
from jupyter_tune.samplers.gp.landscape import landscape
from jupyter_tune.samplers.random import RandomSampler
from jupyter_tune.samplers.sobol import SobolSampler
from tests.samplers.studies import CONDITIONAL, MIXED, begin, finish, narrow, new_study, some_loss, suggest

PLANE = Space(x=Float(0, 1), y=Float(1e-3, 1.0, log=True))


def bowl(params):
    return 80 + 10 * (params["x"] - 0.3) ** 2


def study_of(space, objective, trials=20, **options):
    study = new_study(space, **options)
    for _ in range(trials):
        params = suggest(SobolSampler(), study)
        finish(study, params, objective(params))
    return study


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


def test_it_is_json_and_axes_say_what_they_are():
    study = study_of(MIXED, some_loss)
    picture = landscape(study, "activation", "width", resolution=25)
    json.dumps(picture, allow_nan=False)
    assert (picture["x_type"], picture["y_type"]) == ("category", "log")
    assert picture["x_values"] == ["relu", "tanh", "gelu", None]
    assert np.array(picture["mean"]).shape == (len(picture["y_values"]), 4)
    assert picture["best"] == {axis: study.best_trial.params[picture[axis]] for axis in "xy"}
    assert picture["trials"]["number"] == list(range(20))
    assert landscape(study, "layers", "dropout")["x_values"] == [1, 2, 3, 4, 5]
    assert landscape(study, "layers", "momentum")["y_type"] == "linear"


def test_before_three_results_it_says_what_is_missing():
    study = study_of(PLANE, bowl, trials=1)
    picture = landscape(study, "x", "y")
    assert picture["mean"] == picture["deviation"] == picture["acquisition"] == []
    assert picture["note"] == "appears after 3 finished trials (1 so far)"
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


def test_it_is_quick():
    study = study_of(MIXED, some_loss, trials=30)
    landscape(study, "lr", "width")
    spent = []
    for _ in range(3):
        start = time.process_time()
        landscape(study, "lr", "width")
        spent.append(time.process_time() - start)
    # 0.15 s on an idle core; CPU time on a busy one may double
    assert min(spent) < 0.3
