"""A study of several metrics as if it were after one of them: for charts of one metric."""

from __future__ import annotations

from dataclasses import replace

from jupyter_tune.core.lead import Lead
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError


def require_target(study: Study, target: str | None) -> int:
    """The place of `target` among the metrics of the study; None for the first.

    Raises: OptionError if the study is not after it.
    """
    names = [objective.metric for objective in study.objectives]
    if target is None:
        return 0
    if target not in names:
        raise OptionError(f"target: the study is not after {target!r}; there are {', '.join(names)}")
    return names.index(target)


def one_metric(study: Study, target: str | None) -> Study:
    """`study`, which is a snapshot, after `target` alone; None for the first metric.

    The curves are known of the first metric alone. Raises: OptionError if the study is not after `target`.
    """
    at = require_target(study, target)
    if len(study.objectives) == 1:
        return study
    objective = study.objectives[at]
    ways = [study.settings.direction, *(way for _, way in study.settings.also)]
    one = study.snapshot()
    one.settings = replace(study.settings, metric=objective.metric, direction=ways[at], also=())
    one.objective, one.objectives = objective, (objective,)
    lead = one._lead = Lead(objective)
    for number in sorted(study.trials):
        trial = one._to_change(number)
        trial.value, trial.further = (None if trial.values is None else trial.values[at]), ()
        if at:
            trial.forget_curve()
        if one.is_candidate(trial):
            lead.consider(trial)
    return one
