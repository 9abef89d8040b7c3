"""CatBoost on scikit-learn's digits, zeros against the others."""

from __future__ import annotations

from typing import Any

import catboost

import jupyter_tune as jt
from jupyter_tune.integrations.catboost import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.digits import arrays

ERROR = catboost.CatBoostError
METRICS = ["validation-Logloss", "validation-Accuracy"]


class Witness:
    """Writes down what CatBoost itself has after each round."""

    def __init__(self, training: Training):
        self.training = training

    def after_iteration(self, info: Any) -> bool:
        # CatBoost has no hook before a round
        self.training.begins(info.iteration)
        measured = {f"validation-{name}": values[-1] for name, values in info.metrics["validation"].items()}
        self.training.saw_epoch(info.iteration, measured)
        return True


def train(training: Training) -> None:
    x, y, x_valid, y_valid = arrays()
    tune = TuneCallback(training.metrics)
    model = catboost.CatBoostClassifier(
        iterations=training.epochs,
        learning_rate=0.3 if training.is_good else 1e-6,
        depth=2,
        custom_metric=["Accuracy"],
        thread_count=1,
        random_seed=0,
        use_best_model=False,
        train_dir=str(jt.trial.checkpoint_dir / "catboost"),
        logging_level="Silent",
    )
    model.fit(
        x,
        y == 0,
        eval_set=(x_valid, y_valid == 0),
        callbacks=[Witness(training), tune],
        save_snapshot=True,
        snapshot_file=tune.snapshot,
        snapshot_interval=0,
    )
    assert model.is_fitted()
    training.saw_end()
    training.returned(tune.stopped)
