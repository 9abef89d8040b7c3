"""Rules about the best trial: it reaches the target, or hardly gets better.

What X % is of: the best value before the last trials. Where the metric has had values of both signs, a share
of a value near 0 would mean nothing; it is then a share of the distance from the best value to the median of
those trials.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median

from jupyter_tune.core.study import Study


def target_reached(study: Study) -> str | None:
    target = study.settings.target
    return f"target {target:g} reached" if target is not None and is_reached(study, target) else None


def is_reached(study: Study, target: float | None) -> bool:
    """Whether the best value is as good as `target`, or better."""
    best = study.best_reading
    if target is None or best is None or best.value is None:
        return False
    return study.objective.is_reached(target, best.value)


def no_better_trial(study: Study) -> str | None:
    patience = study.settings.patience
    if patience is None or not study.best_trials or (ended := study.finished_since_best) < patience:
        return None
    better = "better trial" if len(study.objectives) == 1 else "trial better in any metric"
    return f"no {better} in the last {ended}"


def hardly_any_better(study: Study) -> str | None:
    patience, share, recent = study.settings.patience, study.settings.patience_gain, study.progress.recent
    if patience is None or share is None or len(recent) < patience:
        return None
    before, best = recent[-patience].best_before, study.best_reading
    if before is None or best is None or best.value is None:
        return None
    gained = study.objective.loss(before) - study.objective.loss(best.value)
    if not math.isfinite(gained):
        return None
    whole = reference(before, [best.value, *(each.value for each in recent[-patience:])])
    if gained >= share * whole:
        return None
    return (
        f"the last {patience} trials improved {study.settings.metric} by {gained:.3g}, "
        f"less than {100 * share:g} % of {whole:.3g}"
    )


def reference(best: float, values: Iterable[float | None]) -> float:
    """What a share of the value `best` is a share of, >= 0. `values`: of some trials."""
    seen = [value for value in values if value is not None and math.isfinite(value)]
    if min([best, *seen]) < 0 < max([best, *seen]):
        return abs(best - median(seen))
    return abs(best)
