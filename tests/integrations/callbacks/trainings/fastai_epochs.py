"""A Learner of fastai's."""

from __future__ import annotations

import torch
from fastai.callback.core import Callback
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.metrics import accuracy
from torch import nn

import jupyter_tune as jt
from jupyter_tune.integrations.fastai import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.digits import tensors

METRICS = ["accuracy", "valid_loss"]


class Witness(Callback):
    """Writes down what fastai itself has at the end of each epoch that it trains."""

    order = 64

    def __init__(self, training: Training):
        super().__init__()
        self.training = training
        self.trains = False

    def before_train(self) -> None:
        self.training.begins(self.epoch + 1)
        self.trains = True

    def after_epoch(self) -> None:
        if self.trains:
            values = dict(zip(self.recorder.metric_names[1:], self.recorder.log[1:], strict=False))
            self.training.saw_epoch(self.epoch + 1, {name: float(values[name]) for name in METRICS})

    def after_fit(self) -> None:
        self.training.saw_end()


def train(training: Training) -> None:
    torch.manual_seed(0)
    fit, valid = tensors()
    loaders = DataLoaders(DataLoader(fit, bs=100), DataLoader(valid, bs=200), device=torch.device("cpu"))
    learn = Learner(
        loaders, nn.Linear(64, 10), nn.CrossEntropyLoss(), metrics=accuracy, path=jt.trial.checkpoint_dir
    )
    tune = TuneCallback(training.metrics, checkpoint_every=1)
    with learn.no_logging():
        learn.fit(training.epochs, 0.01 if training.is_good else 0.0, cbs=[Witness(training), tune])
    training.returned(tune.stopped)
