"""Where few trials run at a time, the first ones at a rung wait for rivals."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.events import RangesNarrowed, TrialEnded, TrialResumed, TrialStarted
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED
from tests.pruners.race import Race

LOSSES = [0.5, 0.7, 0.3, 0.9, 0.6, 0.8, 0.4, 0.55, 0.65]


def race(**settings: Any) -> Race:
    """Rungs at 1, 3 and 9."""
    return Race("asha", crowd=0, **settings)


def stop_at_first_rung(race: Race, losses: list[float]) -> None:
    for number, loss in enumerate(losses):
        assert not race.report(number, 1, loss)
        race.end(number, PRUNED)


def start_again(race: Race, number: int) -> None:
    race.apply(TrialResumed(number, race.study.trials[number].attempt, afresh=True))
    race.apply(TrialStarted(number, race.study.trials[number].attempt + 1))


def test_nine_trials_stop_at_the_first_rung_and_the_best_starts_again():
    alone = race()
    stop_at_first_rung(alone, LOSSES[:7])
    assert alone.resumes() == []
    assert not alone.report(7, 1, LOSSES[7])
    assert alone.reason(7).startswith(
        "asha: loss 0.55 at step 1 ranks 4 of 8, the best 3 go on (trial 2: 0.3"
    )
    alone.end(7, PRUNED)
    assert not alone.report(8, 1, 0.35)
    assert alone.reason(8) == "asha: loss 0.35 at step 1 awaits rivals: the best of the first 9 starts again"
    alone.end(8, PRUNED)
    assert alone.resumes() == [2]


def test_the_last_one_awaited_goes_on_at_once_if_it_is_the_best():
    alone = race()
    stop_at_first_rung(alone, LOSSES[:8])
    assert alone.report(8, 1, 0.2)
    assert alone.resumes() == []


def test_what_starts_again_is_not_stopped_where_it_was_and_no_other_follows():
    alone = race()
    stop_at_first_rung(alone, LOSSES)
    start_again(alone, 2)
    assert alone.study.trials[2].curve == {}
    assert len(alone.rungs[1]) == 8
    assert alone.report_again(2, 1, 0.3)
    assert len(alone.rungs[1]) == 9
    assert alone.resumes() == []
    # the second rung awaits three; this one is its first
    assert not alone.report_again(2, 3, 0.2)
    alone.apply(TrialEnded(2, 2, PRUNED))
    assert alone.resumes() == []


def test_the_second_rung_awaits_three_and_the_third_nobody():
    alone = race()
    stop_at_first_rung(alone, LOSSES)
    for number, loss in ((2, 0.2), (10, 0.15), (11, 0.25)):
        if number == 2:
            start_again(alone, 2)
            assert alone.report_again(2, 1, 0.3)
        else:
            assert alone.report(number, 1, 0.3)
        assert not alone.report_again(number, 3, loss)
        alone.apply(TrialEnded(number, alone.study.trials[number].attempt, PRUNED))
    assert alone.resumes() == [10]
    start_again(alone, 10)
    assert all(alone.report_again(10, step, 0.15) for step in (1, 3, 9, 20))


def test_after_that_the_second_rung_has_one_place_of_two():
    alone = race(trials=9)
    # three at the first rung, none at the second
    stop_at_first_rung(alone, [0.5, 0.3, 0.4])
    start_again(alone, 1)
    assert all(alone.report_again(1, step, 0.3) for step in (1, 3, 9))
    alone.apply(TrialEnded(1, 2, COMPLETE, 0.3))
    assert alone.report(3, 1, 0.35)
    assert not alone.report(3, 3, 0.35)
    assert "ranks 2 of 2, only the best goes on" in alone.reason(3)


@pytest.mark.parametrize(
    ("settings", "awaited"),
    [
        ({}, 9),
        ({"trials": 60}, 9),
        ({"trials": 14}, 4),
        ({"trials": 14, "confirm": 4}, 3),
        ({"trials": 5}, 1),
        # nine of them would cost more than two thirds of a full training
        ({"max_steps": 13}, 1),
        ({"max_steps": 14}, 9),
        ({"max_steps": 9, "trials": 14}, 4),
        ({"reduction_factor": 2}, 4),
    ],
)
def test_how_many_are_awaited(settings: dict[str, Any], awaited: int) -> None:
    alone = race(**settings)
    going_on = []
    for number in range(12):
        # each is better than those before it
        going_on.append(alone.report(number, 1, -number))
        alone.end(number, PRUNED)
    assert going_on.index(True) == awaited - 1


def test_with_a_crowd_nobody_waits():
    assert Race("asha", crowd=2).report(0, 1, 0.5)
    assert not Race("asha", crowd=1).report(0, 1, 0.5)
    assert Race("hyperband", crowd=0).report(0, 1, 0.5)


def test_the_last_trials_of_a_study_await_nobody_and_one_starts_again():
    alone = race(trials=12)
    for number in range(10):
        assert alone.report(number, 0, 0.5)
        alone.end(number, FAILED)
    assert not alone.report(10, 1, 0.5)
    alone.end(10, PRUNED)
    assert alone.resumes() == []
    assert alone.report(11, 1, 0.6)
    alone.end(11, FAILED)
    assert alone.resumes() == [10]


def test_who_starts_again_is_the_best_that_may():
    alone = race()
    stop_at_first_rung(alone, [float("nan"), *LOSSES])
    assert alone.resumes() == [3]
    start_again(alone, 3)
    alone.apply(TrialEnded(3, 2, FAILED))
    assert alone.resumes() == [7], "the best has failed"


def test_nothing_starts_again_outside_narrowed_ranges():
    alone = race()
    stop_at_first_rung(alone, LOSSES)
    alone.apply(RangesNarrowed(1, {"x": [0.6, 1.0]}))
    assert alone.resumes() == []


def test_what_starts_again_goes_on_with_a_worse_reading_and_though_another_had_its_readings():
    alone = Race("asha", crowd=0, min_steps=3, max_steps=50)
    for number in range(9):
        assert alone.report(number, 1, 0.5, "random")
        assert alone.report(number, 2, 0.5)
        assert not alone.report(number, 3, 0.5)
        alone.end(number, PRUNED)
    assert alone.resumes() == [0]
    start_again(alone, 0)
    assert alone.report_again(0, 1, 0.5)
    assert alone.report_again(0, 2, 0.5)
    assert alone.report_again(0, 3, 0.5), "eight others had these readings"
    noisy = race()
    stop_at_first_rung(noisy, LOSSES)
    start_again(noisy, 2)
    assert noisy.report_again(2, 1, 0.45), "second of nine now"
