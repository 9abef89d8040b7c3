"""A Lightning module on scikit-learn's digits."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from jupyter_tune.integrations.lightning import TuneCallback
from tests.integrations.callbacks.training import Training

METRICS = ["val_acc", "val_loss"]


class Digits(pl.LightningModule):
    def __init__(self, lr: float):
        super().__init__()
        self.net = nn.Linear(64, 10)
        self.lr = lr

    def training_step(self, batch: Any, index: int) -> torch.Tensor:
        x, y = batch
        loss = nn.functional.cross_entropy(self.net(x), y)
        self.log("train_loss", loss, on_epoch=True)
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        x, y = batch
        found = self.net(x)
        self.log("val_loss", nn.functional.cross_entropy(found, y))
        self.log("val_acc", (found.argmax(1) == y).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.lr)


def loaders() -> tuple[Any, Any]:
    data = load_digits()
    x, y = torch.tensor(data.data / 16, dtype=torch.float32), torch.tensor(data.target)
    return DataLoader(TensorDataset(x[:600], y[:600]), 100), DataLoader(
        TensorDataset(x[600:800], y[600:800]), 200
    )


class Witness(pl.Callback):
    """Writes down what Lightning itself has at the end of each epoch."""

    def __init__(self, training: Training):
        self.training = training

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        metrics = {name: float(trainer.callback_metrics[name]) for name in METRICS}
        self.training.saw_epoch(trainer.current_epoch + 1, metrics)

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        self.training.begins(trainer.current_epoch + 1)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self.training.saw_end()


def train(training: Training) -> None:
    torch.manual_seed(0)
    tune = TuneCallback(training.metrics, checkpoint_every=1)
    trainer = pl.Trainer(
        max_epochs=training.epochs,
        min_epochs=training.epochs,  # a pruned trial ends all the same
        callbacks=[Witness(training), tune],
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Digits(0.01 if training.is_good else 0.0), *loaders(), ckpt_path=tune.checkpoint)
    training.returned(tune.stopped)
