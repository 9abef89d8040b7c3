"""The largest steps of a curve, kept as readings come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.trial import Trial


@given(st.lists(st.integers(-3, 12)))
def test_the_last_step_and_the_one_before_are_the_largest_of_the_curve_in_whatever_order_they_come(
    steps: list[int],
) -> None:
    trial = Trial(0, {}, "random")
    for step in steps:
        trial.measured(step, 0.5)
        last = max(trial.curve)
        assert trial.last_step == last
        assert trial.step_before == max((each for each in trial.curve if each != last), default=0)
    trial.forget_curve()
    assert (trial.last_step, trial.step_before, trial.curve) == (0, 0, {})


def test_a_copy_does_not_see_later_readings() -> None:
    trial = Trial(0, {}, "random")
    trial.measured(3, 0.5)
    twin = trial.copy()
    trial.measured(7, 0.4)
    assert (twin.last_step, twin.step_before, twin.curve) == (3, 0, {3: 0.5})
