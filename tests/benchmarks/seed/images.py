"""Images to train on and to measure with, what may be done to them in training, and SGD on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch
from torch import Tensor, nn

from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed.training import (
    Epoch,
    Train,
    accuracy,
    batches,
    initial_weights,
    numbers,
    training_seed,
)

Augment: TypeAlias = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True)
class Images:
    """Pixels `n x channels x h x w`, standardised, and labels `n` from 0 to 9; `train` and `valid` apart."""

    train: Tensor
    train_labels: Tensor
    valid: Tensor
    valid_labels: Tensor

    def to(self, device: torch.device) -> Images:
        return replace(self, **{name: tensor.to(device) for name, tensor in vars(self).items()})


def standardised(train: Tensor, train_labels: Tensor, valid: Tensor, valid_labels: Tensor) -> Images:
    """Images of which each channel has mean 0 and deviation 1 over the training pixels."""
    deviation, mean = torch.std_mean(train, dim=(0, 2, 3), keepdim=True)
    return Images((train - mean) / deviation, train_labels, (valid - mean) / deviation, valid_labels)


def crops(images: Tensor, chance: torch.Generator, *, border: int) -> Tensor:
    """Each image moved by up to `border` pixels each way; what comes in from outside is 0, the mean."""
    height, width = images.shape[-2:]
    padded = nn.functional.pad(images, (border,) * 4)
    moved = torch.randint(2 * border + 1, (2, len(images)), generator=chance).to(images.device)
    rows = moved[0, :, None] + torch.arange(height, device=images.device)
    columns = moved[1, :, None] + torch.arange(width, device=images.device)
    which = torch.arange(len(images), device=images.device)
    # advanced indices around the channels' slice put the channels last
    return padded[which[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def flips(images: Tensor, chance: torch.Generator) -> Tensor:
    """Each image mirrored left to right, or not."""
    mirrored = torch.rand(len(images), generator=chance).to(images.device) < 0.5
    return torch.where(mirrored[:, None, None, None], images.flip(-1), images)


def sgd(
    images: Callable[[], Images],
    make_net: Callable[[], nn.Module],
    *,
    batch: int | None = None,
    augment: Augment | None = None,
    cost: Callable[[int, int], float] | None = None,
) -> Train:
    """SGD with the params `learning_rate`, `momentum`, `wd`, and `batch` unless that is given.

    Args:
        augment: changes the images of a batch.
        cost:    training images and batch to seconds of an epoch; without it they are measured.
    """

    def train(params: Params, seed: int) -> Iterator[Epoch]:
        data, own, given = images(), training_seed(params, seed), numbers(params)
        device, count = data.train.device, len(data.train)
        with initial_weights(own):
            model = make_net().to(device)
        chance = torch.Generator().manual_seed(own)
        size = int(given["batch"]) if batch is None else batch
        optimizer = torch.optim.SGD(
            model.parameters(),
            given["learning_rate"],
            given["momentum"],
            weight_decay=given["wd"],
            fused=True,
        )
        while True:
            began = time.perf_counter()
            for chosen in batches(count, size, chance):
                seen = data.train[chosen.to(device)]
                optimizer.zero_grad()
                scores = model(augment(seen, chance) if augment else seen)
                nn.functional.cross_entropy(scores, data.train_labels[chosen.to(device)]).backward()
                optimizer.step()
            reached = accuracy(model, data.valid, data.valid_labels)
            yield Epoch(reached, cost(count, size) if cost else time.perf_counter() - began)

    return train
