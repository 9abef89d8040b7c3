"""XGBoost's rounds as the steps of a trial: `xgb.train(…, callbacks=[TuneCallback()])`, and `xgb.cv`.

Metrics have XGBoost's names as it prints them, data set and metric: `validation_0-logloss`.
"""

from __future__ import annotations

from typing import Any

from xgboost.callback import TrainingCallback

from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.callbacks.boosting import RoundsCallback, measured_on_validation
from jupyter_tune.integrations.callbacks.progress import Chosen

__all__ = ["TuneCallback"]

ENDING = ".ubj"


class TuneCallback(RoundsCallback, TrainingCallback):
    """Reports each boosting round, and ends the training when the trial is pruned or cancelled.

    Args: metrics, checkpoint_every: as of `Progress`. Without `metrics`, those of all data sets in `evals`
        are reported that are not called "train" or "training".

    A trial that is started again goes on with what it has saved:
    `xgb.train(params, data, tune.rounds_left(300), xgb_model=tune.checkpoint, callbacks=[tune])`.
    """

    def __init__(self, metrics: Chosen = None, *, checkpoint_every: int | None = None):
        super().__init__(ENDING, metrics, checkpoint_every)
        self._before = 0

    def before_training(self, model: Any) -> Any:
        self._before = model.num_boosted_rounds()
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, Any]]) -> bool:
        step = self._before + epoch + 1
        if self._progress.saves_at(step):
            if not hasattr(model, "save_model"):
                raise OptionError(
                    "checkpoint_every: xgb.cv() trains a model for each fold and continues none; leave it out"
                )
            self._progress.save_round(step, model.save_model)
        found = {
            (data, f"{data}-{metric}"): _last(values)
            for data, of_data in evals_log.items()
            for metric, values in of_data.items()
        }
        return not self._progress.report(step, *measured_on_validation(found))


def _last(values: list[Any]) -> Any:
    """The value of the last round; of cross-validation the mean over the folds."""
    return values[-1][0] if isinstance(values[-1], tuple) else values[-1]
