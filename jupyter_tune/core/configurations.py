"""The trials of a study by what they measure: all measurements of the same params together.

a measurement   the final value of a complete trial, of the search, the user, `confirm`, or an earlier study
its weight      how many readings it is the mean of: the folds or repeats of the trial, 1 without them
may be best     a configuration with a trial that may be (Trial.is_candidate), all of whose measurements are
                finite, and below LARGEST; one that diverges at times is not
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Scalar
from jupyter_tune.core.trial import COMPLETE, Trial

LARGEST = 1e150
"""Greater sizes have no square, and are penalties or overflows."""

Key: TypeAlias = tuple[tuple[str, Scalar], ...]


def key_of(params: Mapping[str, Scalar]) -> Key:
    """Equal for equal params."""
    return tuple(sorted(params.items()))


@dataclass(slots=True)
class Configuration:
    """What was measured of one set of params.

    candidates: its trials that may be the best, by number; `losses`, `weights`: of its measurements.
    """

    candidates: list[Trial] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)

    @property
    def may_be_best(self) -> bool:
        return bool(self.candidates) and all(map(math.isfinite, self.losses))

    @property
    def weight(self) -> int:
        return sum(self.weights)

    @property
    def mean(self) -> float:
        """Of all readings."""
        if len(self.losses) == 1:
            return self.losses[0]
        return sum(w * loss for w, loss in zip(self.weights, self.losses, strict=True)) / self.weight


def is_measured(trial: Trial) -> bool:
    return trial.state == COMPLETE and trial.value is not None


def configurations(objective: Objective, trials: Iterable[Trial]) -> dict[Key, Configuration]:
    """What was measured, by params; the first measured first. Args: trials: those that are results."""
    found: dict[Key, Configuration] = {}
    for trial in sorted(filter(is_measured, trials), key=lambda trial: trial.number):
        each = found.setdefault(key_of(trial.params), Configuration())
        loss = objective.loss_or_worst(trial.value or 0.0)
        loss = loss if abs(loss) < LARGEST else math.inf
        each.losses.append(loss)
        each.weights.append(max(1, len(trial.folds)))
        if trial.is_candidate and math.isfinite(loss):
            each.candidates.append(trial)
    return found
