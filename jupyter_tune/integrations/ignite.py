"""Ignite's epochs as the steps of a trial: a handler that an evaluator calls at `Events.COMPLETED`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine
from ignite.handlers import Checkpoint

from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback

__all__ = ["TuneCallback"]

ENDING = ".pt"


class TuneCallback(ProgressCallback):
    """A handler of an evaluator: reports its metrics, and terminates `trainer` when the trial is to stop.

    The step is the trainer's epoch. If several processes train, the first one reports and all stop together.

    Args:
        trainer:          the engine that trains.
        metrics:          as of `Progress`; default: all of the evaluator.
        checkpoint_every: save `to_save` after this many epochs; default: never.
        to_save:          objects by name, as of Ignite's Checkpoint, with the trainer among them. A trial
                          that is started again loads what it has saved into them, here.
    """

    def __init__(
        self,
        trainer: Engine,
        metrics: Chosen = None,
        *,
        checkpoint_every: int | None = None,
        to_save: Mapping[str, Any] | None = None,
    ):
        self._trainer = trainer
        self._progress = Progress(metrics, checkpoint_every)
        self._to_save = dict(to_save or {})
        if checkpoint_every is not None and not any(saved is trainer for saved in self._to_save.values()):
            raise OptionError(
                "to_save: has no trainer, so that the epochs would be lost; "
                "give it with the rest: {'trainer': trainer, 'model': model, 'optimizer': optimizer}"
            )
        saved = self._progress.saved(ENDING)
        if saved is not None and self._to_save:
            Checkpoint.load_objects(self._to_save, torch.load(saved, weights_only=False))

    def __call__(self, evaluator: Engine) -> None:
        epoch = self._trainer.state.epoch
        if idist.get_rank() == 0 and self._progress.saves_at(epoch):
            state = {name: saved.state_dict() for name, saved in self._to_save.items()}
            self._progress.save(ENDING, lambda path: torch.save(state, path))
        goes_on = True
        if idist.get_rank() == 0:
            goes_on = self._progress.report(epoch, evaluator.state.metrics)
        if idist.get_world_size() > 1:
            goes_on = bool(idist.broadcast(int(goes_on)))
        if not goes_on:
            self._progress.stopped = True
            self._trainer.terminate()
