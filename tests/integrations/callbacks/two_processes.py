"""One of the processes that train together: `torchrun --nproc-per-node 2 two_processes.py TRAINING FOLDER`.

The trainings are those of the contract. Accelerate and Trainer find the other process by themselves;
Ignite and fastai are given torch's group of processes.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import torch.distributed

from tests.integrations.callbacks.training import Training

FIND_EACH_OTHER = ["accelerate_loop", "transformers_evaluations"]


def main() -> None:
    name, folder = sys.argv[1:]
    if name not in FIND_EACH_OTHER:
        torch.distributed.init_process_group("gloo")
    diary = Path(folder) / f"{os.environ['RANK']}.diary"
    # the pauses give the test the time to have the trial pruned
    training = Training(500, True, 0, diary, pause_s=0.3)
    importlib.import_module(f"tests.integrations.callbacks.trainings.{name}").train(training)


if __name__ == "__main__":
    main()
