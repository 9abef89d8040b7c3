"""CatBoost's rounds as the steps of a trial: `model.fit(…, callbacks=[TuneCallback()])`.

Metrics are named after data set and metric: `validation-Logloss`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

# the callback works by its methods alone; a missing library is found here and not at the first round
import catboost  # noqa: F401

from jupyter_tune.integrations.callbacks.boosting import measured_on_validation
from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback
from jupyter_tune.trials.report import is_in_study, trial

__all__ = ["TuneCallback"]

NAME = "snapshot.cbsnapshot"


class TuneCallback(ProgressCallback):
    """Reports each boosting round, and ends the training when the trial is pruned or cancelled.

    Args: metrics: as of `Progress`; default: those of all data sets in `eval_set`.

    CatBoost saves its state itself, as snapshots. A trial that is started again goes on with the last one:
    `model.fit(…, callbacks=[tune], save_snapshot=True, snapshot_file=tune.snapshot)`.
    """

    def __init__(self, metrics: Chosen = None):
        self._progress = Progress(metrics)

    @property
    def snapshot(self) -> str:
        """Where the snapshots of this trial go; outside a study a new file, which nothing goes on with."""
        if is_in_study():
            return str(trial.checkpoint_dir / NAME)
        return str(Path(tempfile.mkdtemp(prefix="jupyter_tune-")) / NAME)

    def after_iteration(self, info: Any) -> bool:
        """Called by CatBoost. Returns whether the training goes on."""
        found = {
            (data, f"{data}-{metric}"): values[-1]
            for data, of_data in info.metrics.items()
            for metric, values in of_data.items()
        }
        return self._progress.report(info.iteration, *measured_on_validation(found))
