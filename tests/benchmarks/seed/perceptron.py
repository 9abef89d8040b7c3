"""S2: a fully connected net of three layers on synthetic data for a binary decision, 5,000 points.

4,000 points are trained on, 1,000 measure the accuracy. The points are scikit-learn's
make_classification: 20 features, 10 of them informative, 4 clusters a class, 2 % of the labels flipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import torch
from sklearn.datasets import make_classification
from torch import Tensor, nn

import jupyter_tune as jt
from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed.training import (
    Epoch,
    accuracy,
    batches,
    initial_weights,
    numbers,
    training_seed,
)

FEATURES = 20
TRAINED_ON = 4000
SPACE = jt.Space(
    units=jt.Int(10, 1000, log=True),
    lr=jt.Float(1e-4, 0.1, log=True),
    l2=jt.Float(1e-6, 2.0, log=True),
    batch=jt.Int(10, 200),
)


@cache
def points() -> tuple[Tensor, Tensor]:
    """`5000 x 20` features, standardised over the training points, and `5000` labels."""
    features, labels = make_classification(
        5000,
        FEATURES,
        n_informative=10,
        n_clusters_per_class=4,
        class_sep=1.7,
        flip_y=0.02,
        random_state=0,
    )
    trained = features[:TRAINED_ON]
    features = (features - trained.mean(0)) / trained.std(0)
    return torch.tensor(features, dtype=torch.float32), torch.tensor(labels)


def make_net(units: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(FEATURES, units), nn.ReLU(), nn.Linear(units, units), nn.ReLU(), nn.Linear(units, 2)
    )


def epoch_s(units: int, batch: int) -> float:
    """Seconds of one epoch on one core, evaluation included.

    Fitted to times from 10 to 1,000 units and batches from 10 to 200: a step costs its overhead, the
    optimizer's pass over the weights, and the arithmetic of its points.
    """
    step = 1.4e-4 + 1.1e-9 * units**2 + batch * (4e-7 + 5.6e-11 * units**2)
    return -(-TRAINED_ON // batch) * step + 1e-4 + 1.8e-8 * units**2


def train(params: Params, seed: int) -> Iterator[Epoch]:
    """Adam with `l2` as its weight decay, epoch after epoch without end."""
    features, labels = points()
    own, given = training_seed(params, seed), numbers(params)
    units, size = int(given["units"]), int(given["batch"])
    with initial_weights(own):
        model = make_net(units)
    chance = torch.Generator().manual_seed(own)
    optimizer = torch.optim.Adam(model.parameters(), given["lr"], weight_decay=given["l2"], fused=True)
    seconds = epoch_s(units, size)
    while True:
        for batch in batches(TRAINED_ON, size, chance):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(features[batch]), labels[batch]).backward()
            optimizer.step()
        yield Epoch(accuracy(model, features[TRAINED_ON:], labels[TRAINED_ON:]), seconds)
