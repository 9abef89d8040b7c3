import numpy as np
import pytest

from jupyter_tune.core.parameters import Categorical, Float
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.landscape import landscape
from tests.samplers.studies import PLANE, begin, explored, narrow


def bowl(params):
    return 80 + 10 * (params["x"] - 0.3) ** 2 + params["y"]


def study_of(objective, *, space=PLANE, trials=8, maximize=False):
    return explored(space, objective, trials, maximize=maximize)


def gain_of(study):
    return landscape(study, "x", "y")["gain"]["value"]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("trials", [4, 8, 20])
def test_it_is_the_top_of_the_acquisition(sign, trials):
    study = study_of(lambda params: sign * bowl(params), trials=trials, maximize=sign < 0)
    picture = landscape(study, "x", "y")
    top = np.max(picture["acquisition"])
    # the plane is all there is, so the search can at most find what lies between its cells
    assert top * (1 - 1e-9) <= picture["gain"]["value"] < 1.5 * top
    for slice_ in (picture["slice_x"], picture["slice_y"]):
        assert max(slice_["acquisition"]) <= picture["gain"]["value"] * (1 + 1e-9)
    assert "loss" in picture["gain"]["note"]


def test_other_choices_are_searched_too():
    space = Space(x=Float(0, 1), y=Float(0, 1), kind=Categorical(["a", "b", "c"]))
    study = study_of(lambda p: p["x"] + p["y"] - (p["kind"] == "c"), space=space, trials=9)
    tops = [np.max(landscape(study, "x", "y", at={"kind": kind})["acquisition"]) for kind in "abc"]
    assert gain_of(study) >= max(tops) * (1 - 1e-9)


def test_it_is_in_metric_units():
    small, large = (gain_of(study_of(lambda params, unit=unit: unit * bowl(params))) for unit in (1, 1000))
    assert small > 0
    assert large == pytest.approx(1000 * small, rel=1e-3)


def test_it_is_the_same_every_time():
    study = study_of(bowl)
    assert gain_of(study) == gain_of(study)


def test_it_falls_as_the_optimum_is_found():
    assert gain_of(study_of(bowl, trials=40)) < 0.1 * gain_of(study_of(bowl, trials=5))


def test_what_runs_already_is_no_further_gain():
    study = study_of(bowl)
    before = landscape(study, "x", "y")
    at = np.unravel_index(np.argmax(before["acquisition"]), (40, 40))
    begin(study, {"x": before["x_values"][at[1]], "y": before["y_values"][at[0]]})
    assert gain_of(study) < before["gain"]["value"]


def test_it_keeps_to_the_present_ranges():
    study = study_of(bowl)
    everywhere = gain_of(study)
    narrow(study, x=(0.9, 1.0))
    picture = landscape(study, "x", "y")
    inside = np.array(picture["x_values"]) >= 0.9
    here = np.array(picture["acquisition"])[:, inside].max()
    assert here * (1 - 1e-9) <= picture["gain"]["value"] < everywhere


def test_flat_ground_promises_nothing():
    study = study_of(lambda params: float(params["x"] > 0.5), trials=40)
    assert gain_of(study) == 0.0
