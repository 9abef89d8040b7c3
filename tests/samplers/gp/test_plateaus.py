"""Flat ground: where it is seen, where it ends, and that it is left alone."""

from __future__ import annotations

import numpy as np

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.observations import observe
from jupyter_tune.samplers.gp.plateaus import Plateaus
from jupyter_tune.samplers.gp.sampler import GpSampler
from tests.samplers.studies import finish, new_study

LINE = Space(x=Float(0.0, 1.0))


def plateaus_of(study: Study) -> Plateaus:
    observations = observe(study)
    units = np.array([[trial.params["x"]] for trial in observations.trials], dtype=np.float64)
    return Plateaus.of(units, observations)


def covered(study: Study, *points: float) -> list[bool]:
    answer: list[bool] = plateaus_of(study).covers(np.array(points)[:, None]).tolist()
    return answer


def test_the_ground_between_trials_of_one_outcome_is_flat() -> None:
    study = new_study(LINE)
    for x in (0.40, 0.50):
        finish(study, {"x": x}, 0.1)
    finish(study, {"x": 0.9}, 0.7)
    assert covered(study, 0.45, 0.53, 0.7, 0.2) == [True, True, False, False]


def test_different_outcomes_make_no_flat_ground() -> None:
    study = new_study(LINE)
    for x, value in ((0.40, 0.1), (0.41, 0.10001), (0.9, 0.7)):
        finish(study, {"x": x}, value)
    assert covered(study, 0.40, 0.405, 0.9) == [False, False, False]


def test_three_equal_readings_are_one_outcome_whatever_came_after() -> None:
    study = new_study(LINE)
    finish(study, {"x": 0.4}, None, curve=[0.9, 0.5, 0.3, 0.2])
    finish(study, {"x": 0.5}, None, curve=[0.9, 0.5, 0.3], state="pruned")
    finish(study, {"x": 0.8}, None, curve=[0.9, 0.5, 0.31])
    assert covered(study, 0.45, 0.75) == [True, False]


def test_bad_flat_ground_ends_before_a_better_trial() -> None:
    study = new_study(LINE)
    for bad in (0.0, 0.1, 0.9, 1.0):
        finish(study, {"x": bad}, 5.0)
    finish(study, {"x": 0.5}, 0.1)
    assert covered(study, 0.45, 0.5, 0.55) == [False, False, False]


def test_trials_that_told_no_number_are_like_no_other() -> None:
    study = new_study(LINE)
    finish(study, {"x": 0.3}, 0.2)
    finish(study, {"x": 0.5}, None, state="failed")
    finish(study, {"x": 0.6}, float("nan"))
    assert covered(study, 0.55) == [False]


def test_the_sampler_leaves_a_step_that_it_knows() -> None:
    """A function in steps of width 1/4: the model alone would stay in the middle of the best step."""
    study = new_study(LINE)
    steps = [0.5, 0.2, 0.3, 0.9]
    for x in (0.05, 0.30, 0.48, 0.60, 0.95):
        finish(study, {"x": x}, steps[int(x * 4)])
    # two steps are still unmeasured in part; once all are known, any point is as good as another
    for number in range(5, 8):
        params, source = GpSampler().suggest(study, Suggest(number), seed=number)
        found = params["x"]
        assert isinstance(found, float)
        assert source == "gp"
        assert not 0.30 <= found <= 0.48
        finish(study, params, steps[min(3, int(found * 4))])


def test_where_all_is_flat_the_best_point_is_still_found() -> None:
    study = new_study(LINE)
    for x in (0.0, 0.2, 0.5, 0.8, 1.0):
        finish(study, {"x": x}, 1.0)
    params, _ = GpSampler().suggest(study, Suggest(5), seed=1)
    assert LINE.contains(params)
