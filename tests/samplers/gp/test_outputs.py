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
    # between the losses, where the map by rank has no kink, and beyond the best
    middles = (targets[1:] + targets[:-1]) / 2
    targets = np.concatenate([[targets[0] - 1], middles])
    assert outputs.to_target(outputs.to_loss(targets)) == pytest.approx(targets)
    # beyond the worst, where the way back is a tangent
    targets = np.append(targets, middles[-1] + [1.0, 2.0])
    h = 1e-6
    difference = (outputs.to_loss(targets + h) - outputs.to_loss(targets - h)) / (2 * h)
    # central differences are off by h^2, rounding by 1e-16/h
    assert outputs.slope(targets) == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize("by_rank", [False, True])
@pytest.mark.parametrize("losses", [LOSSES, LOSSES**9], ids=["tame", "wild"])
@pytest.mark.parametrize(("factor", "shift"), [(1000, -7), (1e-200, 0), (1e280, 0)])
def test_units_of_the_metric_do_not_matter(by_rank, losses, factor, shift):
    scaled = factor * losses + shift
    targets = OutputTransform.of(scaled, by_rank=by_rank).to_target(scaled)
    # the least of the wild ones lose digits to the shift
    assert targets == pytest.approx(OutputTransform.of(losses, by_rank=by_rank).to_target(losses), abs=1e-6)


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


GOOD = np.random.default_rng(1).random(40) ** 2


def diverged(share, size):
    """`GOOD`, but for a share that lies anywhere between 10 and `size` in scale."""
    losses = GOOD.copy()
    bad = round(share * len(losses))
    losses[:bad] = np.geomspace(10, size, bad) if bad > 1 else size
    return losses, bad


@pytest.mark.parametrize("size", [1e4, 1e9, 1e27, 1e300])
@pytest.mark.parametrize(
    ("share", "seen"), [(0.025, 0.5), (0.1, 0.4), (0.34, 0.15), (0.5, 0.05), (0.66, 0.01)]
)
def test_diverged_trainings_leave_the_others_their_resolution(share, size, seen):
    losses, bad = diverged(share, size)
    targets = OutputTransform.of(losses).to_target(losses)
    assert np.ptp(targets[bad:]) > seen * np.ptp(targets)
    assert (np.argsort(targets) == np.argsort(losses)).all()
    # it does not depend on how huge they are: logarithms of 1e27 would be a scale too
    others, _ = diverged(share, 1e200 * size if size < 1e100 else 1e100)
    assert OutputTransform.of(others).to_target(others)[bad:] == pytest.approx(targets[bad:], abs=0.3)


def test_one_diverged_training_is_seen_about_as_one_that_failed():
    losses, bad = diverged(0.025, 1e27)
    failed = np.append(losses[bad:], losses[bad:].max())
    told = OutputTransform.of(losses).to_target(losses)[bad:]
    as_failed = OutputTransform.of(failed).to_target(failed)[:-1]
    assert np.ptp(told) > 0.75 * np.ptp(as_failed)


def test_losses_of_two_scales_are_both_resolved():
    losses = np.concatenate([np.geomspace(1e-6, 1e-3, 20), np.linspace(1e3, 2e3, 15)])
    targets = OutputTransform.of(losses).to_target(losses)
    assert (np.diff(targets) > 0).all()
    assert np.ptp(targets[:20]) > 0.1
    assert np.ptp(targets[20:]) > 0.01


def test_a_crowd_at_the_best_is_no_scale():
    losses = np.array([0.02] * 30 + [0.03, 0.05, 0.08, 1e9])
    targets = OutputTransform.of(losses).to_target(losses)
    assert (np.diff(targets[29:]) > 0.1).all()


@pytest.mark.parametrize("share", [0, 0.1, 0.34, 0.66])
def test_a_small_change_of_a_loss_is_a_small_change_of_the_targets(share):
    losses, _ = diverged(share, 1e9)
    before = OutputTransform.of(losses).to_target(losses)
    for at in range(len(losses)):
        moved = losses.copy()
        moved[at] *= 1 + 1e-6
        assert OutputTransform.of(moved).to_target(moved) == pytest.approx(before, abs=1e-3)


@pytest.mark.parametrize("share", [0.025, 0.34])
def test_what_is_far_beyond_all_others_is_shown_as_less(share):
    losses, bad = diverged(share, 1e27)
    outputs = OutputTransform.of(losses)
    shown = outputs.to_loss(outputs.to_target(losses))
    below = losses < outputs.bend
    assert shown[below] == pytest.approx(losses[below])
    assert outputs.most_shown == pytest.approx(shown.max())
    assert (np.argsort(shown) == np.argsort(losses)).all()
    # of a linear axis of colours the others take up what can be seen
    assert np.ptp(shown[bad:]) > 0.08 * np.ptp(shown)
    assert OutputTransform.of(GOOD).most_shown is None


LARGEST = 1.7e308


@pytest.mark.parametrize("by_rank", [False, True])
@pytest.mark.parametrize(
    "losses",
    [
        [LARGEST, -LARGEST],
        [LARGEST] * 3,
        [LARGEST, -LARGEST, 0.0, 1.0, 2.0],
        [1e-300, 2e-300, 1e-290, 1e-280, LARGEST],
        [0.0, 5e-324, 1e-320],
        [1e300, 2e300, 3e300, 4e300],
        [1.0, 2.0, 3.0, 4.0, -LARGEST],
    ],
)
def test_nothing_overflows_at_the_ends_of_the_floats(losses, by_rank):
    losses = np.array(losses)
    outputs = OutputTransform.of(losses, by_rank=by_rank)
    targets = outputs.to_target(losses)
    assert np.isfinite(targets).all()
    assert (np.diff(targets[np.argsort(losses)]) >= 0).all()
    wide = np.linspace(-5, 5, 11)
    assert np.isfinite(outputs.to_loss(wide)).all()
    assert np.isfinite(outputs.slope(wide)).all()


@pytest.mark.parametrize("losses", [[3.0], [0.3, 0.1 + 0.2, 0.3], [0.0, 0.0]])
def test_losses_all_alike_become_zeros(losses):
    outputs = OutputTransform.of(np.array(losses), by_rank=True)
    assert outputs.to_target(np.array(losses)) == pytest.approx(0, abs=1e-12)
    assert outputs.to_loss(np.zeros(1)) == pytest.approx(losses[0])
