"""The rule about a budget in steps, or in hours of what the trials run on.

steps                       steps that the trials have reached, added up
trial-hours                 time of all attempts, added up, also of those that failed
gpu-hours, core-hours       the same, times the GPUs or cores of a trial
"""

from __future__ import annotations

from jupyter_tune.core.amounts import Budget
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import RUNNING

HOUR_S = 3600.0


def budget_spent(study: Study) -> str | None:
    text = study.settings.budget
    if text is None or spent(study, budget := Budget.of(text)) < budget.amount:
        return None
    return f"budget of {text} spent"


def spent(study: Study, budget: Budget) -> float:
    """What the trials have spent until the last record, in the budget's unit."""
    progress = study.progress
    if budget.is_steps:
        return float(study.steps_done - progress.steps_before)
    used_s = progress.attempts_s + sum(study.last_at - began for began in _running_since(study))
    return used_s / HOUR_S * study.settings.devices_per_trial


def seconds_left(study: Study, budget: Budget, now: float) -> float | None:
    """How long the budget lasts if the trials that run now go on; None while none runs, or for steps."""
    rate = len(_running_since(study)) * study.settings.devices_per_trial
    if budget.is_steps or not rate:
        return None
    left_s = (budget.amount - spent(study, budget)) * HOUR_S / rate
    return max(0.0, left_s - (now - study.last_at))


def _running_since(study: Study) -> list[float]:
    return [t.started_at for t in study.in_state(RUNNING) if t.started_at is not None]
