"""The networks, the images and the trainings of the seed experiments."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from torch import nn

from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed import digits, images, perceptron, residual, several, training

POINT: Params = {"units": 16, "lr": 1e-2, "l2": 1e-5, "batch": 200}
IMAGES: Params = {"learning_rate": 0.1, "momentum": 0.5, "wd": 1e-4, "batch": 64}


def parameters(model: nn.Module) -> int:
    return sum(weights.numel() for weights in model.parameters())


def test_the_residual_networks_are_those_of_the_paper() -> None:
    # 0.27 million in the paper's table 6, there without the few thousand weights of two shortcuts
    assert parameters(residual.resnet20()) == 272_474
    # torchvision's 21,797,672 with a 3 x 3 stem and 10 classes in place of 7 x 7 and 1,000
    assert parameters(residual.resnet34()) == 21_797_672 - 3 * 64 * (49 - 9) - 513 * 990
    # the deeper ones count their layers of weights: convolutions off the shortcuts, and the last one
    for depth, net in ((20, residual.resnet20()), (34, residual.resnet34())):
        weighed = [layer for layer in net.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
        shortcuts = [block for block in net.modules() if isinstance(block, residual.Block)]
        bare = sum(isinstance(block.shortcut, nn.Identity) for block in shortcuts)
        assert len(weighed) - (len(shortcuts) - bare) == depth


def test_a_residual_network_halves_the_image_from_stage_to_stage() -> None:
    net = residual.resnet20().eval()
    sizes = []
    for block in net.modules():
        if isinstance(block, residual.Block):
            block.register_forward_hook(lambda _, __, output: sizes.append(tuple(output.shape[1:])))
    assert net(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert sizes == [(16, 32, 32)] * 3 + [(32, 16, 16)] * 3 + [(64, 8, 8)] * 3


def test_a_crop_is_a_window_of_the_image_with_a_border() -> None:
    picture = torch.arange(1.0, 2 * 3 * 4 * 4 + 1).view(2, 3, 4, 4)
    border = nn.functional.pad(picture, (1, 1, 1, 1))
    cropped = images.crops(picture, torch.Generator().manual_seed(3), border=1)
    assert cropped.shape == picture.shape
    for image, whole in zip(cropped, border, strict=True):
        windows = [whole[:, row : row + 4, column : column + 4] for row in range(3) for column in range(3)]
        assert sum(torch.equal(image, window) for window in windows) == 1


def test_flips_mirror_some_images_whole() -> None:
    picture = torch.arange(8 * 2 * 3 * 3.0).view(8, 2, 3, 3)
    flipped = images.flips(picture, torch.Generator().manual_seed(0))
    mirrored = [torch.equal(one, other.flip(-1)) for one, other in zip(flipped, picture, strict=True)]
    kept = [torch.equal(one, other) for one, other in zip(flipped, picture, strict=True)]
    assert [not was for was in mirrored] == kept
    assert {True, False} == set(kept)


@pytest.mark.parametrize(
    ("train", "params"),
    [
        (perceptron.train, POINT),
        (digits.train_s3, IMAGES),
        (several.mean_of(2), IMAGES),
    ],
)
def test_a_training_repeats_whatever_else_is_trained_meanwhile(train: training.Train, params: Params) -> None:
    alone = list(islice(train(params, 1), 2))
    first, other = train(params, 1), train(params, 2)
    between = []
    for _ in range(2):
        between.append(next(first))
        next(other)
        torch.rand(3)
    assert between == alone
    assert list(islice(train(params, 2), 2)) != alone


def test_a_perceptron_learns_and_a_stifled_one_does_not() -> None:
    *_, learnt = islice(perceptron.train(POINT, 0), 4)
    assert learnt.accuracy > 0.8
    *_, stifled = islice(perceptron.train({**POINT, "l2": 2.0}, 0), 4)
    assert stifled.accuracy < 0.7


def test_several_nets_are_trained_apart_from_each_other() -> None:
    (weights,) = {tuple(each.shape) for each in several._initial(3, 4, 5, torch.Generator())[:1]}
    assert weights == (3, 4, 5)
    readings = [next(several.mean_of(1)(IMAGES, seed)).accuracy for seed in range(6)]
    means = [next(several.mean_of(16)(IMAGES, seed)).accuracy for seed in range(6)]
    assert max(means) - min(means) < max(readings) - min(readings)
    assert min(means) > 0.5


def test_the_cost_grows_with_the_net_and_with_smaller_batches() -> None:
    assert perceptron.epoch_s(1000, 100) > 5 * perceptron.epoch_s(100, 100)
    assert perceptron.epoch_s(10, 10) > 5 * perceptron.epoch_s(10, 200)


def test_a_batch_of_one_is_left_out() -> None:
    sizes = [len(batch) for batch in training.batches(9, 4, torch.Generator())]
    assert sizes == [4, 4]


def test_a_param_that_is_no_number_is_named() -> None:
    with pytest.raises(TypeError, match="units: not a number"):
        training.numbers({"units": "many", "lr": 0.1})
