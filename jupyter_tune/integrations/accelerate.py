"""Training loops of Accelerate: its first process reports for all, and all stop together."""

from __future__ import annotations

from typing import Any

from accelerate import Accelerator
from accelerate.utils import broadcast_object_list

from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback

__all__ = ["TuneCallback"]


class TuneCallback(ProgressCallback):
    """What a training loop calls after each epoch: `if not tune(epoch, loss=loss): break`.

    Args:
        accelerator: that of the loop.
        metrics, checkpoint_every: as of `Progress`.

    A trial that is started again goes on with what it has saved: `tune.restore()` loads it into what the
    accelerator has prepared.
    """

    def __init__(
        self, accelerator: Accelerator, metrics: Chosen = None, *, checkpoint_every: int | None = None
    ):
        self._accelerator = accelerator
        self._progress = Progress(metrics, checkpoint_every)

    def restore(self) -> int:
        """Load the state that the trial has saved last. Returns its epoch, 0 if there is none."""
        saved = self._progress.saved_folder()
        if saved is None:
            return 0
        self._accelerator.load_state(str(saved[1]))
        return saved[0]

    def __call__(self, epoch: int, **metrics: Any) -> bool:
        """Report an epoch, from 1. Returns whether the training goes on. All processes call it."""
        accelerator = self._accelerator
        if self._progress.saves_at(epoch):
            if accelerator.is_main_process:
                self._progress.unfinished_folder()
            accelerator.wait_for_everyone()
            accelerator.save_state(str(self._progress.new_folder))
            accelerator.wait_for_everyone()
            if accelerator.is_main_process:
                self._progress.finish_folder(epoch)
        goes_on = [True]
        if accelerator.is_main_process:
            goes_on = [self._progress.report(epoch, metrics)]
        if accelerator.num_processes > 1:
            broadcast_object_list(goes_on)
        if not goes_on[0]:
            self._progress.stopped = True
        return goes_on[0]
