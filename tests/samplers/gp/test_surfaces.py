import numpy as np
import pytest
import torch

from jupyter_tune.core.parameters import Float
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.model import DTYPE, Posterior
from jupyter_tune.samplers.gp.observations import observe
from jupyter_tune.samplers.gp.sampler import believe
from jupyter_tune.samplers.gp.surfaces import Surfaces
from jupyter_tune.samplers.gp.threads import one_thread
from tests.samplers.studies import explored

PLANE = Space(x=Float(0, 1), y=Float(0, 1))


def smooth(params):
    return (params["x"] - 0.3) ** 2 + params["y"]


def diverging(params):
    """A fifth of the plane is beyond every scale."""
    return smooth(params) * (1e6 if params["x"] > 0.8 else 1.0)


def seen(objective, *, maximize=False, points=200):
    """The study's belief, the posterior alone, and what is said of many points."""
    study = explored(PLANE, objective, 25, maximize=maximize)
    with one_thread():
        belief = believe(study, PLANE, observe(study))
    known = Posterior(belief.model, torch.empty(0, 2, dtype=DTYPE))
    unit = np.random.default_rng(0).random((points, 2))
    return belief, known, unit, Surfaces.of(belief, known, unit, maximize=maximize)


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("objective", [smooth, diverging])
def test_the_mean_lies_within_its_band_in_both_directions(objective, maximize):
    sign = -1 if maximize else 1
    surfaces = seen(lambda params: sign * objective(params), maximize=maximize)[-1]
    assert (surfaces.low < surfaces.mean).all()
    assert (surfaces.mean < surfaces.high).all()
    assert (surfaces.acquisition >= 0).all()


def test_the_band_is_the_posterior_s_through_the_output_transform():
    belief, known, unit, surfaces = seen(diverging)
    mean, deviation = known.mean_and_deviation(torch.from_numpy(unit))
    for ends, way in [(surfaces.low, -1), (surfaces.mean, 0), (surfaces.high, 1)]:
        # back to targets is the transform's other direction, which nothing here has used
        targets = belief.outputs.to_target(ends)
        assert targets == pytest.approx((mean + way * 1.96 * deviation).numpy(), abs=1e-6)


def test_maximising_the_negative_gives_the_mirror_image():
    low = seen(diverging)[-1]
    high = seen(lambda params: -diverging(params), maximize=True)[-1]
    assert high.mean == pytest.approx(-low.mean)
    assert high.low == pytest.approx(-low.high)
    assert high.high == pytest.approx(-low.low)
    assert high.deviation == pytest.approx(low.deviation)
    assert high.acquisition == pytest.approx(low.acquisition)


def test_where_nothing_is_compressed_the_band_is_symmetric_and_four_deviations_wide():
    belief, _, _, surfaces = seen(smooth)
    plain = surfaces.high < belief.outputs.bend
    assert plain.sum() > 50
    width = (surfaces.high - surfaces.low)[plain]
    assert width == pytest.approx(2 * 1.96 * surfaces.deviation[plain])


def test_losses_near_the_largest_float_stay_finite():
    surfaces = seen(lambda params: smooth(params) + (1e150 if params["x"] > 0.9 else 0.0))[-1]
    for column in (surfaces.mean, surfaces.low, surfaces.high, surfaces.deviation, surfaces.acquisition):
        assert np.isfinite(column).all()
