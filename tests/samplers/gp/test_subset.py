"""Of thousands of observations, those that the model is given."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_tune.samplers.gp.subset import MOST, subset

N = 2_000


@pytest.fixture
def losses() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(0).normal(size=(N, 2))


def test_up_to_the_bound_all_are_given() -> None:
    assert subset(np.zeros(MOST)).tolist() == list(range(MOST))
    assert len(subset(np.zeros(MOST + 1))) == MOST


def test_the_best_of_those_that_are_preferred_are_given_though_all_others_are_better() -> None:
    losses = np.arange(N, 0.0, -1)  # the last are the best
    feasible = np.arange(N) < 500
    plain, chosen = set(subset(losses)), set(subset(losses, feasible))
    assert set(range(490, 500)) <= chosen
    assert not set(range(490, 500)) <= plain
    # the feasible ones do not take all places
    assert len([i for i in chosen if losses[i] <= 30]) == 30


def test_of_several_metrics_the_best_in_each_and_those_between_are_given(losses: np.ndarray) -> None:
    losses[7] = [-9.0, 9.0]
    losses[8] = [9.0, -9.0]
    losses[9] = [-2.5, -2.5]
    chosen = subset(losses)
    assert {7, 8, 9} <= set(chosen.tolist())
    assert len(chosen) == MOST
    # worst in both, and neither new nor one of the few that stand for the rest
    assert len(set(np.argsort(-losses.min(axis=1))[:300].tolist()) & set(chosen.tolist())) < 100


def test_the_choice_does_not_depend_on_the_units_of_a_metric(losses: np.ndarray) -> None:
    assert subset(losses).tolist() == subset(losses * [1e6, 1e-6] + [3.0, 0.0]).tolist()
