"""LightGBM's rounds as the steps of a trial: `lgb.train(…, callbacks=[TuneCallback()])`, and `lgb.cv`.

Metrics are named after data set and metric: `valid_0-auc`.
"""

from __future__ import annotations

from lightgbm import Booster
from lightgbm.callback import CallbackEnv, EarlyStopException

from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.callbacks.boosting import RoundsCallback, measured_on_validation
from jupyter_tune.integrations.callbacks.progress import Chosen

__all__ = ["TuneCallback"]


class TuneCallback(RoundsCallback):
    """Reports each boosting round, and ends the training when the trial is pruned or cancelled.

    Args: metrics, checkpoint_every: as of `Progress`. Without `metrics`, those of all data sets in
        `valid_sets` are reported but the training data.

    A trial that is started again goes on with what it has saved:
    `lgb.train(params, data, tune.rounds_left(300), init_model=tune.checkpoint, callbacks=[tune])`.
    """

    before_iteration = False
    # after the library's records (20), and before its early stopping (30), whose last round counts too
    order = 25

    def __init__(self, metrics: Chosen = None, *, checkpoint_every: int | None = None):
        super().__init__(".txt", metrics, checkpoint_every)

    def __call__(self, env: CallbackEnv) -> None:
        step = env.iteration + 1
        if self._progress.saves_at(step):
            if not isinstance(env.model, Booster):
                raise OptionError(
                    "checkpoint_every: lgb.cv() trains a model for each fold and continues none; leave it out"
                )
            self._progress.save_round(step, lambda path: env.model.save_model(path, num_iteration=-1))
        results = env.evaluation_result_list or []
        found = {(result[0], f"{result[0]}-{result[1]}"): result[2] for result in results}
        if not self._progress.report(step, *measured_on_validation(found)):
            raise EarlyStopException(env.iteration, results)
