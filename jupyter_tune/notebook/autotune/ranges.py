"""From the name of a variable and the value that it has to a range, as practice has them.

A name is compared in words: `learning_rate`, `learningRate` and `lr_head` are learning rates. The range holds
the value, which becomes its default. What no rule knows gets no range: a guess would cost trials.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter

Value: TypeAlias = bool | int | float | str
Maker: TypeAlias = Callable[[Value], Parameter | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`words`: a regular expression for the name, in words joined by _; `why`: for users to read;
    `range_of`: the range around a value, None if the value fits none."""

    words: str
    why: str
    range_of: Maker


def _decades(down: int, up: int, *, most: float = math.inf) -> Maker:
    """Orders of magnitude around the value, up to `most`."""

    def range_of(value: Value) -> Parameter | None:
        if isinstance(value, (bool, str)) or not 0 < value <= most:
            return None
        place = math.log10(value)
        return Float(_ten(math.floor(place) - down), min(most, _ten(math.ceil(place) + up)), log=True)

    return range_of


def _ten(power: int) -> float:
    """As people write it: powers of floats are not exact."""
    return float(f"1e{power}")


def _between(low: float, high: float, *, reverse_log: bool = False) -> Maker:
    def range_of(value: Value) -> Parameter | None:
        if isinstance(value, (bool, str)) or not low <= value <= high:
            return None
        return Float(low, high, reverse_log=reverse_log)

    return range_of


def _around(factor: int, *, least: int = 1) -> Maker:
    """From a part to a multiple of the value, log-spaced."""

    def range_of(value: Value) -> Parameter | None:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            return None
        return Int(max(least, value // factor), value * factor, log=True)

    return range_of


def _up_to(multiple: int, more: int) -> Maker:
    """From 1 to a multiple of the value, and at least `more` above it."""

    def range_of(value: Value) -> Parameter | None:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            return None
        return Int(1, max(multiple * value, value + more))

    return range_of


def _one_of(*choices: str) -> Maker:
    """A library's names, among which the value is: in small letters where it has no others."""

    def range_of(value: Value) -> Parameter | None:
        if not isinstance(value, str) or value.lower() not in map(str.lower, choices):
            return None
        named = map(str.lower, choices) if value.islower() else choices
        return Categorical(list(dict.fromkeys([value, *named])))

    return range_of


def _yes_or_no(value: Value) -> Parameter | None:
    return Categorical([value, not value]) if isinstance(value, bool) else None


def _first(*makers: Maker) -> Maker:
    """The range of the first that has one."""

    def range_of(value: Value) -> Parameter | None:
        return next((found for make in makers if (found := make(value)) is not None), None)

    return range_of


RULES = (
    Rule("lr|learning_rate|step_size|eta0?", "its order of magnitude matters", _decades(2, 1, most=1.0)),
    Rule(
        "momentum|beta_?[12]|betas?|ema(_decay)?|decay_rate|rho|gae_lambda|discount",
        "0.9, 0.99 and 0.999 are at equal distances",
        # 0 would be another optimiser: with nesterov it is an error
        _first(_between(0.5, 0.999, reverse_log=True), _between(0.0, 0.9999, reverse_log=True)),
    ),
    Rule(
        "weight_decay|wd|l1|l2|l[12]_(reg|penalty|ratio)|reg(ularization)?|reg_(lambda|alpha)|alpha|lambda_?",
        "its order of magnitude matters",
        _first(_decades(3, 2), _between(0.0, 0.1)),
    ),
    Rule("c|temperature", "its order of magnitude matters", _decades(2, 2)),
    Rule(
        "gamma",
        "its order of magnitude matters; of a discount, the distance from 1",
        _first(_between(0.8, 0.9999, reverse_log=True), _decades(2, 2)),
    ),
    Rule("dropout|drop_(rate|prob|path)|p_drop", "a share of units", _between(0.0, 0.7)),
    Rule("label_smoothing|mixup", "a share", _between(0.0, 0.4)),
    Rule(
        "subsample|colsample(_by\\w+)?|feature_fraction|bagging_fraction|max_samples",
        "a share",
        _between(0.3, 1.0),
    ),
    Rule("batch_size|bs|minibatch", "powers of two around the present one", _around(4)),
    Rule(
        "width|hidden(_(size|dim|units|channels))?|units|n_(hidden|units|channels|filters)|num_(hidden|units|filters)"
        "|channels|filters|embedding_(dim|size)|d_model|dim|latent_dim|num_leaves",
        "a quarter to four times the present one",
        _around(4, least=2),
    ),
    Rule(
        "n_estimators|num_(trees|boost_round)|n_components|n_clusters|n_neighbors",
        "a quarter to four times the present one",
        _around(4, least=1),
    ),
    Rule(
        "(n_|num_)?layers|depth|max_depth|n_blocks|num_blocks|n_heads|num_heads",
        "small numbers",
        _up_to(2, 3),
    ),
    Rule("min_(samples_(leaf|split)|child_weight|child_samples)", "small numbers", _around(8)),
    Rule("kernel_size", "odd sizes", lambda value: Categorical([3, 5, 7]) if value in (3, 5, 7) else None),
    Rule(
        "act|activation|nonlinearity",
        "the usual activations",
        _one_of("ReLU", "GELU", "SiLU", "Tanh", "ELU"),
    ),
    Rule("opt|optimizer|optim", "the usual optimisers", _one_of("SGD", "Adam", "AdamW", "RMSprop")),
    Rule(
        "nesterov|amsgrad|batch_?norm|use_\\w+|shuffle|augment(ation)?|bias|bootstrap|fit_intercept",
        "on or off",
        _yes_or_no,
    ),
)

STATIC = re.compile(
    "|".join(
        (
            "(n_|num_|max_)?(epochs?|steps?|iter(ation)?s?)",
            "(random_|torch_|np_)?(seed|state)",
            "device|verbose|(n_|num_)?(workers|jobs|classes|features|inputs|outputs)|patience|tol(erance)?",
            "(log|print|save|eval)_(every|interval)|name|path|dir|root|url",
        )
    )
)
"""Names of what is given, or must stay as it is for trials to be comparable."""


def words_of(name: str) -> str:
    """`learningRate` and `LEARNING_RATE` as learning_rate."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return snake.lower().strip("_")


def rule_for(name: str) -> Rule | None:
    """The rule whose words are the name, else its end or its beginning: `head_lr`, `lr_head`."""
    words = words_of(name)
    if STATIC.fullmatch(words):
        return None
    for pattern in ("({})", "\\w+_({})", "({})_\\w+"):
        for rule in RULES:
            found = re.fullmatch(pattern.format(rule.words), words)
            # one letter is a name, but no part of one
            if found and (len(found[1]) > 1 or found[1] == words):
                return rule
    return None
