import numpy as np
import pytest
import torch

from jupyter_tune.samplers.gp.fit import fit
from jupyter_tune.samplers.gp.matern import correlation, decay
from jupyter_tune.samplers.gp.model import Surrogate
from jupyter_tune.samplers.gp.posterior import Posterior
from tests.samplers.gp.processes import GROUPS, data, differences


def covariance(model, x1, x2):
    away = (x1[:, None] - x2[None]) / model.lengthscales
    return model.outputscale * correlation(*decay((away**2).sum(-1)))


def closed_form(model, X, y, x):
    K, k = covariance(model, X, X) + model.noise * np.eye(len(X)), covariance(model, x, X)
    c = model.mean_module.known().constant
    mean = c + k @ np.linalg.solve(K, y - c)
    return mean, np.diag(covariance(model, x, x) - k @ np.linalg.solve(K, k.T))


@pytest.mark.parametrize("n", [25, 250])
def test_the_posterior_is_the_closed_form(n):
    X, y = data(n)
    model = fit(X, y, GROUPS)
    x = data(40, seed=1)[0]
    mean, deviation, _ = Posterior(model).at(x)
    expected, variance = closed_form(model, X, y, x)
    # the jitter of 1e-8 is the difference
    assert mean == pytest.approx(expected, abs=1e-5)
    assert deviation**2 == pytest.approx(variance, abs=1e-5)
    assert Posterior(model).mean(x) == pytest.approx(mean, abs=1e-9)


def test_the_posterior_is_gpytorch_s_own():
    X, y = data(25)
    model = fit(X, y, GROUPS)
    x = data(40, seed=1)[0]
    mean, deviation, _ = Posterior(model).at(x)
    with torch.no_grad():
        own = model(torch.from_numpy(x))
    assert mean == pytest.approx(own.mean.numpy(), abs=1e-4)
    assert deviation**2 == pytest.approx(own.variance.numpy(), abs=1e-4)


def test_the_joint_posterior_is_gpytorch_s_own_and_pending_inputs_take_from_it():
    X, y = data(25)
    model = fit(X, y, GROUPS)
    x = data(15, seed=1)[0]
    mean, joint = Posterior(model).joint(x)
    with torch.no_grad():
        own = model(torch.from_numpy(x))
    assert mean == pytest.approx(own.mean.numpy(), abs=1e-4)
    assert joint == pytest.approx(own.covariance_matrix.numpy(), abs=1e-4)
    believed = Posterior(model, x[:1]).joint(x)[1]
    # k(x, x1) k(x1, x) / (k(x1, x1) + noise), all given the observations
    taken = joint[:, :1] @ joint[:1] / (joint[0, 0] + model.noise + 1e-8)
    assert believed == pytest.approx(joint - taken, abs=1e-6)


@pytest.mark.parametrize("pending", [0, 3])
def test_the_chain_rule_is_that_of_finite_differences(pending):
    model = fit(*data(30), GROUPS)
    x = data(8, seed=2)[0]
    posterior = Posterior(model, data(pending, seed=3)[0] if pending else None)
    by_mean, by_deviation = np.linspace(-2, 1, 8), np.linspace(0.5, 3, 8)

    def weighted(x):
        mean, deviation, _ = posterior.at(x)
        return by_mean * mean + by_deviation * deviation

    gradient = posterior.at(x).by_inputs(by_mean, by_deviation)
    assert gradient == pytest.approx(differences(weighted, x), rel=1e-5, abs=1e-6)


def test_at_an_observation_without_noise_the_gradient_is_finite():
    X, y = data(10)
    model = Surrogate(X, y, GROUPS)
    model.theta = np.array([1.0, 1.0, 1.0, 0.0, np.log(1e-12), 0.0])
    mean, deviation, by_inputs = Posterior(model).at(X)
    assert mean == pytest.approx(y, abs=1e-2)
    assert (deviation > 0).all()
    assert np.isfinite(by_inputs(np.ones(10), np.ones(10))).all()


def test_believed_trials_shrink_the_deviation_and_leave_the_mean():
    X, y = data(20)
    model = fit(X, y, GROUPS)
    x = data(10, seed=2)[0]
    free, believed = Posterior(model).at(x), Posterior(model, x[:3]).at(x)
    assert believed.mean == pytest.approx(free.mean, abs=1e-9)
    assert (believed.deviation <= free.deviation + 1e-9).all()
    # what a refit-free believer would give: the same process with the means as data
    lied = Surrogate(np.concatenate([X, x[:3]]), np.concatenate([y, free.mean[:3]]), GROUPS)
    lied.theta = model.theta
    told = Posterior(lied).at(x)
    assert believed.deviation == pytest.approx(told.deviation, abs=1e-6)
    assert believed.mean == pytest.approx(told.mean, abs=1e-6)


def test_left_out_is_what_the_others_alone_expect():
    X, y = data(12)
    model = fit(X, y, GROUPS)
    left_out = Posterior(model, data(3, seed=1)[0]).left_out()
    for i in range(len(X)):
        others = np.arange(len(X)) != i
        mean, _ = closed_form(model, X[others], y[others], X[[i]])
        assert left_out[i] == pytest.approx(mean[0], abs=1e-5)
