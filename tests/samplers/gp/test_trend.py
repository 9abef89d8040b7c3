"""The mean that other tasks make: as much of each as holds here."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from jupyter_tune.samplers.gp.model import DTYPE, Posterior, fit
from jupyter_tune.samplers.gp.threads import one_thread
from jupyter_tune.samplers.gp.trend import SPREAD, TYPICAL, Trend

GROUPS = [0, 1]
NOTHING = torch.empty(0, 2, dtype=DTYPE)


def hills(x: Tensor) -> Tensor:
    return torch.sin(7 * x[:, 0]) + torch.cos(5 * x[:, 1])


def other(x: Tensor) -> Tensor:
    return torch.cos(11 * x[:, 0] * x[:, 1]) - torch.sin(9 * x[:, 1])


def points(n: int, seed: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).random((n, 2)))


def error_of(trend: Trend | None, n: int = 8, seed: int = 0) -> float:
    """Mean squared error at new points of the model of `hills`, which is of deviation about 1."""
    x, new = points(n, seed), points(200, 99)
    with one_thread():
        posterior = Posterior(fit(x, hills(x), GROUPS, trend), NOTHING)
    return float(((posterior.mean(new) - hills(new)) ** 2).mean())


def says(*tasks: object) -> Trend:
    return Trend(lambda x: torch.stack([task(x) for task in tasks], dim=1), len(tasks))  # type: ignore[operator]


def test_without_tasks_it_is_a_constant() -> None:
    trend = Trend()
    trend.constant = 0.5
    assert trend.at(points(3, 0)).item() == 0.5
    assert trend.surprise() == 0.0
    assert [name for name, _ in trend.named_parameters()] == ["raw_constant"]


def test_the_density_of_the_weights_is_the_normal_one() -> None:
    trend = says(hills, other)
    trend.raw_weights.data = torch.tensor([0.1, 1.2], dtype=DTYPE)
    normal = torch.distributions.Normal(torch.tensor(TYPICAL / 2, dtype=DTYPE), SPREAD)
    expected = -normal.log_prob(trend.raw_weights).sum().item()
    surprise = trend.surprise()
    assert isinstance(surprise, Tensor)
    assert surprise.item() == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_a_task_like_this_one_is_trusted(seed: int) -> None:
    assert error_of(says(lambda x: 3 + 0.8 * hills(x)), seed=seed) < 0.2 * error_of(None, seed=seed)


@pytest.mark.parametrize("seed", range(4))
def test_of_two_tasks_the_one_that_holds_is_trusted(seed: int) -> None:
    x = points(20, seed)
    trend = fit(x, hills(x), GROUPS, says(other, hills)).mean_module
    assert trend.raw_weights[1] > 0.7
    assert trend.raw_weights[0] < 0.3


@pytest.mark.parametrize("task", [other, lambda x: -hills(x)], ids=["unrelated", "opposite"])
def test_a_task_that_does_not_hold_costs_little(task: object) -> None:
    cold = np.mean([error_of(None, n=16, seed=seed) for seed in range(4)])
    misled = np.mean([error_of(says(task), n=16, seed=seed) for seed in range(4)])
    assert misled < 1.5 * cold


def test_the_model_with_a_trend_agrees_with_its_own_process() -> None:
    x, new = points(9, 3), points(4, 4)
    model = fit(x, hills(x), GROUPS, says(other))
    process, likelihood = model, model.likelihood
    process.eval()
    with torch.no_grad():
        expected = process(new)
        posterior = Posterior(model, NOTHING)
        mean, deviation = posterior.mean_and_deviation(new)
    assert likelihood.noise > 0
    assert mean.numpy() == pytest.approx(expected.mean.numpy(), abs=1e-5)
    assert deviation.numpy() == pytest.approx(expected.stddev.numpy(), abs=1e-4)


def test_it_is_differentiable_where_the_search_climbs() -> None:
    x = points(9, 3)
    posterior = Posterior(fit(x, hills(x), GROUPS, says(other)), NOTHING)
    at = points(1, 5).requires_grad_()
    (gradient,) = torch.autograd.grad(posterior.mean(at).sum(), [at])
    step = 1e-6
    for j in range(2):
        moved = at.detach().clone()
        moved[0, j] += step
        slope = (posterior.mean(moved) - posterior.mean(at.detach())).item() / step
        assert gradient[0, j].item() == pytest.approx(slope, abs=1e-3)
        assert math.isfinite(slope)
