"""What a search climbs: its gradient, through the model and the encoding, against finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.encoding import Encoding
from jupyter_tune.samplers.gp.fit import fit
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.score import both, log_improvement
from tests.samplers.gp.processes import differences

SPACE = Space(x=Float(0, 1), c=Categorical(["a", "b", "c"]), n=Int(1, 40), y=Float(0, 1))
NUMBERS = [0, 2, 3]


def points(n: int, seed: int):
    encoding = Encoding(SPACE, SPACE)
    return encoding, encoding.spread(np.random.default_rng(seed).random((n, 4)))


def scores(best: float):
    encoding, u = points(30, 0)
    losses = (u[:, 0] - 0.3) ** 2 + np.sin(4 * u[:, 3]) + 0.3 * (u[:, 1] > 0.5) + 0.1 * u[:, 2]
    losses = (losses - losses.mean()) / losses.std()
    model = fit(encoding.to_inputs(u), losses, encoding.groups)
    return log_improvement(encoding, Posterior(model), best)


# in the body of the distribution, and where the improvement has long underflowed
@pytest.mark.parametrize("best", [-1.0, -300.0])
def test_the_gradient_is_that_of_finite_differences_and_none_along_choices(best: float) -> None:
    score, u = scores(best), points(10, 1)[1]
    gradient = score(u).gradient()
    expected = differences(lambda u: score(u).values, u)
    assert gradient[:, NUMBERS] == pytest.approx(expected[:, NUMBERS], rel=1e-4, abs=1e-5 * abs(best) ** 2)
    assert (gradient[:, 1] == 0).all()


def test_a_sum_has_the_sum_of_values_and_gradients() -> None:
    one, other, u = scores(-1.0), scores(-2.0), points(10, 1)[1]
    summed = both(one, other)(u)
    assert summed.values == pytest.approx(one(u).values + other(u).values)
    assert summed.gradient() == pytest.approx(one(u).gradient() + other(u).gradient())
    assert math.isfinite(summed.values.sum())
