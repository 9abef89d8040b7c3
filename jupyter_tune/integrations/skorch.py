"""skorch's epochs as the steps of a trial: `NeuralNetClassifier(…, callbacks=[TuneCallback()])`."""

from __future__ import annotations

from typing import Any

from skorch.callbacks import Callback

from jupyter_tune.integrations.callbacks.progress import Chosen, Progress

__all__ = ["TuneCallback"]

FILES = ("params", "optimizer", "history")
"""What skorch saves of a net, each in a file."""


class TuneCallback(Callback):
    """Reports each epoch, and ends the training when the trial is pruned or cancelled.

    Args:
        metrics:          as of `Progress`; default: all of the validation, or, without one, of the training.
        checkpoint_every: save parameters, optimiser and history after this many epochs; a trial that is
                          started again goes on with them by itself.
    """

    def __init__(self, metrics: Chosen = None, checkpoint_every: int | None = None):
        self.metrics = metrics
        self.checkpoint_every = checkpoint_every

    def initialize(self) -> TuneCallback:
        # skorch copies callbacks by their arguments, so the rest is made here
        self.progress_ = Progress(self.metrics, self.checkpoint_every)
        return self

    @property
    def stopped(self) -> bool:
        """Whether the trial was pruned or cancelled."""
        return hasattr(self, "progress_") and self.progress_.stopped

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        saved = self.progress_.saved_folder()
        if saved is not None:
            net.load_params(**{f"f_{name}": str(saved[1] / name) for name in FILES})

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        epoch = len(net.history)
        if self.progress_.saves_at(epoch):
            folder = self.progress_.unfinished_folder()
            net.save_params(**{f"f_{name}": str(folder / name) for name in FILES})
            self.progress_.finish_folder(epoch)
        row = net.history[-1]
        found = {name: value for name, value in row.items() if _is_measured(name, value)}
        of_validation = [name for name in found if name.startswith("valid")]
        goes_on = self.progress_.report(epoch, found, of_validation or ["train_loss"])
        # a net that was loaded has trained some of its epochs before
        if not goes_on or epoch >= net.max_epochs:
            # as skorch's EarlyStopping does
            raise KeyboardInterrupt


def _is_measured(name: str, value: object) -> bool:
    """Whether an entry of the history is a measurement, and not a count, nor whether it was the best."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return name != "epoch" and not name.endswith("_batch_count")
