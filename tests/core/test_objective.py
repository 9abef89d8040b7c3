from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.objective import Objective

HIGH, LOW = Objective("accuracy", maximize=True), Objective("loss", maximize=False)
BOTH = pytest.mark.parametrize("objective", [HIGH, LOW], ids=["maximize", "minimize"])
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_a_loss_is_the_value_or_its_negative():
    assert (HIGH.loss(2.0), LOW.loss(2.0)) == (-2.0, 2.0)
    assert HIGH.loss(np.array([1.0, -3.0])).tolist() == [-1.0, 3.0]


@BOTH
@given(FINITE)
def test_a_value_is_got_back_from_its_loss(objective, value):
    assert objective.value(objective.loss(value)) == value


@BOTH
@given(FINITE, FINITE)
def test_what_is_better_has_the_smaller_loss(objective, one, other):
    assert objective.is_better(one, other) == (objective.loss(one) < objective.loss(other))


@BOTH
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_counts_as_worst(objective, value):
    assert objective.loss_or_worst(value) == math.inf


@BOTH
def test_a_number_beats_none_and_nan_and_they_beat_nothing(objective):
    assert objective.is_better(0.0, None)
    assert objective.is_better(0.0, math.nan)
    assert not objective.is_better(math.nan, None)
    assert not objective.is_better(math.nan, 0.0)


@BOTH
def test_an_overflow_is_no_success(objective):
    unbeatable = objective.value(-math.inf)
    assert not objective.is_better(unbeatable, 0.0)
    assert not objective.is_better(unbeatable, None)
    assert objective.is_better(0.0, unbeatable)


@BOTH
def test_the_worst_infinity_still_beats_nothing_at_all(objective):
    worst = objective.value(math.inf)
    assert objective.is_better(worst, None)
    assert objective.is_better(1.0, worst)
    assert not objective.is_better(worst, 1.0)


def test_a_target_is_reached_by_what_equals_it():
    assert HIGH.is_reached(0.9, 0.9)
    assert HIGH.is_reached(0.9, 0.95)
    assert not HIGH.is_reached(0.9, 0.89)
    assert LOW.is_reached(0.1, 0.05)
    assert not LOW.is_reached(0.1, 0.2)


@BOTH
def test_the_best_passes_over_what_is_no_number(objective):
    assert objective.best([]) is None
    assert objective.best([math.nan, 1.0, math.nan]) == 1.0
    assert HIGH.best([1.0, 3.0, math.inf, 2.0]) == 3.0
    assert LOW.best([1.0, 3.0, -math.inf, 2.0]) == 1.0
