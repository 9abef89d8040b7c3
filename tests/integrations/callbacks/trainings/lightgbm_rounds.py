"""LightGBM on scikit-learn's digits, zeros against the others."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
from sklearn.datasets import load_digits

from jupyter_tune.integrations.lightgbm import TuneCallback
from tests.integrations.callbacks.training import Training

METRICS = ["valid-binary_logloss", "valid-auc"]


def train(training: Training) -> None:
    data = load_digits()
    x, y = data.data, data.target == 0
    fit = lgb.Dataset(x[:600], y[:600])
    params = {
        "objective": "binary",
        "metric": ["binary_logloss", "auc"],
        "learning_rate": 0.3 if training.is_good else 1e-9,
        "num_leaves": 4,
        "num_threads": 1,
        "verbose": -1,
    }

    def begins(env: Any) -> None:
        training.begins(env.iteration + 1)

    def witness(env: Any) -> None:
        measured = {f"{r[0]}-{r[1]}": r[2] for r in env.evaluation_result_list if r[0] == "valid"}
        training.saw_epoch(env.iteration + 1, measured)

    begins.before_iteration = True  # type: ignore[attr-defined]
    witness.order = 1  # type: ignore[attr-defined]
    tune = TuneCallback(training.metrics, checkpoint_every=1)
    model = lgb.train(
        params,
        fit,
        tune.rounds_left(training.epochs),
        valid_sets=[fit, lgb.Dataset(x[600:800], y[600:800], reference=fit)],
        valid_names=["train", "valid"],
        init_model=tune.checkpoint,
        callbacks=[begins, witness, tune],
    )
    if model.best_iteration == model.current_iteration() or not tune.stopped:
        # set by its end of a stopped training
        training.saw_end()
    training.returned(tune.stopped)
