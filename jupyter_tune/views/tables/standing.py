"""Where a trial stands in a study of several metrics, or of constraints: columns that other studies lack.

m:NAME      for each metric after the first: its final value, or the latest while there is none
standing    of a complete trial: one of STANDINGS; "" of any other
violates    the constraints that a complete trial violates, each with how far it is beyond the bound
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from jupyter_tune.core.constraints import TINY, Constraint
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, Trial
from jupyter_tune.views.tables.columns import Columns, finite, pack
from jupyter_tune.views.words import number_in_words

ON_THE_FRONT, FEASIBLE, INFEASIBLE = "on the front", "feasible", "infeasible"
STANDINGS = (ON_THE_FRONT, FEASIBLE, INFEASIBLE)

STANDING_COLUMNS = ("standing", "violates")
METRIC_PREFIX = "m:"


def front_of(study: Study) -> frozenset[int]:
    """The numbers of the trials on the front; none in a study of one metric."""
    several = len(study.objectives) > 1
    return frozenset(trial.number for trial in study.best_trials) if several else frozenset()


def standing_columns(study: Study, trials: Sequence[Trial], front: Collection[int]) -> Columns:
    columns: Columns = {
        METRIC_PREFIX + objective.metric: pack(
            [finite(_value(trial, at, objective.metric)) for trial in trials], numeric=True
        )
        for at, objective in enumerate(study.objectives[1:])
    }
    if len(study.objectives) > 1 or study.constraints:
        columns["standing"] = [standing_of(trial, front) for trial in trials]
        columns["violates"] = [violations_in_words(study, trial) for trial in trials]
    return columns


def _value(trial: Trial, at: int, metric: str) -> float | None:
    return trial.further[at] if trial.further else trial.metrics.get(metric)


def standing_of(trial: Trial, front: Collection[int]) -> str:
    """One of STANDINGS; "" of a trial that is not complete."""
    if trial.state != COMPLETE:
        return ""
    if trial.number in front:
        return ON_THE_FRONT
    return FEASIBLE if trial.feasible else INFEASIBLE


def violations_in_words(study: Study, trial: Trial) -> str:
    """`params < 20000, by 3210`, several joined by semicolons; "" of a trial that is feasible."""
    if trial.state != COMPLETE or trial.feasible:
        return ""
    return "; ".join(
        constraint.text + _by(study, trial, constraint)
        for constraint in study.constraints.all
        if constraint.text in study.violated_by(trial)
    )


def _by(study: Study, trial: Trial, constraint: Constraint) -> str:
    known = study.known_of(trial)
    excess = constraint.excess(known)
    unmeasured = [
        name
        for name in constraint.names
        if isinstance(value := known.get(name), float) and not math.isfinite(value)
    ]
    if unmeasured:
        return f": {', '.join(unmeasured)} has no finite value"
    numbers = (known[name] for name in constraint.names if name in known)
    # between choices there is no distance, and what equals a bound that it has to be below is 0 beyond it
    if excess == TINY or not all(isinstance(each, (int, float)) for each in numbers):
        return ""
    return f", by {number_in_words(excess)}" if math.isfinite(excess) else ": has no value"
