import numpy as np
import pytest

from jupyter_tune.core.parameters import Float
from jupyter_tune.core.space import Space
from jupyter_tune.samplers.gp.belief import believe
from jupyter_tune.samplers.gp.observations import observe
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.surfaces import Surfaces
from jupyter_tune.samplers.gp.threads import one_thread
from tests.samplers.studies import explored

PLANE = Space(x=Float(0, 1), y=Float(0, 1))


def smooth(params):
    return (params["x"] - 0.3) ** 2 + params["y"]


def steep(params):
    """A fifth of the plane is much worse."""
    return smooth(params) * (8 if params["x"] > 0.8 else 1.0)


def diverging(params):
    """A fifth of the plane is beyond every scale."""
    return smooth(params) * (1e6 if params["x"] > 0.8 else 1.0)


def seen(objective, *, maximize=False, points=200):
    """The study's belief, the posterior alone, and what is said of many points."""
    study = explored(PLANE, objective, 25, maximize=maximize)
    with one_thread():
        belief = believe(study, PLANE, observe(study))
    known = Posterior(belief.model)
    unit = np.random.default_rng(0).random((points, 2))
    return belief, known, unit, Surfaces.of(belief, known, unit, study.objective)


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("objective", [smooth, diverging])
def test_the_mean_lies_within_its_band_in_both_directions(objective, maximize):
    sign = -1 if maximize else 1
    surfaces = seen(lambda params: sign * objective(params), maximize=maximize)[-1]
    assert (surfaces.low < surfaces.mean).all()
    assert (surfaces.mean < surfaces.high).all()
    assert (surfaces.acquisition >= 0).all()


def test_the_band_is_the_posterior_s_through_the_output_transform():
    belief, known, unit, surfaces = seen(steep)
    mean, deviation, _ = known.at(unit)
    worst = belief.model.targets.max()
    for ends, way in [(surfaces.low, -1), (surfaces.mean, 0), (surfaces.high, 1)]:
        expected = mean + way * 1.96 * deviation
        # beyond the worst trial the way back is not the inverse
        among = expected < worst
        assert among.sum() > 100
        # back to targets is the transform's other direction, which nothing here has used
        assert belief.outputs.to_target(ends)[among] == pytest.approx(expected[among], abs=1e-6)


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


def test_what_diverges_leaves_the_rest_of_the_chart_its_colours():
    for objective in (diverging, lambda params: smooth(params) + (1e27 if params["x"] > 0.6 else 0.0)):
        mean = seen(objective)[-1].mean
        assert np.median(mean) - mean.min() > 0.05 * np.ptp(mean)
        assert np.ptp(mean) < 50


@pytest.mark.parametrize("huge", [1e150, 1e300, 1.7e308, -1.7e308])
def test_losses_near_the_largest_float_stay_finite(huge):
    surfaces = seen(lambda params: smooth(params) + (huge if params["x"] > 0.9 else 0.0))[-1]
    for column in (surfaces.mean, surfaces.low, surfaces.high, surfaces.deviation, surfaces.acquisition):
        assert np.isfinite(column).all()
