"""Makes the tables of our own: real trainings on the digits that scikit-learn ships, for `curves.py`.

    python -m tests.benchmarks.search.tables [NAME ...]     writes data/table_NAME.npz; minutes of CPU

Each table holds the validation curves of random configurations of one kind of training: 500 images to
train on, the other 1,297 to validate, 50 steps, one seed. A step's seconds are counted from its work and
not measured, so that a table does not depend on the machine that made it.

* `boosting`: gradient boosting of trees, odd digits against even ones; a step is a tree; log loss.
* `mlp`: a fully connected net, SGD with momentum; a step is an epoch; error in percent.
* `linear`: linear classifiers, SGD with scikit-learn's losses, penalties and schedules; epoch; error.
* `conv`: a small convolutional net, Adam with a decaying rate; epoch; cross-entropy.

`lcbench` trains nothing: it writes down what 2,000 random configurations of each LCBench task do, to
normalise its losses by (data/lcbench_references.json).
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.search.curves import DATA, LCBENCH, LCBENCH_SPACE, Reference, lcbench_answer
from tests.benchmarks.search.spaces import Parameter, Params, choice, draw, real, to_unit, whole

STEPS = 50
TRAINING = 500
# what a diverged training is written down as
WORST_LOG_LOSS = 5.0
# of the counted seconds: a core's multiply-adds a second, and what a batch costs besides them
ADDS_PER_S = 5e9
BATCH_S = 1e-4

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """A kind of training: its space, how many draws of it, its losses by step, and a step's seconds."""

    space: tuple[Parameter, ...]
    draws: int
    losses: Callable[[Params], Iterator[float]]
    step_seconds: Callable[[Params], float]


def digits() -> tuple[Array, NDArray[np.int64]]:
    """1,797 images of 8 × 8 in [0, 1], shuffled once, and what they show."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return images[order] / 16, labels[order]


def boosting(params: Params) -> Iterator[float]:
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.metrics import log_loss

    images, labels = digits()
    odd = labels % 2
    model = GradientBoostingClassifier(n_estimators=STEPS, random_state=0, **params)
    model.fit(images[:TRAINING], odd[:TRAINING])
    for chances in model.staged_predict_proba(images[TRAINING:]):
        yield log_loss(odd[TRAINING:], chances)


def linear(params: Params) -> Iterator[float]:
    from sklearn.linear_model import SGDClassifier

    images, labels = digits()
    model = SGDClassifier(random_state=0, **params)
    for _ in range(STEPS):
        model.partial_fit(images[:TRAINING], labels[:TRAINING], classes=np.arange(10))
        yield 100 * (1 - model.score(images[TRAINING:], labels[TRAINING:]))


def mlp(params: Params) -> Iterator[float]:
    import torch
    from torch import nn

    torch.manual_seed(0)
    widths = [64] + [params["width"]] * params["depth"]
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(params["dropout"])]
    model = nn.Sequential(*layers, nn.Linear(widths[-1], 10))
    rule = torch.optim.SGD(
        model.parameters(), params["lr"], momentum=params["momentum"], weight_decay=params["weight_decay"]
    )
    for outputs, labels in _epochs(model, rule, params["batch"]):
        yield 100 * (outputs.argmax(1) != labels).double().mean().item()


def conv(params: Params) -> Iterator[float]:
    import torch
    from torch import nn

    torch.manual_seed(0)
    channels = params["channels"]
    model = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, channels, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(channels, 2 * channels, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(params["dropout"]),
        nn.Linear(32 * channels, 10),
    )
    betas = (1 - params["beta1_gap"], 0.999)
    rule = torch.optim.Adam(model.parameters(), params["lr"], betas, weight_decay=params["weight_decay"])
    fading = torch.optim.lr_scheduler.ExponentialLR(rule, params["fading"])
    for outputs, labels in _epochs(model, rule, params["batch"]):
        yield nn.functional.cross_entropy(outputs, labels).item()
        fading.step()


def _epochs(model: Any, rule: Any, batch: int) -> Iterator[tuple[Any, Any]]:
    """Trains an epoch at a time; gives the outputs for the validation images, and their labels."""
    import torch

    images, labels = (torch.as_tensor(array) for array in digits())
    images = images.float()
    for _ in range(STEPS):
        model.train()
        for part in torch.randperm(TRAINING).split(batch):
            rule.zero_grad()
            torch.nn.functional.cross_entropy(model(images[part]), labels[part]).backward()
            rule.step()
        model.eval()
        with torch.no_grad():
            yield model(images[TRAINING:]), labels[TRAINING:]


def _net_seconds(params: Params, adds: float) -> float:
    """An epoch: forward and backward take about three times the forward's `adds` for each image."""
    return 3 * adds * TRAINING / ADDS_PER_S + BATCH_S * TRAINING / params["batch"]


