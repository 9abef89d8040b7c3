"""The trials over two parameters: of a landscape what needs no model."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.parameters import Categorical
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.views.columns import finite


def plane(study: Study, x: str, y: str) -> dict[str, Any]:
    """The keys of a landscape that say where the trials with a value are: x, y, x_type, y_type, trials."""
    seen = [
        trial
        for _, trial in sorted(study.trials.items())
        if x in trial.params and y in trial.params and finite(trial.value) is not None
    ]
    return {
        "x": x,
        "y": y,
        "x_type": _type(study.space, x),
        "y_type": _type(study.space, y),
        "trials": {
            "x": [trial.params[x] for trial in seen],
            "y": [trial.params[y] for trial in seen],
            "number": [trial.number for trial in seen],
            "value": [trial.value for trial in seen],
        },
    }


def _type(space: Space, name: str) -> str:
    parameter = space[name]
    if isinstance(parameter, Categorical):
        return "category"
    return "log" if parameter.log else "linear"
