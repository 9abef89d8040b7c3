"""XGBoost on scikit-learn's digits, zeros against the others."""

from __future__ import annotations

from typing import Any

import xgboost as xgb
from sklearn.datasets import load_digits

from jupyter_tune.integrations.xgboost import TuneCallback
from tests.integrations.callbacks.training import Training

METRICS = ["valid-logloss", "valid-error"]


class Witness(xgb.callback.TrainingCallback):
    """Writes down what XGBoost itself has after each round."""

    def __init__(self, training: Training, done: int):
        super().__init__()
        self.training = training
        self.done = done

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        self.training.begins(self.done + epoch + 1)
        return False

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        metrics = {f"valid-{name}": values[-1] for name, values in evals_log["valid"].items()}
        self.training.saw_epoch(model.num_boosted_rounds(), metrics)
        return False

    def after_training(self, model: Any) -> Any:
        self.training.saw_end()
        return model


def train(training: Training) -> None:
    data = load_digits()
    x, y = data.data, data.target == 0
    fit, valid = xgb.DMatrix(x[:600], y[:600]), xgb.DMatrix(x[600:800], y[600:800])
    params = {
        "objective": "binary:logistic",
        "eta": 0.3 if training.is_good else 0.0,
        "max_depth": 2,
        "nthread": 1,
        "eval_metric": ["logloss", "error"],
    }
    tune = TuneCallback(training.metrics, checkpoint_every=1)
    left = tune.rounds_left(training.epochs)
    xgb.train(
        params,
        fit,
        left,
        evals=[(fit, "train"), (valid, "valid")],
        xgb_model=tune.checkpoint,
        callbacks=[Witness(training, training.epochs - left), tune],
        verbose_eval=False,
    )
    training.returned(tune.stopped)