def _mlp_seconds(params: Params) -> float:
    width = params["width"]
    return _net_seconds(params, 64 * width + (params["depth"] - 1) * width**2 + 10 * width)


def _conv_seconds(params: Params) -> float:
    channels = params["channels"]
    return _net_seconds(params, 64 * 9 * channels + 16 * 9 * 2 * channels**2 + 320 * channels)


RECIPES = {
    "boosting": Recipe(
        (
            real("learning_rate", 0.01, 2.0, log=True),
            whole("max_depth", 1, 8),
            real("subsample", 0.1, 1.0),
            real("max_features", 0.02, 1.0, log=True),
            whole("min_samples_leaf", 1, 100, log=True),
            real("min_impurity_decrease", 1e-5, 1e-1, log=True),
        ),
        600,
        boosting,
        # a tree's levels sort the drawn images by the drawn pixels
        lambda p: 1e-4 + 1e-3 * p["max_depth"] * p["subsample"] * p["max_features"],
    ),
    "mlp": Recipe(
        (
            real("lr", 1e-4, 1.0, log=True),
            real("momentum", 0.0, 0.99),
            real("weight_decay", 1e-6, 1e-1, log=True),
            whole("batch", 8, 256, log=True),
            whole("width", 8, 256, log=True),
            whole("depth", 1, 4),
            real("dropout", 0.0, 0.9),
        ),
        600,
        mlp,
        _mlp_seconds,
    ),
    "linear": Recipe(
        (
            choice("loss", "hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"),
            choice("penalty", "l2", "l1", "elasticnet"),
            real("alpha", 1e-7, 1.0, log=True),
            choice("learning_rate", "constant", "invscaling"),
            real("eta0", 1e-5, 10.0, log=True),
            real("power_t", 0.0, 1.0),
        ),
        600,
        linear,
        lambda p: 1e-3,
    ),
    "conv": Recipe(
        (
            real("lr", 1e-5, 1e-1, log=True),
            real("beta1_gap", 0.01, 1.0, log=True),
            real("weight_decay", 1e-6, 1e-1, log=True),
            real("fading", 0.8, 1.0),
            whole("batch", 16, 256, log=True),
            whole("channels", 2, 16, log=True),
            real("dropout", 0.0, 0.9),
        ),
        400,
        conv,
        _conv_seconds,
    ),
}


def make(name: str) -> Path:
    """Train every configuration of a table and write it."""
    recipe = RECIPES[name]
    random = np.random.default_rng(0)
    draws = [draw(recipe.space, random) for _ in range(recipe.draws)]
    worst = 100.0 if name in ("mlp", "linear") else WORST_LOG_LOSS
    losses = np.array([list(recipe.losses(params)) for params in draws])
    path = DATA / f"table_digits_{name}.npz"
    np.savez_compressed(
        path,
        space=json.dumps(recipe.space),
        unit=np.array([to_unit(recipe.space, params) for params in draws], np.float32),
        losses=np.nan_to_num(losses, nan=worst).clip(max=worst).astype(np.float32),
        step_seconds=np.array([recipe.step_seconds(params) for params in draws], np.float32),
    )
    return path


def refer_to_lcbench() -> Path:
    """Write the `Reference` of every LCBench task."""
    draws = np.random.default_rng(0).random((2000, len(LCBENCH_SPACE)))
    references = {name: Reference.of(*lcbench_answer(name)(draws)).to_json() for name in LCBENCH}
    path = DATA / "lcbench_references.json"
    path.write_text(json.dumps(references) + "\n")
    return path


if __name__ == "__main__":
    # steps that diverge overflow; the table says so by its worst loss
    warnings.simplefilter("ignore", RuntimeWarning)
    for wanted in sys.argv[1:] or [*RECIPES, "lcbench"]:
        print(refer_to_lcbench() if wanted == "lcbench" else make(wanted), flush=True)
