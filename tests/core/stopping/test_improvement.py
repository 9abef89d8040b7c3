from __future__ import annotations

import math

import pytest

from jupyter_tune.core.commands import Close, Suggest
from jupyter_tune.core.events import TrialAdded, TrialResumed
from jupyter_tune.core.stopping import stop_reason
from jupyter_tune.core.trial import PRUNED
from tests.core.desk import Desk


def desk_of(*values: float, direction: str = "maximize", patience: int = 3, gain: float = 0.01) -> Desk:
    desk = Desk(workers=1, direction=direction, patience=patience, patience_gain=gain)
    for number, value in enumerate(values):
        desk.run(number, value=value)
    return desk


def ends(desk: Desk) -> bool:
    return stop_reason(desk.engine.study) is not None


def test_many_small_improvements_count_together():
    # 0.4 % a trial is 1.2 % in three
    assert not ends(desk_of(*(0.5 * 1.004**number for number in range(12))))
    assert ends(desk_of(*(0.5 * 1.002**number for number in range(12))))


def test_the_reason_gives_the_improvement_and_what_it_fell_short_of():
    desk = desk_of(0.8, 0.8001, 0.7)
    assert desk.run(3, value=0.8002) == [
        Close("the last 3 trials improved score by 0.0002, less than 1 % of 0.8")
    ]


def test_the_first_trials_are_waited_for():
    assert not ends(desk_of(0.8, 0.8001, 0.8002))


def test_a_loss_that_keeps_halving_near_zero_goes_on():
    assert not ends(desk_of(*(2.0**-number for number in range(40)), direction="minimize"))


def test_where_the_sign_changes_the_share_is_of_the_distance_to_the_median():
    # a score around 0: from 0.0001 to 0.0002 doubles it, and means nothing
    values = (-1.0, 0.0001, -2.0, -0.5, -1.5, 0.0002)
    assert ends(desk_of(*values))
    assert not ends(desk_of(*values[:-1], 0.1))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_are_no_improvement_and_no_scale(value):
    assert not ends(desk_of(0.5, value, value, 0.6))
    assert ends(desk_of(0.5, 0.4, value, value, value))


def test_a_best_value_of_zero_is_improved_by_anything():
    assert not ends(desk_of(0.0, 0.0, 0.0, 1e-9))


def test_a_pruned_trial_that_goes_on_counts_when_it_ends_again():
    desk = desk_of(0.5, 0.4)
    desk.run(2, PRUNED)
    desk.tell(TrialResumed(2, 1))
    assert desk.run(3, value=0.5) != [Close("no better trial in the last 3")]
    assert len(desk.engine.study.progress.recent) == 3


def test_results_from_elsewhere_are_what_must_be_improved_and_use_up_no_patience():
    desk = Desk(workers=1, patience=2, patience_gain=0.01)
    for number in range(4):
        desk.tell(TrialAdded(10 + number, {"x": 0.1, "y": 0.1}, 0.9))
    assert desk.run(0, value=0.9001) == [Suggest(14)]
    assert ends(desk) is False
    desk.run(14, value=0.9002)
    assert ends(desk)
