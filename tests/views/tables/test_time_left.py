from __future__ import annotations

import pytest

from jupyter_tune.views.tables.time_left import MOST, Running, band


def test_the_band_holds_what_trials_of_one_length_take() -> None:
    found = band([10.0] * 20, [], 20, 4)
    assert found.low_s < 50.0 < found.high_s
    assert found.high_s - found.low_s < 40.0


def test_a_few_trials_tell_less_than_many() -> None:
    few, many = (band([8.0, 12.0] * count, [], 30, 2) for count in (1, 20))
    assert few.high_s - few.low_s > 1.5 * (many.high_s - many.low_s)


def test_trials_that_differ_make_the_band_wide() -> None:
    alike, unlike = band([10.0] * 20, [], 8, 4), band([1.0] * 10 + [19.0] * 10, [], 8, 4)
    assert unlike.high_s - unlike.low_s > 1.5 * (alike.high_s - alike.low_s)


def test_what_runs_has_part_of_its_time_behind_it() -> None:
    fresh, late = band([10.0] * 20, [Running(0.0)] * 2, 0, 2), band([10.0] * 20, [Running(8.0)] * 2, 0, 2)
    assert late.high_s < fresh.low_s


def test_one_that_runs_longer_than_all_others_takes_a_while_more() -> None:
    found = band([10.0] * 20, [Running(40.0)], 0, 1)
    assert 0.0 <= found.low_s < found.high_s < 30.0


def test_what_runs_says_how_long_trials_may_be() -> None:
    short = band([1.0] * 10, [], 20, 4)
    with_long = band([1.0] * 10, [Running(9.0)] * 4, 16, 4)
    assert with_long.left_s > 1.5 * short.left_s


def test_no_trial_runs_for_longer_than_its_full_training() -> None:
    assert band([1.0, 50.0, 50.0], [Running(9.0, most_s=1.0)], 0, 1).left_s <= 1.0


@pytest.mark.parametrize("to_start", [MOST, 10 * MOST])
def test_thousands_of_trials_are_no_wider_than_their_mean_is_known(to_start) -> None:
    found = band([8.0, 12.0] * 20, [], to_start, 10)
    assert found.low_s < to_start < found.high_s
    assert found.high_s < 1.7 * found.low_s


def test_it_is_the_same_every_time() -> None:
    assert band([1.0, 2.0, 3.0], [Running(0.5)], 7, 2) == band([1.0, 2.0, 3.0], [Running(0.5)], 7, 2)
