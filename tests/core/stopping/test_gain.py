from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.events import DriverStarted, GainEstimated, StudyEnded
from jupyter_tune.core.stopping import stop_reason
from jupyter_tune.core.stopping.gain import BEHIND, LEAST_KNOWN
from tests.core.desk import Desk


def gain(mean: float, high: float, *, known: int = LEAST_KNOWN, noise: float = 0.0) -> GainEstimated:
    return GainEstimated(known, noise, 0.2, [[1, mean / 10, 0.0, high / 10], [20, mean, 0.0, high]])


def desk_of(**settings: Any) -> Desk:
    """Ten trials have brought nothing better."""
    desk = Desk(workers=1, **settings)
    for number in range(BEHIND + 1):
        desk.run(number, value=0.9)
    return desk


def test_a_model_that_expects_nothing_is_not_believed_while_trials_still_gain():
    desk = Desk(workers=1, stop_when_converged=True)
    for number in range(BEHIND + 1):
        desk.run(number, value=0.8 + number / 100)
    desk.tell(gain(0.0, 0.0))
    assert stop_reason(desk.engine.study) is None
    for number in range(BEHIND + 1, 2 * BEHIND + 1):
        desk.run(number, value=0.8)
    assert "nothing left to gain" in (stop_reason(desk.engine.study) or "")


def test_noise_beyond_a_tenth_of_what_was_found_counts_as_that_tenth():
    desk = desk_of(stop_when_converged=True)
    desk.tell(gain(0.0, 0.021, noise=5.0))
    assert stop_reason(desk.engine.study) is None
    desk.tell(gain(0.0, 0.019, noise=5.0))
    assert "less than the noise of a training, 0.02" in (stop_reason(desk.engine.study) or "")


def test_a_study_has_converged_once_the_gain_is_surely_below_what_matters():
    desk = desk_of(stop_when_converged=True)
    desk.tell(gain(0.001, 0.0021))
    assert stop_reason(desk.engine.study) is None
    desk.tell(gain(0.001, 0.0019))
    assert stop_reason(desk.engine.study) == (
        "nothing left to gain: 20 more trials would improve score by 0.0019 at most (90 % sure), "
        "less than 1 % of what was found beyond the median trial, 0.002"
    )


def test_what_matters_is_the_noise_where_that_is_more():
    desk = desk_of(stop_when_converged=True)
    desk.tell(gain(0.001, 0.009, noise=0.01))
    assert "less than the noise of a training, 0.01" in (stop_reason(desk.engine.study) or "")


def test_without_the_rule_an_estimate_ends_nothing():
    desk = Desk(workers=1)
    desk.run(0, value=0.9)
    desk.tell(gain(0.0, 0.0))
    assert stop_reason(desk.engine.study) is None


def test_a_model_of_few_trials_is_not_asked():
    desk = desk_of(stop_when_converged=True)
    desk.tell(gain(0.0, 0.0, known=LEAST_KNOWN - 1))
    assert stop_reason(desk.engine.study) is None


@pytest.mark.parametrize(("price", "ends"), [("1%/h", False), ("10%/h", True), ("0.009/h", False)])
def test_the_coming_trials_must_be_worth_their_time(price, ends):
    # trials of 1 s by 2 workers: 20 of them are 10 s, worth 0.0025 at 0.9 an hour
    desk = Desk(workers=2, price=price)
    desk.run(0, value=0.9)
    desk.tell(gain(0.0001, 0.001))
    assert (stop_reason(desk.engine.study) is not None) == ends


def test_the_price_is_said_beside_what_it_weighs():
    desk = Desk(workers=1, price="0.9/h")
    desk.run(0, value=0.9)
    desk.tell(gain(0.001, 0.01))
    assert stop_reason(desk.engine.study) == (
        "not worth its time: 20 more trials would take 20 s and improve score by 0.001; "
        "at 0.9/h that time is worth 0.005"
    )


def test_trials_that_are_worth_their_time_only_together_are_run():
    desk = Desk(workers=1, price="0.9/h")
    desk.run(0, value=0.9)
    desk.tell(GainEstimated(LEAST_KNOWN, 0.0, 0.2, [[1, 0.0, 0.0, 0.0], [20, 0.01, 0.0, 0.02]]))
    assert stop_reason(desk.engine.study) is None


def test_after_an_end_the_model_is_waited_for_anew():
    desk = desk_of(stop_when_converged=True)
    desk.tell(gain(0.0, 0.0), StudyEnded("nothing left to gain"), DriverStarted("again"))
    for number in range(20, 20 + BEHIND):
        desk.run(number, value=0.9)
    assert stop_reason(desk.engine.study) is None
    ended = BEHIND + 1
    desk.tell(gain(0.0, 0.0, known=ended + LEAST_KNOWN - 1))
    assert stop_reason(desk.engine.study) is None
    desk.tell(gain(0.0, 0.0, known=ended + LEAST_KNOWN))
    assert stop_reason(desk.engine.study) is not None
