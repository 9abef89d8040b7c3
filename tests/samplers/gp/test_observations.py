import math

import pytest

from jupyter_tune.core.events import TrialReported
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.observations import observe
from jupyter_tune.samplers.gp.subset import MOST
from tests.samplers.studies import begin, finish, new_study, tell

LINE = Space(x=Float(0, 1))


def losses(study):
    return dict(zip([t.number for t in observe(study).trials], observe(study).losses, strict=True))


def test_maximising_is_minimising_the_negative():
    study = new_study(LINE, maximize=True)
    finish(study, {"x": 0.1}, 2.0)
    finish(study, {"x": 0.2}, 3.0)
    assert losses(study) == {0: -2.0, 1: -3.0}


def test_failures_nan_and_infinities_count_as_the_worst_seen():
    study = new_study(LINE)
    finish(study, {"x": 0.1}, 2.0)
    finish(study, {"x": 0.2}, 5.0)
    for value in (math.nan, math.inf, -math.inf):
        finish(study, {"x": 0.3}, value)
    finish(study, {"x": 0.4}, None, state="failed")
    assert losses(study) == {0: 2.0, 1: 5.0, 2: 5.0, 3: 5.0, 4: 5.0, 5: 5.0}
    assert observe(study).informative == 2


def test_nothing_but_failures_teaches_nothing():
    study = new_study(LINE)
    finish(study, {"x": 0.1}, None, state="failed")
    assert observe(study).trials == []


def test_a_pruned_trial_is_moved_by_what_others_still_gained():
    study = new_study(LINE, max_steps=4)
    finish(study, {"x": 0.1}, None, curve=[4.0, 3.0, 2.0, 1.0])
    finish(study, {"x": 0.2}, None, curve=[5.0, 4.0, 3.5, 3.0])
    finish(study, {"x": 0.3}, None, state="pruned", curve=[6.0, 5.5])
    # from step 2 on: 3 -> 1 and 4 -> 3, the median change is -1.5
    assert losses(study)[2] == pytest.approx(4.0)


def test_a_guess_never_beats_the_best_complete_trial():
    study = new_study(LINE, max_steps=4)
    finish(study, {"x": 0.1}, None, curve=[9.0, 9.0, 9.0, 1.0])
    finish(study, {"x": 0.3}, None, state="pruned", curve=[2.0])
    assert losses(study)[1] == 1.0


def test_changes_between_the_ends_of_the_floats_stay_finite():
    study = new_study(LINE, max_steps=4)
    for x in (0.1, 0.2):
        finish(study, {"x": x}, None, curve=[1.7e308, 1.0, 0.0, -1.7e308])
    finish(study, {"x": 0.3}, None, state="pruned", curve=[1.7e308])
    finish(study, {"x": 0.4}, None, state="pruned", curve=[-1.7e308])
    assert list(losses(study).values()) == [-1.7e308] * 4
    study = new_study(LINE, max_steps=4)
    finish(study, {"x": 0.1}, None, curve=[-1.7e308, 1.0, 2.0, 1.7e308])
    study.trials[0].value = 1.7e308
    finish(study, {"x": 0.3}, None, state="pruned", curve=[5.0])
    assert math.isfinite(losses(study)[1])


def test_a_live_trial_teaches_once_it_has_passed_the_first_rung():
    study = new_study(LINE, max_steps=4, min_steps=2)
    finish(study, {"x": 0.1}, None, curve=[4.0, 3.0, 2.0, 1.0])
    for curve in ([9.0], [8.0, 6.0]):
        number = begin(study, {"x": 0.2})
        for step, reading in enumerate(curve, 1):
            tell(study, TrialReported(number, 1, step, {"loss": reading}))
    # from step 2 on, 3 -> 1
    assert losses(study) == {0: 1.0, 2: 4.0}


def test_what_ran_to_its_end_is_no_guess():
    study = new_study(LINE, max_steps=4)
    finish(study, {"x": 0.1}, None, curve=[4.0, 3.0, 2.0, 1.0])
    assert not observe(study).guessed
    finish(study, {"x": 0.1}, None, state="pruned", curve=[4.0])
    assert observe(study).guessed


def test_live_and_unreported_cancelled_trials_are_left_out():
    study = new_study(LINE)
    finish(study, {"x": 0.1}, 1.0)
    begin(study, {"x": 0.2})
    finish(study, {"x": 0.3}, None, state="cancelled")
    assert list(losses(study)) == [0]


def test_long_studies_teach_by_their_best_their_newest_and_a_spread():
    study = new_study(LINE, trials=None)
    for number in range(MOST + 300):
        finish(study, {"x": 0.5}, float(number))
    numbers = [trial.number for trial in observe(study).trials]
    assert len(numbers) == MOST
    assert set(range(150)) | set(range(550, 700)) <= set(numbers)
    assert len([n for n in numbers if 150 <= n < 550]) == 100
