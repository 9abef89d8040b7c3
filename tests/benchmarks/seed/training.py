"""What the seed experiments train: an iterator of epochs, so that a pruned training costs what it ran.

A training is seeded by its params and the study's seed. Its seconds are virtual: they come from a cost
model that was fitted once to measured times, so that the same study takes the same time everywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from jupyter_tune.core.parameters import Params


class Epoch(NamedTuple):
    """`accuracy`: the share of the held-out examples that are told right; `seconds`: what it took."""

    accuracy: float
    seconds: float


Train: TypeAlias = Callable[[Params, int], Iterator[Epoch]]
"""Params and the study's seed to epochs, trained one by one as they are asked for."""


def key_of(params: Params, seed: int) -> str:
    return json.dumps([params, seed], sort_keys=True)


def numbers(params: Params) -> dict[str, float]:
    """`params`, of which each is a number. Raises TypeError."""
    found = {name: value for name, value in params.items() if isinstance(value, (int, float))}
    if len(found) < len(params):
        raise TypeError(f"{', '.join(params.keys() - found.keys())}: not a number")
    return found


def training_seed(params: Params, seed: int) -> int:
    """63 bits: every training has its own initial weights and shuffling."""
    return int.from_bytes(hashlib.sha256(key_of(params, seed).encode()).digest()[:8], "big") >> 1


@contextmanager
def initial_weights(seed: int) -> Iterator[None]:
    """What draws from torch's global generator inside draws from `seed`; outside nothing changes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def batches(examples: int, size: int, chance: torch.Generator) -> Iterator[Tensor]:
    """Shuffled indices, `size` at a time; a rest too small for batch normalisation is left out."""
    for batch in torch.randperm(examples, generator=chance).split(size):
        if len(batch) > 1:
            yield batch


@torch.no_grad()
def accuracy(model: nn.Module, examples: Tensor, labels: Tensor, size: int = 2000) -> float:
    """The share of `examples` that `model` gives the right label, `size` of them at a time."""
    model.eval()
    right = sum(
        (model(some).argmax(1) == truth).sum().item()
        for some, truth in zip(examples.split(size), labels.split(size), strict=True)
    )
    model.train()
    return right / len(examples)
