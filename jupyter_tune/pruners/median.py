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
from collections.abc import Sequence

from jupyter_tune.core.study import Study

LEAST = 5
"""Complete trials that a median is taken of."""


class MedianPruner:
    def prune_reason(self, study: Study, number: int) -> str:
        trial = study.trials[number]
        step = trial.last_step
        if not trial.curve or step < study.settings.grace:
            return ""
        usual = study.usual_means(step)
        if len(usual) < LEAST:
            return ""
        objective = study.objective
        best, bar = study.best_loss(number), _median(usual)
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


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
