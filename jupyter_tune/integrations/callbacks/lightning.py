"""The hooks of Lightning's callbacks, the same for both packages that Lightning comes as."""

from __future__ import annotations

from typing import Any

from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback

ENDING = ".ckpt"


class LightningHooks(ProgressCallback):
    """Reports each epoch, and ends the training when the trial is pruned or cancelled.

    Args:
        metrics:          names of logged metrics: one, several, or a mapping of the names in the study to
                          them; default: all that the validation logs, or, without a validation, all.
        checkpoint_every: save the state of the training after this many epochs; default: never.

    An epoch without validation is not reported, unless there is none at all. Under a distributed strategy
    the first process reports and all stop together: log with `sync_dist=True`, so that its metrics are
    those of all.

    A trial that is started again goes on with what it has saved:
    `trainer.fit(model, data, ckpt_path=tune.checkpoint)`.
    """

    def __init__(self, metrics: Chosen = None, *, checkpoint_every: int | None = None):
        self._progress = Progress(metrics, checkpoint_every)
        self._before: dict[str, Any] = {}
        self._validated: list[str] = []

    @property
    def checkpoint(self) -> str | None:
        """The state that the trial has saved last, for `ckpt_path=`; None if there is none."""
        return self._progress.saved(ENDING)

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        self._before = dict(trainer.callback_metrics)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        if not trainer.sanity_checking:
            # values of the training are the same objects before and after
            before = self._before
            now = trainer.callback_metrics
            self._validated = [name for name, value in now.items() if before.get(name) is not value]

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        epoch = trainer.current_epoch + 1
        if self._progress.saves_at(epoch):
            self._save(trainer)
        if trainer.enable_validation and not self._validated:
            return
        goes_on = True
        if trainer.is_global_zero:
            goes_on = self._progress.report(epoch, trainer.callback_metrics, self._validated or None)
        self._validated = []
        # one process that stopped alone would leave the others waiting for it
        if not trainer.strategy.broadcast(goes_on):
            self._progress.stopped = trainer.should_stop = True
            # these hold for trainings that can become good
            trainer.fit_loop.min_epochs = trainer.fit_loop.epoch_loop.min_steps = None

    def _save(self, trainer: Any) -> None:
        # all processes take part, and the first one writes
        if trainer.is_global_zero:
            self._progress.save(ENDING, trainer.save_checkpoint)
        else:
            trainer.save_checkpoint(self._progress.unfinished(ENDING))
