"""ASHA, the stopping kind: at each rung a trial goes on only among the best 1/factor so far.

Rungs stand at grace, grace * factor, ... below `max_steps`. A trial is compared once per
rung, when it first reaches it, with all that were there before it and itself; while a rung
has fewer than `reduction_factor` values nobody is stopped there. Nothing waits for
anything, so slots never idle. NaN and the infinities count as worst.

Source: Li et al., MLSys 2020 (ASHA); stopping in place of promotion as in Syne Tune.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from jupyter_tune.core.study import Study


class AshaPruner:
    def keeps(self, study: Study, number: int) -> bool:
        trial = study.trials[number]
        step, reports = trial.last_step, len(trial.curve)
        if not reports:
            return True
        before = max((s for s in trial.curve if s != step), default=0)
        factor = study.settings.reduction_factor
        for level, rung in study.rungs.items():
            # judged on arrival only: a rung passed earlier is not opened again by later rivals
            if before < level <= step and not _among_best(
                rung[number], list(rung.values()), factor, study.settings.maximize
            ):
                return False
        return True


def _among_best(value: float, rivals: Sequence[float], factor: int, maximize: bool) -> bool:
    if len(rivals) < factor:
        return True
    sign = 1.0 if maximize else -1.0
    if not math.isfinite(value):
        return False
    ranked = sorted((sign * v if math.isfinite(v) else -math.inf for v in rivals), reverse=True)
    # the value that 1/factor of the rivals reach, between two neighbours where that falls there
    place = (len(ranked) - 1) / factor
    lower, upper = math.floor(place), math.ceil(place)
    if ranked[lower] == ranked[upper]:
        cutoff = ranked[lower]
    else:
        cutoff = ranked[lower] + (place - lower) * (ranked[upper] - ranked[lower])
    return sign * value >= cutoff
