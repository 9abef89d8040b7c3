import numpy as np
import pytest

from jupyter_tune.samplers.gp.outputs import OutputTransform

LOSSES = np.random.default_rng(0).lognormal(size=60)


def test_targets_are_standardised_and_keep_the_order():
    targets = OutputTransform.of(LOSSES).to_target(LOSSES)
    assert targets.mean() == pytest.approx(0, abs=1e-12)
    assert targets.std() == pytest.approx(1)
    assert (np.argsort(targets) == np.argsort(LOSSES)).all()


def test_the_inverse_is_exact_and_the_slope_its_derivative():
    outputs = OutputTransform.of(LOSSES)
    targets = outputs.to_target(LOSSES)
    assert outputs.to_loss(targets) == pytest.approx(LOSSES)
    h = 1e-6
    difference = (outputs.to_loss(targets + h) - outputs.to_loss(targets - h)) / (2 * h)
    # central differences are off by h^2, rounding by 1e-16/h
    assert outputs.slope(targets) == pytest.approx(difference, rel=1e-6)


def test_units_of_the_metric_do_not_matter():
    scaled = 1000 * LOSSES - 7
    targets = OutputTransform.of(scaled).to_target(scaled)
    assert targets == pytest.approx(OutputTransform.of(LOSSES).to_target(LOSSES))


def test_one_diverged_training_leaves_the_others_apart():
    losses = np.append(np.linspace(1, 2, 12), 1e12)
    good = OutputTransform.of(losses).to_target(losses)[:12]
    assert np.ptp(good) > 0.1


@pytest.mark.parametrize("losses", [[3.0], [0.3, 0.1 + 0.2, 0.3], [0.0, 0.0]])
def test_losses_all_alike_become_zeros(losses):
    outputs = OutputTransform.of(np.array(losses))
    assert outputs.to_target(np.array(losses)) == pytest.approx(0, abs=1e-12)
    assert outputs.to_loss(np.zeros(1)) == pytest.approx(losses[0])
