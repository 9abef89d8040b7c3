from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.trial import PRUNED
from jupyter_tune.pruners.asha import AshaPruner
from tests.pruners.race import Race

# three trials or more, minimised: step 1, 3 and 9 are rungs


def asha(**settings: Any) -> Race:
    return Race("asha", **settings)


def test_the_rungs_are_those_of_the_paper():
    # eta 3, r 1, R 27: rungs at 1, 3, 9; the last one is the end
    assert list(asha().rungs) == [1, 3, 9]


def test_a_table_worked_by_hand():
    # Losses at rung 1 in order of arrival, eta = 3. With n values, sorted best first, the cut is
    # at place (n - 1) / 3 between neighbours: those above it are stopped.
    #   n  sorted                     place  cut                         arrival
    #   1  .5                          -     too few                     keep .5
    #   2  .4 .5                       -     too few                     keep .4
    #   3  .4 .5 .6                   2/3    .4 + 2/3 * .1 = .4667       stop .6
    #   4  .3 .4 .5 .6                 1     .4                          keep .3
    #   5  .3 .39 .4 .5 .6            4/3    .39 + 1/3 * .01 = .3933     keep .39
    #   6  .3 .39 .395 .4 .5 .6       5/3    .39 + 2/3 * .005 = .3933    stop .395
    #   7  .3 .39 .395 .4 .5 .6 .7     2     .395                        stop .7
    race = asha()
    losses = [0.5, 0.4, 0.6, 0.3, 0.39, 0.395, 0.7]
    assert [race.report(number, 1, loss) for number, loss in enumerate(losses)] == [
        True,
        True,
        False,
        True,
        True,
        False,
        False,
    ]


def test_the_worked_example_of_the_paper_but_stopping():
    # Figure 1 there: eta 3, r 1, R 9, nine configurations: 9 at step 1, 3 at step 3, 1 at step 9.
    # That is promotion, which waits for rivals. Stopping decides on arrival: the first two of a rung
    # have too few rivals to be stopped, and later ones must be among the best third *so far*.
    # Here the better come first, so no late arrival profits: 9, then 2 (the third best came when a
    # third of 3 was 1), and both of those go on.
    race = asha(max_steps=9)
    going_on = list(range(9))
    reached = []
    for step in (1, 3):
        reached.append(len(going_on))
        going_on = [number for number in going_on if race.report(number, step, loss=number / 10)]
    assert (reached, going_on) == ([9, 2], [0, 1])
    assert list(race.rungs) == [1, 3]


def test_the_worse_first_all_go_on():
    # the other end: each is the best so far when it comes
    race = asha(max_steps=9)
    assert all(race.report(number, 1, loss=1 - number / 10) for number in range(9))


def test_the_same_records_give_the_same_decisions():
    race = asha()
    kept = [race.report(n, s, ((7 * n + s) % 11) / 10) for s in (1, 2, 3, 9) for n in range(11)]
    assert race.replayed() == kept


def test_maximising_is_minimising_upside_down():
    race = asha(direction="maximize")
    losses = [0.5, 0.4, 0.6, 0.3, 0.39, 0.395, 0.7]
    assert [race.report(number, 1, -loss) for number, loss in enumerate(losses)] == [
        True,
        True,
        False,
        True,
        True,
        False,
        False,
    ]


def test_between_rungs_the_value_at_the_last_one_counts():
    race = asha()
    for number, loss in enumerate([0.1, 0.2, 0.3, 0.15]):
        race.report(number, 1, loss)
    assert race.report(0, 2, 99.0)
    for number in (1, 3):
        race.report(number, 3, 0.1)
    assert not race.report(0, 3, 99.0)


def test_a_rung_jumped_over_counts_as_reached():
    race = asha()
    assert race.report(0, 9, 0.5)
    assert race.rungs == {1: {0: 0.5}, 3: {0: 0.5}, 9: {0: 0.5}}
    race.report(1, 9, 0.4)
    assert not race.report(2, 9, 0.6)


def test_a_trial_that_arrived_without_rivals_is_judged_once_they_have_come():
    race = asha(min_steps=9, max_steps=100)
    race.report(0, 9, 0.9)
    assert race.report(0, 10, 0.1)
    for number in (1, 2):
        race.report(number, 9, 0.1)
    # by what it was at the rung, not by what it is now; and no trial is stopped at its last step
    assert not race.report(0, 11, 0.1)
    assert race.report(0, 100, 0.9)


def test_an_earlier_rung_is_not_opened_again():
    race = asha()
    race.report(0, 1, 0.9)
    race.report(0, 3, 0.1)
    for number in range(1, 6):
        race.report(number, 1, 0.1)
    assert race.report(0, 4, 0.1)


def test_before_the_grace_no_trial_is_stopped():
    race = asha(min_steps=4, max_steps=100)
    assert all(race.report(number, step, float(number)) for number in range(9) for step in (1, 2, 3))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_what_is_no_number_is_worst(bad, direction):
    race = asha(direction=direction)
    assert race.report(0, 1, 0.5)
    assert race.report(1, 1, 0.5)
    assert not race.report(2, 1, bad)
    assert race.report(3, 1, 0.5)


