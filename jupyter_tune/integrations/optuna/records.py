"""A trial of Optuna as records of a study here.

The values of several objectives are metrics, the first one the study's; a constraint is a metric that is to
be zero or less. An intermediate value has no time of its own in Optuna, so it has that of the trial's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from jupyter_tune.core.encoding import metrics_in
from jupyter_tune.core.events import Event, TrialEnded, TrialReported, TrialStarted, TrialSuggested
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED

_ENDS = {TrialState.COMPLETE: COMPLETE, TrialState.PRUNED: PRUNED, TrialState.FAIL: FAILED}
VALUE = "value"
KEPT = "jupyter_tune"
"""The attribute under which `export` keeps what Optuna has no place for."""


def metric_names(count: int, given: Sequence[str] | None = None) -> list[str]:
    """The metrics of a study: its own names, else those of Optuna's tables."""
    if given:
        return list(given)
    return [VALUE] if count == 1 else [f"{VALUE}s_{place}" for place in range(count)]


def constraint_name(key: str) -> str:
    """The metric of a constraint. Optuna's older constraints have numbers for keys."""
    name = re.sub(r"\W", "_", key)
    return name if name.isidentifier() else f"constraint_{name}"


def settings_of(
    directions: Sequence[StudyDirection], metrics: Sequence[str], trials: Iterable[FrozenTrial], sampler: str
) -> Settings:
    """What was asked of such a study."""
    ways = ["minimize" if each == StudyDirection.MINIMIZE else "maximize" for each in directions]
    trials = list(trials)
    constraints = dict.fromkeys(key for trial in trials for key in trial.constraints)
    steps = [step for trial in trials for step in trial.intermediate_values]
    return Settings(
        metric=metrics[0],
        direction=ways[0],
        also=tuple(zip(metrics[1:], ways[1:], strict=True)),
        subject_to=tuple(f"{constraint_name(key)} <= 0" for key in constraints),
        sampler=sampler,
        pruner="none",
        max_steps=max(steps, default=0) or None,
        workers=0,
    )


def begun(trial: FrozenTrial, number: int, params: Params, source: str) -> Iterator[Event]:
    """Its suggestion, and its start if it has started."""
    yield TrialSuggested(number, params, source)
    if trial.state != TrialState.WAITING:
        yield TrialStarted(number, 1)


def measured(trial: FrozenTrial, number: int, metrics: Sequence[str]) -> Iterator[Event]:
    """Its intermediate values, and its end if it has ended."""
    for step, value in sorted(trial.intermediate_values.items()):
        yield TrialReported(number, 1, step, {metrics[0]: value})
    if trial.state not in _ENDS:
        return
    values = dict(zip(metrics, trial.values or (), strict=False))
    kept = trial.system_attrs.get(KEPT)
    if kept is None:
        values |= {constraint_name(key): excess for key, excess in trial.constraints.items()}
    else:
        values |= metrics_in(kept)
    first = values.get(metrics[0])
    reason = str(trial.system_attrs.get("fail_reason", "")) if trial.state == TrialState.FAIL else ""
    yield TrialEnded(number, 1, _ENDS[trial.state], first, values, error=reason)
