"""The mean that other tasks make: as much of each as holds here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.fit import fit
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.threads import one_thread
from jupyter_tune.samplers.gp.trend import SPREAD, TYPICAL, Said, Trend
from tests.samplers.gp.processes import differences

GROUPS = [0, 1]


def hills(x: Array) -> Array:
    return np.asarray(np.sin(7 * x[:, 0]) + np.cos(5 * x[:, 1]))


def other(x: Array) -> Array:
    return np.asarray(np.cos(11 * x[:, 0] * x[:, 1]) - np.sin(9 * x[:, 1]))


def points(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).random((n, 2))


def error_of(trend: Trend | None, n: int = 8, seed: int = 0) -> float:
    """Mean squared error at new points of the model of `hills`, which is of deviation about 1."""
    x, new = points(n, seed), points(200, 99)
    with one_thread():
        posterior = Posterior(fit(x, hills(x), GROUPS, trend))
    return float(((posterior.mean(new) - hills(new)) ** 2).mean())


def says(*tasks: Callable[[Array], Array]) -> Trend:
    def said(x: Array) -> Said:
        def by_inputs(by_values: Array) -> Array:
            slopes = [differences(task, x) for task in tasks]
            total = sum(by[:, None] * slope for by, slope in zip(by_values.T, slopes, strict=True))
            return np.asarray(total)

        return Said(np.column_stack([task(x) for task in tasks]), by_inputs)

    return Trend(said, len(tasks))


def test_without_tasks_it_is_a_constant() -> None:
    trend = Trend()
    trend.constant = 0.5
    value, by_inputs = trend.known().at(points(3, 0))
    assert value == 0.5
    assert by_inputs(np.ones(3)) == 0.0
    assert trend.said(points(3, 0)).shape == (3, 0)
    assert [name for name, _ in trend.named_parameters()] == ["raw_constant"]


def test_the_density_of_the_weights_is_the_normal_one() -> None:
    trend = says(hills, other)
    weights = torch.tensor([0.1, 1.2], dtype=torch.float64)
    ((_, _, prior, _, _),) = trend.named_priors()
    normal = torch.distributions.Normal(torch.tensor(TYPICAL / 2, dtype=torch.float64), SPREAD)
    assert prior.log_prob(weights).tolist() == pytest.approx(normal.log_prob(weights).tolist())


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
def test_a_task_that_does_not_hold_costs_little(task: Callable[[Array], Array]) -> None:
    cold = np.mean([error_of(None, n=16, seed=seed) for seed in range(4)])
    misled = np.mean([error_of(says(task), n=16, seed=seed) for seed in range(4)])
    assert misled < 1.5 * cold


def test_the_model_with_a_trend_agrees_with_its_own_process() -> None:
    x, new = points(9, 3), points(4, 4)
    model = fit(x, hills(x), GROUPS, says(other))
    with torch.no_grad():
        expected = model(torch.from_numpy(new))
    mean, deviation, _ = Posterior(model).at(new)
    assert model.noise > 0
    assert mean == pytest.approx(expected.mean.numpy(), abs=1e-5)
    assert deviation == pytest.approx(expected.stddev.numpy(), abs=1e-4)


def test_it_is_differentiable_where_the_search_climbs() -> None:
    x = points(9, 3)
    posterior = Posterior(fit(x, hills(x), GROUPS, says(other, hills)))
    at = points(4, 5)
    gradient = posterior.at(at).by_inputs(np.ones(4), np.zeros(4))
    assert gradient == pytest.approx(differences(posterior.mean, at), abs=1e-5)
