"""A training loop with Accelerate."""

from __future__ import annotations

import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader

from jupyter_tune.integrations.accelerate import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.digits import accuracy, tensors

METRICS = ["accuracy", "loss"]


def train(training: Training) -> None:
    torch.manual_seed(0)
    accelerator = Accelerator(cpu=True)
    fit, valid = tensors()
    net = nn.Linear(64, 10)
    optimizer = torch.optim.Adam(net.parameters(), 0.01 if training.is_good else 0.0)
    net, optimizer, loader = accelerator.prepare(net, optimizer, DataLoader(fit, 100))
    tune = TuneCallback(accelerator, training.metrics, checkpoint_every=1)
    x_valid, y_valid = valid.tensors
    for epoch in range(tune.restore() + 1, training.epochs + 1):
        training.begins(epoch)
        for x, y in loader:
            optimizer.zero_grad()
            accelerator.backward(nn.functional.cross_entropy(net(x), y))
            optimizer.step()
        with torch.no_grad():
            found = net(x_valid)
        loss, share = nn.functional.cross_entropy(found, y_valid), accuracy(found, y_valid)
        training.saw_epoch(epoch, {"accuracy": float(share), "loss": float(loss)})
        if not tune(epoch, loss=loss, accuracy=share):
            break
    accelerator.end_training()
    training.saw_end()
    training.returned(tune.stopped)
