"""A script that Lightning trains in two processes: `python ddp_script.py FOLDER`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch

from jupyter_tune.integrations.lightning import TuneCallback
from tests.integrations.callbacks.training import Training
from tests.integrations.callbacks.trainings.lightning_epochs import Digits, Witness, loaders


class Slow(pl.Callback):
    """Gives the test the time to have the trial pruned."""

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        time.sleep(0.3)


def main() -> None:
    torch.manual_seed(0)
    # Lightning starts the second process with this script, too
    rank = int(os.environ.get("LOCAL_RANK", "0"))
    training = Training(500, True, 0, Path(sys.argv[1]) / f"{rank}.diary")
    tune = TuneCallback(checkpoint_every=1)
    trainer = pl.Trainer(
        max_epochs=500,
        callbacks=[Witness(training), Slow(), tune],
        accelerator="cpu",
        devices=2,
        strategy="ddp",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Digits(0.01), *loaders())
    training.returned(tune.stopped)


if __name__ == "__main__":
    main()
