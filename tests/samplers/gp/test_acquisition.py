import math

import numpy as np
import pytest
import torch
from scipy.special import ndtri  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.acquisition import log_ei, log_h

BRANCHES = [-1e8, -2e3, -1e3, -999.0, -40.0, -5.0, -1.0001, -0.9999, 0.0, 2.0, 30.0]


def test_it_is_the_expectation_that_monte_carlo_finds():
    # stratified: one draw in each of 400,000 equally likely intervals
    draws = ndtri((np.arange(400_000) + np.random.default_rng(0).random(400_000)) / 400_000)
    for mean, sigma, best in ((0.0, 1.0, 0.5), (1.0, 0.3, 0.6), (2.0, 0.8, 0.0), (-1.0, 0.1, 1.0)):
        sampled = np.maximum(best - (mean + sigma * draws), 0).mean()
        ei = log_ei(torch.tensor([mean]).double(), torch.tensor([sigma]).double(), best).exp().item()
        assert ei == pytest.approx(sampled, rel=1e-3)


def test_far_away_it_follows_the_asymptote():
    z = torch.tensor([-30.0, -999.0, -1001.0, -1e6], dtype=torch.float64)
    expected = -0.5 * z**2 - 0.5 * math.log(2 * math.pi) - 2 * z.abs().log() + torch.log1p(-3 / z**2)
    # the next term of the series is 15/z^4
    assert log_h(z).numpy() == pytest.approx(expected.numpy(), rel=1e-7)


@pytest.mark.parametrize("z", BRANCHES)
def test_gradients_are_finite_differences(z):
    at = torch.tensor([z], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(log_h(at).sum(), at)
    assert torch.isfinite(gradient).all()
    h = 1e-5 * max(1.0, abs(z))
    with torch.no_grad():
        difference = (log_h(at + h) - log_h(at - h)) / (2 * h)
    # at z = -1000 the middle branch has lost six of its sixteen digits
    assert gradient.item() == pytest.approx(difference.item(), rel=1e-4)


def test_it_rises_with_z_across_the_branches():
    z = torch.cat([torch.linspace(-1100, -900, 500), torch.linspace(-20, 5, 500)]).double()
    assert (log_h(z).diff() > 0).all()
