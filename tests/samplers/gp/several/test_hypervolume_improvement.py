"""Boxes and the closed form of the expected hypervolume improvement, against sampling."""

from __future__ import annotations

import numpy as np
import pytest

from jupyter_tune.core.hypervolume import hypervolume
from jupyter_tune.samplers.gp.several.acquisition import log_ehvi
from jupyter_tune.samplers.gp.several.boxes import boxes, non_dominated
from tests.samplers.gp.processes import differences


def a_front(metrics, seed=3):
    chance = np.random.default_rng(seed)
    return non_dominated(chance.uniform(0, 1, size=(12, metrics)) + 0.2)


@pytest.mark.parametrize("metrics", [2, 3])
def test_the_boxes_are_what_the_front_does_not_dominate(metrics):
    front, reference = a_front(metrics), np.full(metrics, 1.5)
    lower, upper = boxes(front, reference)
    volume = np.prod(upper - np.maximum(lower, 0.0), axis=1).sum()
    assert volume == pytest.approx(1.5**metrics - hypervolume(front.tolist(), reference.tolist()))


@pytest.mark.parametrize("metrics", [2, 3])
def test_the_closed_form_is_the_mean_of_sampled_improvements(metrics):
    front, reference = a_front(metrics), np.full(metrics, 1.5)
    mean, deviation = np.full(metrics, 0.45), np.full(metrics, 0.3)
    closed = np.exp(log_ehvi(mean[None], deviation[None], *boxes(front, reference)).values[0])
    before = hypervolume(front.tolist(), reference.tolist())
    draws = np.random.default_rng(0).normal(mean, deviation, size=(4000, metrics))
    gains = [hypervolume([*front.tolist(), draw.tolist()], reference.tolist()) - before for draw in draws]
    # 4 standard errors
    assert closed == pytest.approx(np.mean(gains), abs=4 * np.std(gains) / np.sqrt(len(gains)))


@pytest.mark.parametrize("metrics", [2, 3])
def test_far_from_the_front_it_is_finite_and_so_is_its_gradient(metrics):
    lower, upper = boxes(a_front(metrics), np.full(metrics, 1.5))
    log, slopes = log_ehvi(np.full((1, metrics), 60.0), np.full((1, metrics), 0.05), lower, upper)
    by_mean, by_deviation = slopes()
    assert np.isfinite(log).all()
    assert np.isfinite(by_mean).all()
    assert np.isfinite(by_deviation).all()
    assert (by_mean < 0).all()


@pytest.mark.parametrize("metrics", [2, 3])
def test_its_slopes_are_finite_differences(metrics):
    corners = boxes(a_front(metrics), np.full(metrics, 1.5))
    chance = np.random.default_rng(0)
    mean, deviation = chance.uniform(0, 2, size=(9, metrics)), chance.uniform(0.05, 0.5, size=(9, metrics))
    by_mean, by_deviation = log_ehvi(mean, deviation, *corners).slopes()
    of_mean = differences(lambda mean: log_ehvi(mean, deviation, *corners).values, mean)
    of_deviation = differences(lambda deviation: log_ehvi(mean, deviation, *corners).values, deviation)
    assert by_mean == pytest.approx(of_mean, rel=1e-4, abs=1e-5)
    assert by_deviation == pytest.approx(of_deviation, rel=1e-4, abs=1e-5)


def test_without_a_front_all_below_the_reference_point_counts():
    lower, upper = boxes(np.empty((0, 3)), np.ones(3))
    assert lower.tolist() == [[-np.inf] * 3]
    assert upper.tolist() == [[1.0] * 3]


def test_a_volume_is_that_of_the_union():
    assert hypervolume([(0.0, 0.5), (0.5, 0.0)], (1.0, 1.0)) == pytest.approx(0.75)
    assert hypervolume([(2.0, 0.0)], (1.0, 1.0)) == 0.0
    assert hypervolume([(0.0, 0.0, 0.0)], (1.0, 2.0, 3.0)) == pytest.approx(6.0)
