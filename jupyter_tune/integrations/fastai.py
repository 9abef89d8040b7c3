"""fastai's epochs as the steps of a trial: `learn.fit(…, cbs=TuneCallback())`."""

from __future__ import annotations

from typing import Any

import torch
from fastai.callback.core import Callback, CancelEpochException, CancelFitException
from fastai.learner import load_model, save_model
from fastai.torch_core import num_distrib, rank_distrib

from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback

__all__ = ["TuneCallback"]


class TuneCallback(ProgressCallback, Callback):
    """Reports each epoch, and ends the training when the trial is pruned or cancelled.

    Args:
        metrics:          as of `Progress`; default: all of the validation.
        checkpoint_every: save model and optimiser after this many epochs; a trial that is started again skips
                          the epochs that it has trained, and goes on with the rest by itself.
    """

    # after fastai's trackers, one of which may save the best model; not in get_preds and lr_find
    order = 65
    remove_on_fetch = True
    _only_train_loop = True

    def __init__(self, metrics: Chosen = None, *, checkpoint_every: int | None = None):
        super().__init__()
        self._progress = Progress(metrics, checkpoint_every)
        self._done = 0

    def before_fit(self) -> None:
        self.run = not hasattr(self.learn, "lr_finder") and not hasattr(self.learn, "gather_preds")
        saved = self._progress.saved_folder() if self.run else None
        if saved is not None:
            self._done = saved[0]
            load_model(
                saved[1] / "model", self.learn.model, self.learn.opt, with_opt=True, weights_only=False
            )

    def before_epoch(self) -> None:
        if self.epoch < self._done:
            # as fastai's SkipToEpoch does
            raise CancelEpochException

    def after_epoch(self) -> None:
        epoch = self.epoch + 1
        if epoch <= self._done:
            return
        is_first = rank_distrib() == 0
        if is_first and self._progress.saves_at(epoch):
            folder = self._progress.unfinished_folder()
            save_model(folder / "model", self.learn.model, self.learn.opt, with_opt=True)
            self._progress.finish_folder(epoch)
        recorder = self.learn.recorder
        # without the epoch at the beginning and the time at the end
        found: dict[str, Any] = dict(zip(recorder.metric_names[1:-1], recorder.log[1:-1], strict=True))
        of_validation = [name for name in found if name != "train_loss"]
        goes_on = [True]
        if is_first:
            goes_on = [self._progress.report(epoch, found, of_validation or None)]
        if num_distrib() > 1:
            torch.distributed.broadcast_object_list(goes_on)
        if not goes_on[0]:
            self._progress.stopped = True
            raise CancelFitException
