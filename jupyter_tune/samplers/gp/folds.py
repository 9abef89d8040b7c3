"""What trials with folds teach: losses not biased by which folds were measured, and how noisy each is.

    y_ij = loss of trial i + e_j + noise     e_j the effect of fold j: how much worse it is than the mean fold

e_j is the mean, over the complete trials, of their loss in fold j less their mean loss. A trial that was
stopped after n of K folds has the loss  mean over its folds of (y_ij - e_j), with K/n times the noise of a
whole one: a trial is not bad for having been measured in hard folds, and one fold is trusted less than five.

Where a study is after several metrics, and for those of constraints, y_ij is the last reading of the metric
in the fold, as the trial's own is the mean of these.
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
    """`effects`: e_j by label; `like`: the folds of a complete trial, None while there is none;
    `by_last`: y_ij is the last reading in a fold, and not its value."""

    objective: Objective
    effects: dict[Label, float]
    like: Folds | None
    by_last: bool = False

    @classmethod
    def of(cls, complete: Sequence[Trial], objective: Objective, *, by_last: bool = False) -> FoldEffects:
        """Args: complete: trials with finite values."""
        whole = [trial for trial in complete if len(trial.folds) > 1]
        if not whole:
            return cls(objective, {}, None, by_last)
        bare = cls(objective, {}, None, by_last)
        like = max(whole, key=lambda trial: len(trial.folds)).folds
        away: dict[Label, list[float]] = {label: [] for label in like}
        for trial in whole:
            values = bare.values(trial)
            if values.keys() == like.keys() and all(map(math.isfinite, values.values())):
                mean = sum(values.values()) / len(values)
                for label, value in values.items():
                    away[label].append(objective.loss(value - mean))
        effects = {label: sum(each) / len(each) for label, each in away.items() if each}
        return cls(objective, effects, like, by_last)

    def values(self, trial: Trial) -> dict[Label, float]:
        """The metric in each fold of the trial that has it."""
        if not self.by_last:
            return trial.fold_values
        metric = self.objective.metric
        return {label: fold.metrics[metric] for label, fold in trial.folds.items() if metric in fold.metrics}

    def loss(self, trial: Trial) -> float | None:
        """That of a trial that has not been measured in all folds; None if it is not known without bias."""
        if self.like is None:
            return None
        values = self.values(trial)
        known = [
            self.objective.loss(values[label]) - self.effects[label]
            for label in trial.folds.whole(like=self.like)
            if label in self.effects and label in values
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
