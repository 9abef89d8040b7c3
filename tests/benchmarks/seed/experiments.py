"""The three experiments that Amazon published of SageMaker's tuner, as data.

`the_post` is what was reported there, on other hardware and (where a stand-in is used) on other data:
only ratios compare. The first trial of every study is a random point, the same for all methods of a seed:
the post's tuners knew no default.

S1 and S3 on CIFAR-10 need its files and in practice a GPU (cifar.py); elsewhere stand-ins run (digits.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Literal

import torch

import jupyter_tune as jt
from jupyter_tune.registry import PRUNERS
from tests.benchmarks.seed import cifar, digits, images, perceptron, residual, several, training

Kind = Literal["time to target", "equal budgets"]


@dataclass(frozen=True)
class Method:
    """A tuner. `the_post`: what SageMaker's counterpart reached there, "" without one; `confirm`: how many of
    its trials, the last, measure the best again."""

    name: str
    sampler: str
    pruner: str
    workers: int
    trials: int
    the_post: str = ""
    confirm: int = 0


@dataclass(frozen=True)
class Goal:
    """`method` needs at most `at_most` times as long as `beside`; `the_post`: what it was there."""

    method: str
    beside: str
    at_most: float
    the_post: str


@dataclass(frozen=True)
class Experiment:
    """What is trained, by whom it is tuned, and what the post says.

    `sources`: the modules that decide a training's curve; `seeds`: how many studies of each method.
    `target`: the accuracy to reach, or None and instead `target_share`: the target is then the accuracy that
    this share of the `sample` random configurations reaches; with a sample of 0 nothing is said of the share.
    `trainings`: under which name they are remembered, "" for its own; who trains alike shares one.
    `judge`: trains what a study has chosen again, so finely that it says what the configuration is worth;
    methods of equal budgets are then compared by that, and not by the best reading.
    """

    name: str
    title: str
    space: jt.Space
    train: training.Train
    sources: tuple[ModuleType, ...]
    epochs: int
    methods: tuple[Method, ...]
    kind: Kind
    data: str
    target: float | None = None
    target_share: float | None = None
    sample: int = 60
    the_posts_target: str = ""
    goals: tuple[Goal, ...] = ()
    seeds: int = 5
    trainings: str = ""
    judge: training.Train | None = None


RANDOM, BAYESIAN = "random", "Bayesian (gp, no pruner)"
RANDOM_CONFIRMED, BAYESIAN_CONFIRMED = "random, 6 of them confirm", "Bayesian, 6 of them confirm"
RANDOM_ASHA, OURS, OURS_HYPERBAND = "random + asha", "gp + asha", "gp + hyperband"


def _to_target(post: Mapping[str, str], workers: int = 4) -> tuple[Method, ...]:
    """The methods of a race to a target; so many trials that it is the target that ends it."""
    methods = [
        Method(RANDOM, "random", "none", workers, 300, post["random"]),
        Method(BAYESIAN, "gp", "none", workers, 300, post["bayesian"]),
        Method(RANDOM_ASHA, "random", "asha", workers, 1500),
        Method(OURS, "gp", "asha", workers, 1500, f"{post['hyperband']} (Hyperband)"),
    ]
    if "hyperband" in PRUNERS:
        methods.append(
            Method(OURS_HYPERBAND, "gp", "hyperband", workers, 1500, f"{post['hyperband']} (Hyperband)")
        )
    return tuple(methods)


S1_SPACE = jt.Space(learning_rate=jt.Float(0.001, 0.5), momentum=jt.Float(0.0, 0.99), wd=jt.Float(0.0, 0.001))
S1_METHODS = (
    Method(RANDOM, "random", "none", 8, 120, "73.7 %"),
    Method(BAYESIAN, "gp", "none", 2, 30, "74 %"),
)


S3_TIMES = {"random": "≈ 10,000 s", "bayesian": "≈ 9,000 s", "hyperband": "< 2,000 s"}


def s3_space(largest_batch: int) -> jt.Space:
    return jt.Space(
        batch=jt.Int(4, largest_batch, log=True),
        learning_rate=jt.Float(1e-6, 0.1, log=True),
        momentum=jt.Float(0.01, 0.99),
        wd=jt.Float(1e-5, 1.0, log=True),
    )


DIGITS = (
    "Stand-in, no CIFAR-10: a small convolutional net on scikit-learn's digits, 600 images of 8 x 8 to train "
    "on and 1,197 to measure"
)
DIGITS_SOURCES = (training, images, digits)
SEVERAL = (
    "Stand-in, no CIFAR-10: nets of one hidden layer on scikit-learn's digits, 600 images to train on and "
    f"1,197 to measure. The chosen configuration is trained again by {several.JUDGES} nets, "
    f"{1197 * several.JUDGES:,} images"
)
SEVERAL_SOURCES = (training, images, digits, several)

S1 = Experiment(
    "S1",
    "images, SGD: 120 random trainings against 30 chosen ones",
    S1_SPACE,
    digits.train_s1,
    DIGITS_SOURCES,
    6,
    S1_METHODS,
    "equal budgets",
    f"{DIGITS}, {digits.S1_BATCH} at a time",
    # the best differ by a few of 1,197 images: five studies say nothing
    seeds=15,
)

# The post compares the best readings, and the best of 120 is luckier than the best of 30. So what each study
# has chosen is trained again by many nets, of which the mean tells what it is worth.
S1_WORTH = Experiment(
    "S1-worth",
    "images, SGD: what the configuration is worth that a study chooses",
    S1_SPACE,
    several.mean_of(1),
    SEVERAL_SOURCES,
    6,
    (
        *S1_METHODS,
        replace(S1_METHODS[0], name=RANDOM_CONFIRMED, the_post="", confirm=6),
        replace(S1_METHODS[1], name=BAYESIAN_CONFIRMED, the_post="", confirm=6),
    ),
    "equal budgets",
    f"{SEVERAL}. A reading is that of one net",
    seeds=15,
    judge=several.mean_of(several.JUDGES),
)
S1_MEANS = replace(
    S1_WORTH,
    name="S1-means",
    title="images, SGD: the same where a reading is the mean of several nets",
    train=several.mean_of(several.NETS),
    methods=S1_METHODS,
    data=f"{SEVERAL}. A reading is the mean of {several.NETS} nets, {1197 * several.NETS:,} images",
)

S2 = Experiment(
    "S2",
    "a fully connected net of three layers: time to a target",
    perceptron.SPACE,
    perceptron.train,
    (training, perceptron),
    27,
    _to_target({"random": "614 s", "bayesian": "560 s", "hyperband": "357 s"}),
    "time to target",
    "scikit-learn's make_classification, 5,000 points",
    target=0.96,
    the_posts_target="0.96",
    goals=(
        Goal(OURS, RANDOM, 357 / 614, "357 s / 614 s = 0.58"),
        Goal(OURS, BAYESIAN, 357 / 560, "357 s / 560 s = 0.64"),
    ),
    seeds=20,
)

S3 = Experiment(
    "S3",
    "augmented images, SGD: time to a target",
    s3_space(digits.S3_LARGEST_BATCH),
    digits.train_s3,
    DIGITS_SOURCES,
    27,
    _to_target(S3_TIMES),
    "time to target",
    DIGITS,
    target_share=0.1,
    the_posts_target="0.87 on CIFAR-10",
    goals=(
        Goal(OURS, RANDOM, 1 / 5, "2,000 s / 10,000 s = 0.20"),
        Goal(OURS, BAYESIAN, 2000 / 9000, "2,000 s / 9,000 s = 0.22"),
    ),
)

# Of a target that a tenth reaches, ten random trainings find one: with four at once that takes two and a
# half rounds, and nobody needs less than the one round of a single training. So how much faster a tuner is
# can be seen only where the target is rarer.
S3_RARE = replace(
    S3,
    name="S3-rare",
    title="augmented images, SGD: time to a target that few reach",
    target_share=0.02,
    sample=300,
    trainings=S3.name,
)

# With one at a time nothing is lost to trainings that were begun before the others had told anything.
S3_ONE = replace(
    S3_RARE,
    name="S3-one",
    title="augmented images, SGD: time to a target that few reach, one training at a time",
    methods=_to_target(S3_TIMES, workers=1),
)

STAND_INS = {experiment.name: experiment for experiment in (S1, S1_WORTH, S1_MEANS, S2, S3, S3_RARE, S3_ONE)}


def with_cifar10(folder: Path) -> dict[str, Experiment]:
    """S1 and S3 as they were, on the CIFAR-10 in `folder` and the first GPU if there is one; and S2.

    The seconds of an epoch are then measured ones; the workers stay virtual, one training runs at a time.
    Raises: CifarError.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loaded = cifar.read_cifar10(folder).to(device)
    sources = (training, images, residual, cifar)
    s1 = replace(
        S1,
        train=cifar.train_s1(lambda: loaded),
        sources=sources,
        epochs=50,
        data=f"CIFAR-10, 1,024 images at a time; ResNet-34 on {device}",
    )
    s3 = replace(
        S3,
        space=s3_space(512),
        train=cifar.train_s3(lambda: loaded),
        sources=sources,
        epochs=50,
        target=0.87,
        target_share=None,
        # sixty trainings more would only say how hard the target is
        sample=0,
        data=f"CIFAR-10; ResNet-20 on {device}",
    )
    return {"S1": s1, "S2": S2, "S3": s3}
