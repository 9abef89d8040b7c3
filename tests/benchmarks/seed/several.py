"""S1 with readings that resolve: one reading is the mean of small nets that are trained side by side.

A net of one hidden layer learns scikit-learn's digits by SGD as the convolutional one does (digits.py: the
same 600 images to train on, 1,197 to measure, 12 at a time). Nets of the same params differ in their initial
weights and in the order of the images: readings of one net deviate by 1 point of accuracy, which is more than
the best tenth of random configurations differ by; means of JUDGES nets by 0.06. Nets are trained as one: each
weight has a first dimension for the net.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed.digits import S1_BATCH, digits, epoch_s
from tests.benchmarks.seed.training import Epoch, Train, numbers, training_seed

NETS, JUDGES = 16, 256
PIXELS, HIDDEN, CLASSES = 64, 32, 10


def mean_of(nets: int) -> Train:
    """Trainings whose accuracy is the mean of that of `nets` nets."""

    def train(params: Params, seed: int) -> Iterator[Epoch]:
        data, given = digits(), numbers(params)
        images, valid = data.train.flatten(1), data.valid.flatten(1)
        chance = torch.Generator().manual_seed(training_seed(params, seed))
        weights = _initial(nets, PIXELS, HIDDEN, chance) + _initial(nets, HIDDEN, CLASSES, chance)
        optimizer = torch.optim.SGD(
            weights, given["learning_rate"], given["momentum"], weight_decay=given["wd"], fused=True
        )
        seconds = nets * epoch_s(len(images), S1_BATCH)
        while True:
            orders = torch.rand(nets, len(images), generator=chance).argsort(1)
            for chosen in orders.split(S1_BATCH, dim=1):
                optimizer.zero_grad()
                scores = _scores(weights, images[chosen])
                # a mean over each net's images, and a sum over the nets, which share nothing
                nn.functional.cross_entropy(
                    scores.flatten(0, 1), data.train_labels[chosen].flatten(), reduction="sum"
                ).div(chosen.shape[1]).backward()
                optimizer.step()
            with torch.no_grad():
                told = _scores(weights, valid.expand(nets, -1, -1)).argmax(2)
            yield Epoch((told == data.valid_labels).double().mean().item(), seconds)

    return train


def _initial(nets: int, inputs: int, outputs: int, chance: torch.Generator) -> list[Tensor]:
    """Weights `nets x inputs x outputs` and biases `nets x 1 x outputs`, drawn as those of nn.Linear are."""
    bound = 1 / math.sqrt(inputs)
    return [
        (torch.rand(nets, rows, outputs, generator=chance) * 2 * bound - bound).requires_grad_()
        for rows in (inputs, 1)
    ]


def _scores(weights: list[Tensor], images: Tensor) -> Tensor:
    """`nets x batch x CLASSES` scores of `nets x batch x PIXELS` images."""
    first, first_bias, last, last_bias = weights
    return torch.baddbmm(last_bias, torch.baddbmm(first_bias, images, first).relu(), last)
