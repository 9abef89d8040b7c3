import math

import gpytorch
import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.likelihood import WALL, NegativeLogPosterior
from jupyter_tune.samplers.gp.model import Surrogate
from jupyter_tune.samplers.gp.trend import Said, Trend
from tests.samplers.gp.processes import GROUPS, data, differences


def tasks():
    def says(x):
        values = np.column_stack([np.sin(3 * x[:, 0]), x[:, 1] ** 2])
        return Said(values, lambda by_values: np.zeros_like(x))

    return Trend(says, 2)


def theta_of(model, seed=1):
    """Not far from the modes of the priors, the constant and the weights above 0."""
    chance = np.random.default_rng(seed)
    theta = model.locations + 0.3 * chance.standard_normal(len(model.locations))
    theta[:3] -= 2.0
    theta[5:] = 0.3 + 0.3 * chance.random(len(theta) - 5)
    return theta


@pytest.mark.parametrize("trend", [Trend, tasks], ids=["alone", "with tasks"])
@pytest.mark.parametrize("n", [1, 2, 20, 60])
def test_value_and_gradient_are_gpytorch_s_own(n, trend):
    X, y = data(max(n, 2))
    X, y = X[:n], y[:n]
    model = Surrogate(X, y, GROUPS, trend())
    theta = model.theta = theta_of(model)
    model.train()
    mll = gpytorch.mlls.ExactMarginalLogLikelihood(model.likelihood, model)
    # GPyTorch divides by n, the priors included
    theirs = -n * mll(model(torch.from_numpy(X)), torch.from_numpy(y))
    by_theta = torch.autograd.grad(theirs, model._theta)
    value, gradient = NegativeLogPosterior(model)(theta)
    assert value == pytest.approx(theirs.item(), abs=1e-4)
    expected = np.concatenate([values.numpy().ravel() for values in by_theta])
    assert gradient == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("shares", [None, "unequal"])
def test_the_gradient_is_that_of_finite_differences(shares):
    X, y = data(30)
    model = Surrogate(X, y, GROUPS, tasks(), None if shares is None else np.linspace(1, 5, 30))
    density = NegativeLogPosterior(model)
    theta = theta_of(model)
    expected = differences(lambda at: density(at)[0], theta)
    assert density(theta)[1] == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_an_observation_has_its_share_of_the_noise():
    X, y = data(12)
    shares = np.linspace(1, 6, 12)
    model = Surrogate(X, y, GROUPS, shares=shares)
    theta = model.theta = theta_of(model)
    distances = (X[:, None] - X[None]) / model.lengthscales
    r = math.sqrt(5) * np.linalg.norm(distances, axis=-1)
    K = model.outputscale * (1 + r + r**2 / 3) * np.exp(-r) + model.noise * np.diag(shares)
    expected = -multivariate_normal(np.full(12, theta[5]), K).logpdf(y)
    normal = (theta[:5] - model.locations[:5]) / model.scales[:5]
    expected += (0.5 * normal**2 + np.log(model.scales[:5]) + 0.5 * math.log(2 * math.pi) + theta[:5]).sum()
    assert NegativeLogPosterior(model)(theta)[0] == pytest.approx(expected, abs=1e-5)


def test_some_observations_are_a_model_of_these_alone():
    X, y = data(30)
    some = np.array([1, 4, 5, 20, 29])
    shares = np.linspace(1, 6, 30)
    model = Surrogate(X, y, GROUPS, tasks(), shares)
    alone = Surrogate(X[some], y[some], GROUPS, tasks(), shares[some])
    theta = theta_of(model)
    value, gradient = NegativeLogPosterior(model, some)(theta)
    expected = NegativeLogPosterior(alone)(theta)
    assert value == expected[0]
    assert gradient.tolist() == expected[1].tolist()


def test_where_the_covariance_cannot_be_factored_is_a_wall():
    X = np.zeros((3, 5))
    model = Surrogate(X, np.zeros(3), GROUPS)
    theta = theta_of(model)
    # the signal drowns the jitter: three copies of a point are singular
    theta[3], theta[4] = 40.0, -60.0
    value, gradient = NegativeLogPosterior(model)(theta)
    assert value == WALL
    assert np.isfinite(gradient).all()
