"""A net of skorch's."""

from __future__ import annotations

from typing import Any

import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback
from skorch.helper import predefined_split
from torch import nn

from jupyter_tune.integrations.skorch import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.digits import tensors

METRICS = ["valid_acc", "valid_loss"]


class Witness(Callback):
    """Writes down what skorch itself has at the end of each epoch."""

    def __init__(self, training: Training):
        self.training = training

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        self.training.begins(len(net.history))

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        self.training.saw_epoch(len(net.history), {name: float(net.history[-1, name]) for name in METRICS})

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        self.training.saw_end()


def train(training: Training) -> None:
    torch.manual_seed(0)
    fit, valid = tensors()
    tune = TuneCallback(training.metrics, checkpoint_every=1)
    net = NeuralNetClassifier(
        nn.Linear(64, 10),
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=0.01 if training.is_good else 0.0,
        max_epochs=training.epochs,
        batch_size=100,
        train_split=predefined_split(valid),
        callbacks=[Witness(training), tune],
        verbose=0,
    )
    net.fit(fit, y=None)
    training.returned(tune.stopped)
