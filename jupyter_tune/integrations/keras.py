"""Keras's epochs as the steps of a trial: `model.fit(…, callbacks=[TuneCallback()])`."""

from __future__ import annotations

from typing import Any

from keras.callbacks import BackupAndRestore, Callback

from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback
from jupyter_tune.trials.report import is_in_study, trial

__all__ = ["TuneCallback"]


class TuneCallback(ProgressCallback, Callback):
    """Reports each epoch, and ends the training when the trial is pruned or cancelled.

    Args:
        metrics:          as of `Progress`; default: all of the validation, or, without one, of the training.
        checkpoint_every: save weights and the optimiser's state after this many epochs; a trial that is
                          started again goes on with them by itself.
    """

    def __init__(self, metrics: Chosen = None, *, checkpoint_every: int | None = None):
        super().__init__()
        self._progress = Progress(metrics, checkpoint_every)
        self._backup: Any = None
        if checkpoint_every is not None and is_in_study():
            # Keras's own. A process that is killed while it writes leaves the state before
            folder = str(trial.checkpoint_dir / "keras")
            self._backup = BackupAndRestore(folder, double_checkpoint=True, delete_checkpoint=False)

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        if self._backup is not None:
            self._backup.set_model(model)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._backup is not None:
            self._backup.on_train_begin(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._backup is not None and self._progress.saves_at(epoch + 1):
            self._backup.on_epoch_end(epoch, logs)
        found = logs or {}
        of_validation = [name for name in found if name.startswith("val_")]
        if not self._progress.report(epoch + 1, found, of_validation or None):
            self.model.stop_training = True
