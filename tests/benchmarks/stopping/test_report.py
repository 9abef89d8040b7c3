from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.stopping.histories import History
from tests.benchmarks.stopping.report import converged, coverage, left_and_saved, patience


def history(told: list[float], estimates: list[Any] | None = None) -> History:
    return History("p", 0, [{}] * len(told), told, told, estimates or [])


def test_regret_is_of_what_came_after_the_first_ten_trials():
    falling = history([10.0] * 10 + [8.0] * 10 + [6.0] * 20)
    assert left_and_saved(falling, None) == (0.0, 0.0)
    assert left_and_saved(falling, 20) == (0.5, 0.5)
    assert left_and_saved(history([1.0] * 40), 20) == (0.0, 0.5)


def test_patience_is_asked_after_every_tenth_trial():
    falling = history([10.0] * 10 + [8.0] * 50)
    assert patience(20)(falling) == 40
    assert patience(20, 0.5)(falling) == 30


@pytest.mark.parametrize(("high", "stop"), [(0.5, 30), (2.0, None)])
def test_a_rule_on_the_gain_waits_until_trials_gain_no_more(high, stop):
    told = [10.0] * 20 + [5.0] * 20
    estimates = [[known, 0.0, 100.0, [[20.0, 0.1, 0.0, high]], 1.0] for known in (10, 20, 30, 40)]
    # at 20 the model is asked for the first time; the fall comes after
    assert converged(history([10.0] * 15 + told[15:], estimates)) == (20 if high < 1 else None)
    late = history([10.0] * 15 + [5.0] * 25, estimates)
    assert converged(late) == stop


def test_coverage_counts_what_came():
    told = [10.0] * 10 + [9.0] * 10
    estimates = [[10, 0.0, 1.0, [[5.0, 1.0, 0.5, 1.5]], 1.0]]
    assert "| gain of 5 more trials | 100 % (100 to 100) | 0 % | 0 % | 1 |" in coverage(
        [history(told, estimates)]
    )
