import math

import numpy as np
import pytest
from scipy.special import ndtri  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.acquisition import log_ei, log_h, slope_of_log_h, slopes_of_log_ei

BRANCHES = [-1e8, -2e3, -1e3, -999.0, -40.0, -5.0, -1.0001, -0.9999, 0.0, 2.0, 30.0]


def test_it_is_the_expectation_that_monte_carlo_finds():
    # stratified: one draw in each of 400,000 equally likely intervals
    draws = ndtri((np.arange(400_000) + np.random.default_rng(0).random(400_000)) / 400_000)
    for mean, sigma, best in ((0.0, 1.0, 0.5), (1.0, 0.3, 0.6), (2.0, 0.8, 0.0), (-1.0, 0.1, 1.0)):
        sampled = np.maximum(best - (mean + sigma * draws), 0).mean()
        ei = math.exp(log_ei(np.array([mean]), np.array([sigma]), best)[0])
        assert ei == pytest.approx(sampled, rel=1e-3)


def test_far_away_it_follows_the_asymptote():
    z = np.array([-30.0, -999.0, -1001.0, -1e6])
    expected = -0.5 * z**2 - 0.5 * math.log(2 * math.pi) - 2 * np.log(np.abs(z)) + np.log1p(-3 / z**2)
    # the next term of the series is 15/z^4
    assert log_h(z) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("z", BRANCHES)
def test_slopes_are_finite_differences(z):
    at = np.array([z])
    slope = slope_of_log_h(at, log_h(at))
    assert np.isfinite(slope).all()
    h = 1e-5 * max(1.0, abs(z))
    difference = (log_h(at + h) - log_h(at - h)) / (2 * h)
    # at z = -1000 the middle branch has lost six of its sixteen digits
    assert slope == pytest.approx(difference, rel=1e-4)


def test_one_is_worth_the_same_alone_and_among_others():
    z = np.array(BRANCHES)
    assert log_h(z).tolist() == [log_h(z[[i]])[0] for i in range(len(z))]


def test_slopes_by_mean_and_deviation_are_finite_differences():
    mean, sigma, best, h = np.linspace(-1, 40, 30), np.linspace(2, 0.1, 30), 0.3, 1e-6
    by_mean, by_sigma = slopes_of_log_ei(mean, sigma, best, log_ei(mean, sigma, best))
    up, down = (log_ei(mean + way * h, sigma, best) for way in (1, -1))
    assert by_mean == pytest.approx((up - down) / (2 * h), rel=1e-4)
    up, down = (log_ei(mean, sigma + way * h * sigma, best) for way in (1, -1))
    assert by_sigma == pytest.approx((up - down) / (2 * h * sigma), rel=1e-4)


def test_it_rises_with_z_across_the_branches():
    z = np.concatenate([np.linspace(-1100, -900, 500), np.linspace(-20, 5, 500)])
    assert (np.diff(log_h(z)) > 0).all()
