"""Two engines of Ignite's."""

from __future__ import annotations

import torch
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.metrics import Accuracy, ConfusionMatrix, Loss
from torch import nn
from torch.utils.data import DataLoader

from jupyter_tune.integrations.ignite import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.digits import tensors

METRICS = ["accuracy", "loss"]


def train(training: Training) -> None:
    torch.manual_seed(0)
    fit, valid = tensors()
    net = nn.Linear(64, 10)
    optimizer = torch.optim.Adam(net.parameters(), 0.01 if training.is_good else 0.0)
    trainer = create_supervised_trainer(net, optimizer, nn.CrossEntropyLoss())
    evaluator = create_supervised_evaluator(
        net,
        # a matrix is no number, and left out
        {"accuracy": Accuracy(), "loss": Loss(nn.CrossEntropyLoss()), "matrix": ConfusionMatrix(10)},
    )

    @trainer.on(Events.EPOCH_STARTED)
    def begins() -> None:
        training.begins(trainer.state.epoch)

    @trainer.on(Events.EPOCH_COMPLETED)
    def evaluate() -> None:
        evaluator.run(DataLoader(valid, 200))

    @evaluator.on(Events.COMPLETED)
    def measured() -> None:
        training.saw_epoch(trainer.state.epoch, {name: evaluator.state.metrics[name] for name in METRICS})

    @trainer.on(Events.COMPLETED)
    def ended() -> None:
        training.saw_end()

    state = {"trainer": trainer, "net": net, "optimizer": optimizer}
    tune = TuneCallback(trainer, training.metrics, checkpoint_every=1, to_save=state)
    evaluator.add_event_handler(Events.COMPLETED, tune)
    trainer.run(DataLoader(fit, 100), max_epochs=training.epochs)
    training.returned(tune.stopped)
