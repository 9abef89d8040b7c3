import math

import gpytorch
import numpy as np
import pytest
import torch

from jupyter_tune.samplers.gp.model import DTYPE, Posterior, Surrogate, fit

GROUPS = [0, 1, 2, 2, 2]
"""Two numbers and a choice of three."""


def data(n, seed=0):
    chance = np.random.default_rng(seed)
    numbers = chance.random((n, 2))
    choices = np.eye(3)[chance.integers(3, size=n)] * math.sqrt(0.5)
    y = np.sin(5 * numbers[:, 0]) + numbers[:, 1] + choices[:, 0] + 0.1 * chance.standard_normal(n)
    return torch.from_numpy(np.hstack([numbers, choices])), torch.from_numpy((y - y.mean()) / y.std())


def by_hand(model, x1, x2):
    """Matern-5/2 in NumPy, Rasmussen and Williams eq. 4.17."""
    scale = model.covar_module.base_kernel.lengthscale.numpy()[0][GROUPS]
    r = np.linalg.norm((x1[:, None] - x2[None]) / scale, axis=-1) * math.sqrt(5)
    return model.covar_module.outputscale.item() * (1 + r + r**2 / 3) * np.exp(-r)


def closed_form(model, X, y, x):
    noise = model.likelihood.noise.item() * np.eye(len(X))
    K, k = by_hand(model, X, X) + noise, by_hand(model, x, X)
    c = model.mean_module.constant.item()
    mean = c + k @ np.linalg.solve(K, y - c)
    return mean, np.diag(by_hand(model, x, x) - k @ np.linalg.solve(K, k.T))


def test_the_posterior_is_the_closed_form():
    X, y = data(25)
    model = fit(X, y, GROUPS)
    x = data(40, seed=1)[0]
    mean, deviation = Posterior(model, torch.empty(0, 5, dtype=DTYPE)).mean_and_deviation(x)
    expected, variance = closed_form(model, X.numpy(), y.numpy(), x.numpy())
    # the jitter of 1e-8 is the difference
    assert mean.numpy() == pytest.approx(expected, abs=1e-5)
    assert deviation.numpy() ** 2 == pytest.approx(variance, abs=1e-5)


def test_the_posterior_is_gpytorch_s_own():
    X, y = data(25)
    model = fit(X, y, GROUPS)
    x = data(40, seed=1)[0]
    mean, deviation = Posterior(model, torch.empty(0, 5, dtype=DTYPE)).mean_and_deviation(x)
    with torch.no_grad():
        own = model(x)
    assert mean.numpy() == pytest.approx(own.mean.numpy(), abs=1e-4)
    assert deviation.numpy() ** 2 == pytest.approx(own.variance.numpy(), abs=1e-4)


def test_the_joint_posterior_is_gpytorch_s_own_and_pending_inputs_take_from_it():
    X, y = data(25)
    model = fit(X, y, GROUPS)
    x = data(15, seed=1)[0]
    mean, covariance = Posterior(model, torch.empty(0, 5, dtype=DTYPE)).joint(x)
    with torch.no_grad():
        own = model(x)
    assert mean.numpy() == pytest.approx(own.mean.numpy(), abs=1e-4)
    assert covariance.numpy() == pytest.approx(own.covariance_matrix.numpy(), abs=1e-4)
    believed = Posterior(model, x[:1]).joint(x)[1]
    # k(x, x1) k(x1, x) / (k(x1, x1) + noise), all given the observations
    noise = model.likelihood.noise.item() + 1e-8
    taken = covariance[:, :1] @ covariance[:1] / (covariance[0, 0] + noise)
    assert believed.numpy() == pytest.approx((covariance - taken).numpy(), abs=1e-6)


def test_the_objective_and_its_gradient_are_gpytorch_s_own():
    X, y = data(20)
    model = Surrogate(X, y, GROUPS)
    model.train()
    parameters = list(model.parameters())
    mll = gpytorch.mlls.ExactMarginalLogLikelihood(model.likelihood, model)
    # GPyTorch divides by n, the priors included
    theirs = -len(y) * mll(model(X), y)
    ours = model.negative_log_posterior()
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-4)
    for mine, other in zip(
        torch.autograd.grad(ours, parameters), torch.autograd.grad(theirs, parameters), strict=True
    ):
        assert mine.numpy() == pytest.approx(other.numpy(), rel=1e-4, abs=1e-4)


def test_the_fit_is_a_stationary_point_better_than_every_start():
    X, y = data(30)
    model = fit(X, y, GROUPS)
    reached = model.negative_log_posterior().item()
    chance = np.random.default_rng(0)
    parameters = list(model.parameters())
    for _ in range(20):
        with torch.no_grad():
            kept = [p.clone() for p in parameters]
            for p in parameters:
                p += 0.1 * torch.from_numpy(chance.standard_normal(p.shape))
        assert model.negative_log_posterior().item() > reached - 0.05  # ftol of the search
        with torch.no_grad():
            for p, before in zip(parameters, kept, strict=True):
                p.copy_(before)


