import numpy as np
import pytest

from jupyter_tune.samplers.gp.fit import fit
from jupyter_tune.samplers.gp.likelihood import NegativeLogPosterior
from jupyter_tune.samplers.gp.posterior import Posterior
from tests.samplers.gp.processes import GROUPS, data


def test_the_fit_is_a_stationary_point_better_than_every_start():
    model = fit(*data(30), GROUPS)
    density = NegativeLogPosterior(model)
    reached = density(model.theta)[0]
    chance = np.random.default_rng(0)
    for _ in range(20):
        moved = model.theta + 0.1 * chance.standard_normal(len(model.theta))
        assert density(moved)[0] > reached - 0.05  # ftol of the search


@pytest.mark.parametrize("n", [1, 2, 20])
def test_copies_of_one_point_do_not_break_the_fit(n):
    X = np.full((n, 5), 0.5)
    mean, deviation, _ = Posterior(fit(X, np.zeros(n), GROUPS), X[:1]).at(X)
    assert np.isfinite(mean).all()
    assert (deviation > 0).all()


# the larger one is more than the fit itself looks at
@pytest.mark.parametrize("n", [20, 150])
def test_the_order_of_parameters_and_of_trials_does_not_matter(n):
    X, y = data(n)
    x = data(10, seed=1)[0]
    columns, rows = [3, 1, 2, 4, 0], list(reversed(range(n)))
    other = fit(X[rows][:, columns], y[rows], [2, 1, 2, 2, 0])
    mean, deviation, _ = Posterior(fit(X, y, GROUPS)).at(x)
    other_mean, other_deviation, _ = Posterior(other).at(x[:, columns])
    # two L-BFGS runs end a little apart
    assert other_mean == pytest.approx(mean, abs=1e-2)
    assert other_deviation == pytest.approx(deviation, abs=1e-2)


def test_of_many_observations_some_are_fitted_to_and_all_are_known():
    X, y = data(250)
    model = fit(X, y, GROUPS)
    assert len(model.inputs) == 250
    # the noise of the data is a tenth of their range: on points unseen the model is nearly as good as that
    x, truth = data(250, seed=1)
    assert np.corrcoef(Posterior(model).mean(x), truth)[0, 1] > 0.97
