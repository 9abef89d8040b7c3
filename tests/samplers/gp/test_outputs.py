import numpy as np
import pytest

from jupyter_tune.samplers.gp.outputs import OutputTransform

LOSSES = np.random.default_rng(0).lognormal(size=60)


@pytest.mark.parametrize("by_rank", [False, True])
def test_targets_are_standardised_and_keep_the_order(by_rank):
    targets = OutputTransform.of(LOSSES, by_rank=by_rank).to_target(LOSSES)
    assert targets.mean() == pytest.approx(0, abs=1e-12)
    assert targets.std() == pytest.approx(1)
    assert (np.argsort(targets) == np.argsort(LOSSES)).all()


@pytest.mark.parametrize("by_rank", [False, True])
def test_the_inverse_is_exact_and_the_slope_its_derivative(by_rank):
    outputs = OutputTransform.of(LOSSES, by_rank=by_rank)
    targets = np.sort(outputs.to_target(LOSSES))
    assert outputs.to_loss(targets) == pytest.approx(np.sort(LOSSES))
    # between the losses, where the map by rank has no kink, and beyond both ends
    middles = (targets[1:] + targets[:-1]) / 2
    targets = np.concatenate([[targets[0] - 1], middles, [targets[-1] + 1]])
    assert outputs.to_target(outputs.to_loss(targets)) == pytest.approx(targets)
    h = 1e-6
    difference = (outputs.to_loss(targets + h) - outputs.to_loss(targets - h)) / (2 * h)
    # central differences are off by h^2, rounding by 1e-16/h
    assert outputs.slope(targets) == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize("by_rank", [False, True])
def test_units_of_the_metric_do_not_matter(by_rank):
    scaled = 1000 * LOSSES - 7
    targets = OutputTransform.of(scaled, by_rank=by_rank).to_target(scaled)
    assert targets == pytest.approx(OutputTransform.of(LOSSES, by_rank=by_rank).to_target(LOSSES))


def test_by_rank_a_few_good_ones_stand_out_from_many_alike():
    losses = np.concatenate([np.linspace(0.6931, 0.6932, 40), [5.0] * 15, [0.69, 0.68, 0.67, 0.66]])
    plain, ranked = (OutputTransform.of(losses, by_rank=r).to_target(losses) for r in (False, True))
    # of the distance to the worst, the many alike take up next to nothing, or half
    spread = [np.ptp(t[:40]) / np.ptp(t) for t in (plain, ranked)]
    assert spread[0] < 0.01 < 0.2 < spread[1]
    assert (np.diff(ranked[-4:]) < 0).all()


def test_equal_losses_get_equal_targets_by_rank():
    losses = np.array([1.0, 1.0, 1.0, 2.0, 3.0])
    targets = OutputTransform.of(losses, by_rank=True).to_target(losses)
    assert np.ptp(targets[:3]) == 0


def test_one_diverged_training_leaves_the_others_apart():
    losses = np.append(np.linspace(1, 2, 12), 1e12)
    good = OutputTransform.of(losses).to_target(losses)[:12]
    assert np.ptp(good) > 0.1


@pytest.mark.parametrize("losses", [[3.0], [0.3, 0.1 + 0.2, 0.3], [0.0, 0.0]])
def test_losses_all_alike_become_zeros(losses):
    outputs = OutputTransform.of(np.array(losses), by_rank=True)
    assert outputs.to_target(np.array(losses)) == pytest.approx(0, abs=1e-12)
    assert outputs.to_loss(np.zeros(1)) == pytest.approx(losses[0])
