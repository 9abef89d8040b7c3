"""The median rule: a trial is stopped where its best so far is worse than what is usual there.

At step s a trial goes on unless the best it has reported up to s is strictly worse than the
median, over the completed trials, of the mean of what each reported up to s. No trial is stopped
before the grace (`min_steps`), nor before LEAST trials are complete.

Completed trials only, as in the paper, Optuna and SageMaker: a pruned trial's curve breaks off,
and its mean up to s would only show how it began. There are no rungs, so `max_steps` is not needed:
unlike asha and hyperband, this rule also prunes without it. NaN and the infinities count as
worst, and so does a mean that holds one.

Source: Golovin et al., KDD 2017 (Google Vizier), the median stopping rule.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from statistics import median

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial

LEAST = 5
"""Complete trials that a median is taken of."""


@dataclass(frozen=True, slots=True)
class _Means:
    """Of one curve: `means[i]` is the mean loss of what was reported up to `steps[i]`."""

    curve: dict[int, float]
    reports: int
    steps: list[int]
    means: list[float]

    def until(self, step: int) -> float | None:
        place = bisect_right(self.steps, step)
        return self.means[place - 1] if place else None


class MedianPruner:
    def __init__(self) -> None:
        # a cache: the curves of complete trials are read at every step of every other trial
        self._means: dict[int, _Means] = {}

    def prune_reason(self, study: Study, number: int) -> str:
        trial = study.trials[number]
        step = trial.last_step
        if not trial.curve or step < study.settings.grace:
            return ""
        complete = [self._means_of(t, study) for t in study.trials.values() if t.state == COMPLETE]
        usual = [mean for means in complete if (mean := means.until(step)) is not None]
        if len(usual) < LEAST:
            return ""
        objective = study.objective
        best, bar = min(map(objective.loss_or_worst, trial.curve.values())), median(usual)
        if best <= bar:
            return ""
        is_finite = math.isfinite(best)
        reached = f"best {objective.metric} {objective.value(best):.4g}" if is_finite else "no finite value"
        return (
            f"median: {reached} by step {step} is behind {objective.value(bar):.4g}, "
            f"the median of {len(usual)} complete trials at that step"
        )

    def resumes(self, study: Study) -> list[int]:
        """None: the rule has no rungs, so no place where a trial could be judged again."""
        return []

    def _means_of(self, trial: Trial, study: Study) -> _Means:
        known = self._means.get(trial.number)
        if known is not None and known.curve is trial.curve and known.reports == len(trial.curve):
            return known
        steps = sorted(trial.curve)
        # a mean that holds what is worst is worst itself, and so are those after it
        sums = accumulate(study.objective.loss_or_worst(trial.curve[step]) for step in steps)
        means = [total / count for count, total in enumerate(sums, 1)]
        self._means[trial.number] = _Means(trial.curve, len(steps), steps, means)
        return self._means[trial.number]