def test_among_failures_a_number_survives():
    race = asha()
    for number in range(6):
        race.report(number, 1, math.nan)
    assert race.report(6, 1, 123.0)


def test_equals_go_on_together():
    race = asha()
    assert all(race.report(number, 1, 0.5) for number in range(9))


@pytest.mark.parametrize("settings", [{"max_steps": None}, {"max_steps": 1}])
def test_without_steps_to_compare_no_trial_is_stopped(settings):
    race = asha(**settings)
    assert all(race.report(number, 1, float(number)) for number in range(9))


# resuming


def test_stopped_too_early_and_among_the_best_third_after_all():
    race = asha(max_steps=9)
    for number in range(9):
        race.arrive(number, 1, loss=number / 10)
        # a third of 9 are 3, of fewer values less
        assert race.resumes() == ([2] if number == 8 else [])
    # with 0 and 1, which went on, the three that the paper promotes
    assert [trial.number for trial in race.study.in_state(PRUNED)] == [2, 3, 4, 5, 6, 7, 8]


def test_trials_that_got_furthest_are_resumed_first_and_then_the_best():
    race = asha()
    for number in range(12):
        race.arrive(number, 1, loss=number / 100)
    assert race.resumes() == [2, 3]
    # trial 0 and 1 went on; they and two that jumped to step 3 make a rung there
    for number, loss in [(0, 0.4), (1, 0.3), (50, 0.5), (51, 0.6)]:
        race.arrive(number, 3, loss)
    assert race.study.resumable >= {50, 51}
    for number in range(60, 68):
        race.arrive(number, 3, loss=0.9)
    # of the 12 at step 3 the best four; of the 22 at step 1 the best seven, without those at step 3
    assert race.resumes() == [50, 51, 2, 3, 4, 5, 6]


def test_only_the_last_rung_that_a_trial_reached_counts():
    race = asha()
    race.report(0, 1, 0.1)
    for number in range(1, 9):
        race.report(number, 1, 0.5)
        race.report(number, 3, 0.5)
    # best of all at step 1, worst at step 3
    race.arrive(0, 3, 0.9)
    assert race.resumes() == []


def test_without_a_checkpoint_no_trial_is_resumed():
    race = asha()
    for number in range(12):
        if not race.report(number, 1, loss=number / 100):
            race.end(number, PRUNED)
    assert race.resumes() == []


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_resumed_even_among_its_like(bad):
    race = asha()
    for number in range(12):
        race.arrive(number, 1, bad)
    assert len(race.study.resumable) > 5
    assert race.resumes() == []


@given(st.lists(st.floats(), min_size=1, max_size=30), st.sampled_from(["minimize", "maximize"]))
def test_a_trial_that_is_resumed_would_be_kept_now(values, direction):
    race = asha(direction=direction)
    for number, value in enumerate(values):
        race.arrive(number, 1, value)
    resumed = race.resumes()
    assert all(not AshaPruner().prune_reason(race.study, number) for number in resumed)
    gone_on = len(values) - len(race.study.resumable)
    assert len(resumed) <= len(values) // 3
    sign = 1 if direction == "maximize" else -1
    worth = [sign * v if math.isfinite(v) else -math.inf for v in values]
    for number in resumed:
        assert sum(other > worth[number] for other in worth) < len(values) // 3
    assert gone_on + len(resumed) >= sum(math.isfinite(v) for v in values) // 3


# any values

losses = st.lists(st.floats(), min_size=1, max_size=40)


@given(losses, st.integers(2, 5))
def test_the_best_so_far_always_goes_on(values, factor):
    race = asha(reduction_factor=factor, crowd=5)
    best = math.inf
    for number, value in enumerate(values):
        kept = race.report(number, 1, value)
        if math.isfinite(value) and value <= best:
            best = value
            assert kept


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40, unique=True), st.integers(2, 5))
def test_a_trial_that_goes_on_is_among_the_best_part_of_its_rivals(values, factor):
    race = asha(reduction_factor=factor)
    for number, value in enumerate(values):
        arrived = number + 1
        ahead = sum(other < value for other in values[:number])
        if race.report(number, 1, value) and arrived >= factor:
            assert ahead <= (arrived - 1) / factor


@pytest.mark.parametrize("sign", [1, -1])
def test_the_reason_says_where_the_trial_stood_and_behind_whom(sign):
    race = asha(direction="minimize" if sign > 0 else "maximize")
    for number, loss in enumerate([0.5, 0.4, 0.6, 0.3]):
        race.report(number, 3, sign * loss)
    race.report(4, 3, sign * 0.7)
    # the report that it is stopped at may be a later one than the rung's
    race.report(4, 4, sign * 0.65)
    minus = "" if sign > 0 else "-"
    assert race.reason(4) == (
        f"asha: loss {minus}0.7 at step 3 ranks 5 of 5, the best 2 go on "
        f"(trial 3: {minus}0.3, trial 1: {minus}0.4, trial 0: {minus}0.5)"
    )
    assert race.reason(3) == ""


def test_the_reason_of_a_reading_that_is_no_number_says_so():
    race = asha()
    for number, loss in enumerate([0.5, 0.4, math.nan]):
        race.report(number, 1, loss)
    assert race.reason(2).startswith("asha: loss nan at step 1 ranks 3 of 3, only the best goes on")
