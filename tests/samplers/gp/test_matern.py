import numpy as np
import pytest

from jupyter_tune.samplers.gp.matern import correlation, decay, slope


def test_the_slope_is_the_derivative_by_the_squared_distance():
    squared = np.array([1e-3, 0.1, 1.0, 7.0, 400.0])
    step = 1e-6 * squared
    up, down = (correlation(*decay(squared + way * step)) for way in (1, -1))
    assert slope(*decay(squared)) == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_it_falls_from_one_and_is_smooth_where_two_points_are_one():
    squared = np.array([0.0, 1e-10, 1.0, 1e4])
    k = correlation(*decay(squared))
    assert k[0] == 1
    assert (np.diff(k) < 0).all()
    assert slope(*decay(squared))[0] == -5 / 6
