"""What a trial's row has in columns named user_attrs_…, as Optuna calls them."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial


def attrs_of(study: Study, trial: Trial) -> dict[str, Any]:
    """Its metrics but those that the study is after, and what it and the user have written on it.

    Where a metric and an attribute have one name, the metric has the column.
    """
    own = {objective.metric for objective in study.objectives}
    metrics = {name: value for name, value in trial.metrics.items() if name not in own}
    return {**study.user_attrs(trial), **metrics}
