"""What trials with folds teach: losses not biased by which folds were measured, and how noisy each is.

    y_ij = loss of trial i + e_j + noise     e_j the effect of fold j: how much worse it is than the mean fold

e_j is the mean, over the complete trials, of their loss in fold j less their mean loss. A trial that was
stopped after n of K folds has the loss  mean over its folds of (y_ij - e_j), with K/n times the noise of a
whole one: a trial is not bad for having been measured in hard folds, and one fold is trusted less than five.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_tune.core.folds import Folds, Label
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.trial import Trial


@dataclass(frozen=True, slots=True)
class FoldEffects:
    """`effects`: e_j by label; `like`: the folds of a complete trial, None while there is none."""

    objective: Objective
    effects: dict[Label, float]
    like: Folds | None

    @classmethod
    def of(cls, complete: Sequence[Trial], objective: Objective) -> FoldEffects:
        """Args: complete: trials with finite values."""
        whole = [trial for trial in complete if len(trial.folds) > 1]
        if not whole:
            return cls(objective, {}, None)
        like = max(whole, key=lambda trial: len(trial.folds)).folds
        away: dict[Label, list[float]] = {label: [] for label in like}
        for trial in whole:
            values = trial.fold_values
            if values.keys() == like.keys() and all(map(math.isfinite, values.values())):
                mean = sum(values.values()) / len(values)
                for label, value in values.items():
                    away[label].append(objective.loss(value - mean))
        effects = {label: sum(each) / len(each) for label, each in away.items() if each}
        return cls(objective, effects, like)

    def loss(self, trial: Trial) -> float | None:
        """That of a trial that has not been measured in all folds; None if it is not known without bias."""
        if self.like is None:
            return None
        whole = trial.folds.whole(like=self.like)
        known = [
            self.objective.loss(value) - self.effects[label]
            for label, value in whole.items()
            if label in self.effects
        ]
        if not known or not all(map(math.isfinite, known)):
            return None
        return sum(known) / len(known)

    def noise(self, trial: Trial) -> float:
        """The variance of its noise, of that of a trial measured in all folds; 1 for one without folds."""
        if self.like is None or not trial.folds:
            return 1.0
        count = len(trial.folds.whole(like=self.like, ended=trial.value is not None)) or 1
        return max(1.0, len(self.like) / count)
