"""A model of Hugging Face's kind, trained by its Trainer."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainingArguments

import jupyter_tune as jt
from jupyter_tune.integrations.transformers import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.digits import tensors

METRICS = ["eval_accuracy", "eval_loss"]


class Digits(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(64, 10)

    def forward(self, pixels: Any, labels: Any) -> dict[str, Any]:
        logits = self.net(pixels)
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


class Witness(TrainerCallback):
    """Writes down what the Trainer itself has at each evaluation."""

    def __init__(self, training: Training):
        self.training = training

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.training.begins(round(state.epoch) + 1)

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        if not self.training.lines("end"):
            self.training.saw_epoch(round(state.epoch), {name: metrics[name] for name in METRICS})

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.training.saw_end()


def train(training: Training) -> None:
    torch.manual_seed(0)
    tune = TuneCallback(training.metrics)
    fit, valid = (
        [{"pixels": x, "labels": y} for x, y in zip(*data.tensors, strict=True)] for data in tensors()
    )
    arguments = TrainingArguments(
        str(jt.trial.checkpoint_dir),
        num_train_epochs=training.epochs,
        learning_rate=0.01 if training.is_good else 0.0,
        per_device_train_batch_size=100,
        per_device_eval_batch_size=200,
        eval_strategy="epoch",
        save_strategy="epoch",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    trainer = Trainer(
        Digits(),
        arguments,
        train_dataset=fit,
        eval_dataset=valid,
        compute_metrics=lambda found: {"accuracy": float((found[0].argmax(1) == found[1]).mean())},
        callbacks=[Witness(training), tune],
    )
    trainer.train(resume_from_checkpoint=tune.checkpoint)
    # no step of the training
    trainer.evaluate()
    training.returned(tune.stopped)
