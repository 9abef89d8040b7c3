import math

import numpy as np
import pytest
import torch

from jupyter_tune.samplers.gp.model import Surrogate
from jupyter_tune.samplers.gp.trend import Said, Trend
from tests.samplers.gp.processes import GROUPS, data


def test_theta_is_all_of_its_parameters():
    says = Trend(lambda x: Said(np.zeros((len(x), 2)), lambda by_values: np.zeros_like(x)), 2)
    model = Surrogate(*data(6), GROUPS, says)
    theta = np.array([-1.0, 0.5, 0.1, 0.3, -4.0, 0.7, 0.2, 0.4])
    model.theta = theta
    assert model.theta == pytest.approx(theta)
    assert model.lengthscales == pytest.approx(np.exp([-1.0, 0.5, 0.1, 0.1, 0.1]))
    assert model.outputscale == pytest.approx(math.exp(0.3))
    assert model.noise == pytest.approx(math.exp(-4.0))
    mean = model.mean_module.known()
    assert mean.constant == 0.7
    assert mean.weights.tolist() == [0.2, 0.4]
    assert sum(values.numel() for values in model.parameters()) == len(theta)


def test_two_models_share_no_parameters():
    one, other = (Surrogate(*data(6), GROUPS) for _ in range(2))
    before = other.theta
    one.theta = before + 1
    assert other.theta.tolist() == before.tolist()


def test_its_kernel_is_matern_with_a_lengthscale_for_each_group():
    x1, x2 = data(5)[0], data(5, seed=1)[0]
    model = Surrogate(x1, np.zeros(5), GROUPS)
    model.theta = np.array([-1.0, 0.5, 0.1, 0.3, -4.0, 0.0])
    r = np.linalg.norm((x1[:, None] - x2[None]) / model.lengthscales, axis=-1) * math.sqrt(5)
    expected = model.outputscale * (1 + r + r**2 / 3) * np.exp(-r)
    with torch.no_grad():
        kernel, at = model.covar_module, (torch.from_numpy(x1), torch.from_numpy(x2))
        assert kernel(*at).to_dense().numpy() == pytest.approx(expected)
        assert kernel(*at, diag=True).numpy() == pytest.approx(expected.diagonal())
