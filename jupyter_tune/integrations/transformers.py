"""The evaluations of Hugging Face's `Trainer` as the steps of a trial: `callbacks=[TuneCallback()]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accelerate.utils import broadcast_object_list
from transformers import TrainerCallback

from jupyter_tune.integrations.callbacks.progress import Chosen, Progress, ProgressCallback
from jupyter_tune.trials.report import is_in_study, trial

__all__ = ["TuneCallback"]

SPEED = ("_runtime", "_per_second", "_compilation_time")
"""Endings of what the trainer measures of itself."""


class TuneCallback(ProgressCallback, TrainerCallback):
    """Reports each evaluation, and ends the training when the trial is pruned or cancelled.

    The step is the epoch with `eval_strategy="epoch"`, and else the number of the evaluation. If several
    processes train, the first one reports and all stop together.

    Args: metrics: as of `Progress`; default: all of the evaluation but its speed.

    The trainer saves its state itself. A trial that is started again goes on with it:
    `TrainingArguments(trial.checkpoint_dir, save_strategy="epoch", …)` and
    `trainer.train(resume_from_checkpoint=tune.checkpoint)`.
    """

    def __init__(self, metrics: Chosen = None):
        self._progress = Progress(metrics)
        self._trains = False

    @property
    def checkpoint(self) -> str | None:
        """The newest state in `trial.checkpoint_dir` that was written to its end; None if there is none."""
        if not is_in_study():
            return None
        saved: dict[int, Path] = {}
        # the trainer writes this file of a state last
        for path in trial.checkpoint_dir.glob("checkpoint-*/trainer_state.json"):
            number = path.parent.name.removeprefix("checkpoint-")
            if number.isdecimal():
                saved[int(number)] = path.parent
        return str(saved[max(saved)]) if saved else None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._trains = True

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        # what is evaluated afterwards is no step of the training
        self._trains = False

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        if not self._trains or not state.global_step:
            return
        found = metrics or {}
        goes_on = [True]
        if state.is_world_process_zero:
            by_default = [name for name in found if name.startswith("eval_") and not name.endswith(SPEED)]
            goes_on = [self._progress.report(_step(args, state), found, by_default)]
        if args.world_size > 1:
            # one process that stopped alone would leave the others waiting for it
            broadcast_object_list(goes_on)
        if not goes_on[0]:
            self._progress.stopped = control.should_training_stop = True


def _step(args: Any, state: Any) -> int:
    if args.eval_strategy == "epoch":
        epoch: float = state.epoch
        return round(epoch)
    return max(1, int(state.global_step // state.eval_steps))
