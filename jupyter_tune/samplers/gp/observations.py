"""What the trials of a study teach, as losses: lower is better, every one finite.

    complete   its value
    failed     the worst loss seen: what breaks is to be avoided as much as what is bad
    NaN, inf   the worst loss seen: an overflow is no success, whatever its sign
    pruned     its best reading until it was stopped, moved by the median change that
               complete trials still saw from that step on, but never better than the best
               complete trial
               with folds: the mean of its whole folds, less their effects (folds.py)
    cancelled  as pruned if it has reported, else left out: it was not judged
    live       as pruned once it has passed the first rung, since a good trial runs for long and its
               readings are the best information there is; left out before. Either way it is pending
               too, and the sampler conditions on where it is

Why pruned trials are moved: their readings come from early steps, where every trial is
worse; unchanged, they would make regions look bad only because trials were stopped there
early. The median change is the least one can assume of a learning curve without modelling it, it keeps the
order among trials stopped at one step, and the bound keeps a guess from being the incumbent.

Of more than 400 the model is given a subset (subset.py).
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, PRUNED, Trial
from jupyter_tune.samplers.gp.folds import FoldEffects
from jupyter_tune.samplers.gp.subset import subset

_ROOM = 2.0**-3
"""So that changes between losses at the two ends of the floats are no infinities; exact for others."""
_CURVES = 50
"""Complete trials, the newest, that the median change is taken from."""


@dataclass(frozen=True, slots=True)
class Observations:
    """`trials` that teach, ended ones first, by number; `losses`: n, finite, in the metric's units
    (negated if maximised); `informative`: how many of all trials gave a number of their own;
    `guessed`: whether any of the losses is that of a trial that has not run to its end; `noise`: n, the
    variance of the noise of each, of that of a trial measured in all folds (folds.py); None if all are 1."""

    trials: list[Trial]
    losses: npt.NDArray[np.float64]
    informative: int
    guessed: bool = False
    noise: npt.NDArray[np.float64] | None = None


def observe(study: Study) -> Observations:
    """The trials of `study` that teach, and their losses; empty while no trial has a number."""
    objective = study.objective
    first_rung = min(study.rungs, default=math.inf)
    ended = study.in_state(COMPLETE, PRUNED, FAILED, CANCELLED)
    known = [trial for trial in ended if not study.is_earlier(trial)]
    complete = [t for t in known if t.state == COMPLETE and t.value is not None and math.isfinite(t.value)]
    folds = FoldEffects.of(complete, objective)
    known += [t for t in study.live if t.last_step >= first_rung or folds.loss(t) is not None]
    finals = {trial.number: objective.loss(trial.value or 0.0) for trial in complete}
    best = min(finals.values(), default=-math.inf)
    rivals = [trial for trial in complete[-_CURVES:] if trial.curve]
    change: dict[int, float] = {}

    trials: list[Trial] = []
    raw: list[float] = []
    guessed = False
    for trial in known:
        if trial.state in (PRUNED, CANCELLED) or trial.is_live:
            reading, measured = best_reading(trial, objective), folds.loss(trial)
            if measured is not None:
                loss = max(best, measured)
            elif reading is None:
                if trial.state == CANCELLED:
                    continue
                loss = math.nan
            else:
                step = trial.last_step
                if step not in change:
                    change[step] = _median_change(rivals, finals, step, objective)
                loss = max(best, _moved(reading, change[step]))
                guessed = True
        elif trial.state == COMPLETE and trial.value is not None:
            loss = objective.loss(trial.value)
        else:
            loss = math.nan
        trials.append(trial)
        raw.append(loss)

    losses = np.array(raw, dtype=np.float64)
    finite = np.isfinite(losses)
    if not finite.any():
        return Observations([], np.empty(0), 0)
    losses[~finite] = losses[finite].max()
    kept = subset(losses, np.array([trial.feasible for trial in trials]))
    trials, losses = [trials[i] for i in kept], losses[kept]
    noise = np.array([folds.noise(trial) for trial in trials]) if folds.effects else None
    return Observations(trials, losses, int(finite.sum()), guessed, noise)


def best_reading(trial: Trial, objective: Objective) -> float | None:
    """The lowest finite loss that `trial` reported, else that of its value; None without."""
    readings = [objective.loss(value) for value in trial.curve.values() if math.isfinite(value)]
    if not readings and trial.value is not None and math.isfinite(trial.value):
        return objective.loss(trial.value)
    return min(readings, default=None)


def _moved(reading: float, change: float) -> float:
    """`reading` moved by a `change` in units of 1/_ROOM, as far as floats go."""
    moved = (_ROOM * reading + change) / _ROOM
    return max(-sys.float_info.max, min(sys.float_info.max, moved))


def _median_change(rivals: list[Trial], finals: dict[int, float], step: int, objective: Objective) -> float:
    """The median change after `step`, in units of 1/_ROOM."""
    changes = []
    for trial in rivals:
        until = [value for at, value in trial.curve.items() if at <= step and math.isfinite(value)]
        if until and trial.last_step > step:
            best = min(map(objective.loss, until))
            changes.append(_ROOM * finals[trial.number] - _ROOM * best)
    return median(changes) if changes else 0.0
