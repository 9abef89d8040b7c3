import numpy as np
import pytest

from jupyter_tune.core.parameters import Categorical
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp import prospects as module
from jupyter_tune.samplers.gp.landscape import landscape
from jupyter_tune.samplers.gp.prospects import prospects
from tests.samplers.studies import PLANE, explored, new_study

HORIZONS = (1, 5, 20)


def bowl(params):
    return 80 + 10 * (params["x"] - 0.3) ** 2 + params["y"]


def gains_of(study, **options):
    found = prospects(study, HORIZONS, **options)
    assert found is not None
    return np.array(found.gains)


@pytest.mark.parametrize("guided", [True, False])
def test_more_trials_gain_no_less_and_the_band_holds_the_median(guided):
    rows = gains_of(explored(PLANE, bowl, 8), guided=guided)
    assert rows[:, 0].tolist() == list(HORIZONS)
    assert (np.diff(rows[:, 1:], axis=0) >= 0).all()
    assert (rows[:, 2] <= rows[:, 3]).all()
    assert (rows[:, 1:] >= 0).all()


def test_a_search_that_asks_the_model_gains_more_than_one_that_goes_anywhere():
    study = explored(PLANE, bowl, 8)
    assert gains_of(study)[1, 1] > 1.5 * gains_of(study, guided=False)[1, 1]


def test_the_next_trial_gains_its_expected_improvement(monkeypatch):
    monkeypatch.setattr(module, "PATHS", 2000)
    study = explored(PLANE, bowl, 10)
    expected = landscape(study, "x", "y")["gain"]["value"]
    # the search looks between the points of the pool, and measures from the posterior mean
    assert gains_of(study)[0, 1] == pytest.approx(expected, rel=0.35)


def test_it_is_in_the_units_and_the_direction_of_the_metric():
    small = prospects(explored(PLANE, bowl, 8), HORIZONS)
    large = prospects(explored(PLANE, lambda params: 1000 * bowl(params), 8), HORIZONS)
    turned = prospects(explored(PLANE, lambda p: -bowl(p), 8, maximize=True), HORIZONS)
    assert small is not None
    assert large is not None
    assert turned is not None
    assert np.array(large.gains)[:, 1:] == pytest.approx(1000 * np.array(small.gains)[:, 1:], rel=1e-3)
    assert (large.noise, large.spread) == pytest.approx((1000 * small.noise, 1000 * small.spread), rel=1e-3)
    assert turned == small


def test_what_is_known_leaves_less_to_gain():
    few, many = (gains_of(explored(PLANE, bowl, trials)) for trials in (6, 24))
    assert many[-1, 1] < 0.2 * few[-1, 1]
    assert many[-1, 3] < few[-1, 3]


def test_where_everything_was_tried_there_is_next_to_nothing_to_gain():
    space = Space(kind=Categorical(["a", "b", "c", "d"]))
    study = explored(space, lambda params: float("abcd".index(str(params["kind"]))), 12)
    assert gains_of(study)[-1, 1] < 0.1


def test_it_is_the_same_every_time_and_another_seed_plays_other_worlds():
    study = explored(PLANE, bowl, 8)
    assert prospects(study, HORIZONS) == prospects(study, HORIZONS)
    assert prospects(study, HORIZONS) != prospects(study, HORIZONS, seed=1)


def test_before_five_trials_are_complete_nothing_is_known():
    assert prospects(new_study(PLANE), HORIZONS) is None
    assert prospects(explored(PLANE, bowl, 4), HORIZONS) is None
    assert prospects(explored(PLANE, bowl, 5), HORIZONS) is not None


def test_nothing_gains_more_than_lies_between_the_best_and_the_median():
    def rugged(params):
        return np.sin(40 * params["x"]) + np.sin(30 * params["y"])

    found = prospects(explored(PLANE, rugged, 12), HORIZONS)
    assert found is not None
    assert found.gains[-1][3] == found.spread
    # where half of them are as good as the best, the worst one says it
    alike = prospects(explored(PLANE, lambda params: float(float(str(params["x"])) > 0.9), 12), HORIZONS)
    assert alike is not None
    assert alike.spread == 0 < alike.gains[-1][3] <= 1