def test_believed_trials_shrink_the_deviation_and_leave_the_mean():
    X, y = data(20)
    model = fit(X, y, GROUPS)
    x = data(10, seed=2)[0]
    free = Posterior(model, torch.empty(0, 5, dtype=DTYPE)).mean_and_deviation(x)
    believed = Posterior(model, x[:3]).mean_and_deviation(x)
    assert believed[0].numpy() == pytest.approx(free[0].numpy(), abs=1e-9)
    assert (believed[1] <= free[1] + 1e-9).all()
    # what a refit-free believer would give: the same process with the means as data
    lied = Surrogate(torch.cat([X, x[:3]]), torch.cat([y, free[0][:3]]), GROUPS)
    lied.load_state_dict(model.state_dict())
    lied.requires_grad_(False)
    told = Posterior(lied, torch.empty(0, 5, dtype=DTYPE)).mean_and_deviation(x)
    assert believed[1].numpy() == pytest.approx(told[1].numpy(), abs=1e-6)
    assert believed[0].numpy() == pytest.approx(told[0].numpy(), abs=1e-6)


def test_left_out_is_what_the_others_alone_expect():
    X, y = data(12)
    model = fit(X, y, GROUPS)
    left_out = Posterior(model, data(3, seed=1)[0]).left_out().numpy()
    for i in range(len(X)):
        others = np.arange(len(X)) != i
        mean, _ = closed_form(model, X.numpy()[others], y.numpy()[others], X.numpy()[[i]])
        assert left_out[i] == pytest.approx(mean[0], abs=1e-5)


@pytest.mark.parametrize("n", [1, 2, 20])
def test_copies_of_one_point_do_not_break_the_fit(n):
    X = torch.full((n, 5), 0.5, dtype=DTYPE)
    model = fit(X, torch.zeros(n, dtype=DTYPE), GROUPS)
    mean, deviation = Posterior(model, X[:1]).mean_and_deviation(X)
    assert torch.isfinite(mean).all()
    assert (deviation > 0).all()


# the larger one is more than the fit itself looks at
@pytest.mark.parametrize("n", [20, 150])
def test_the_order_of_parameters_and_of_trials_does_not_matter(n):
    X, y = data(n)
    x = data(10, seed=1)[0]
    nothing = torch.empty(0, 5, dtype=DTYPE)
    columns, rows = [3, 1, 2, 4, 0], list(reversed(range(n)))
    other = fit(X[rows][:, columns], y[rows], [2, 1, 2, 2, 0])
    mean, deviation = Posterior(fit(X, y, GROUPS), nothing).mean_and_deviation(x)
    other_mean, other_deviation = Posterior(other, nothing).mean_and_deviation(x[:, columns])
    # two L-BFGS runs end a little apart
    assert other_mean.numpy() == pytest.approx(mean.numpy(), abs=1e-2)
    assert other_deviation.numpy() == pytest.approx(deviation.numpy(), abs=1e-2)


def test_of_many_observations_some_are_fitted_to_and_all_are_known():
    X, y = data(250)
    nothing = torch.empty(0, 5, dtype=DTYPE)
    model = fit(X, y, GROUPS)
    mean, _ = Posterior(model, nothing).mean_and_deviation(X)
    expected, _ = closed_form(model, X.numpy(), y.numpy(), X.numpy())
    assert mean.numpy() == pytest.approx(expected, abs=1e-5)
    # the noise of the data is a tenth of their range: on points unseen the model is nearly as good as that
    x, truth = data(250, seed=1)
    unseen, _ = Posterior(model, nothing).mean_and_deviation(x)
    assert np.corrcoef(unseen.numpy(), truth.numpy())[0, 1] > 0.97


def test_the_correlation_has_the_gradients_of_finite_differences() -> None:
    chance = torch.Generator().manual_seed(0)
    a = torch.rand(3, 2, dtype=torch.float64, generator=chance, requires_grad=True)
    b = torch.rand(4, 2, dtype=torch.float64, generator=chance, requires_grad=True)
    kernel = Surrogate(b.detach(), torch.zeros(4, dtype=torch.float64), [0, 1]).covar_module.base_kernel
    assert torch.autograd.gradcheck(kernel.forward, (a, b))
    # where two points are one the distance has no derivative, but the correlation has: none
    (gradient,) = torch.autograd.grad(kernel.forward(a, a.detach()).diagonal().sum(), a)
    assert gradient.abs().max() == 0


def test_correlations_of_pairs_are_those_of_the_matrix() -> None:
    x1, x2 = torch.rand(2, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    kernel = Surrogate(x1, torch.zeros(5, dtype=torch.float64), [0, 0, 1]).covar_module.base_kernel
    assert torch.allclose(kernel.forward(x1, x2, diag=True), kernel.forward(x1, x2).diagonal())
