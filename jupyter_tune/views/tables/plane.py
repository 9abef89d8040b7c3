"""The trials over two parameters: of a landscape what needs no model."""

from __future__ import annotations

from typing import Any

from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.columns import finite


def plane(study: Study, x: str, y: str) -> dict[str, Any]:
    """The keys of a landscape that say where the trials with a value are: x, y, trials."""
    seen = [
        trial
        for _, trial in sorted(study.trials.items())
        if x in trial.params and y in trial.params and finite(trial.value) is not None
    ]
    return {
        "x": x,
        "y": y,
        "trials": {
            "x": [trial.params[x] for trial in seen],
            "y": [trial.params[y] for trial in seen],
            "number": [trial.number for trial in seen],
            "value": [trial.value for trial in seen],
        },
    }
