"""A Keras model, with torch as its backend."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras

from jupyter_tune.integrations.keras import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.digits import arrays

METRICS = ["val_accuracy", "val_loss"]


class Witness(keras.callbacks.Callback):
    """Writes down what Keras itself has at the end of each epoch."""

    def __init__(self, training: Training):
        super().__init__()
        self.training = training

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.training.begins(epoch + 1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.training.saw_epoch(epoch + 1, {name: float(logs[name]) for name in METRICS})

    def on_train_end(self, logs: Any = None) -> None:
        self.training.saw_end()


def train(training: Training) -> None:
    keras.utils.set_random_seed(0)
    x, y, x_valid, y_valid = arrays()
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10)])
    model.compile(
        keras.optimizers.Adam(0.01 if training.is_good else 0.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    tune = TuneCallback(training.metrics, checkpoint_every=1)
    model.fit(
        x,
        y,
        batch_size=100,
        epochs=training.epochs,
        validation_data=(x_valid, y_valid),
        shuffle=False,
        verbose=0,
        callbacks=[Witness(training), tune],
    )
    training.returned(tune.stopped)
