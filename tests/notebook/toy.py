"""A study of a toy, in the working directory of a kernel."""

from __future__ import annotations

from pathlib import Path

from jupyter_tune.core.study import Study
from jupyter_tune.journal import read_records
from tests.real_kernel import LOAD_WITHOUT_A_MODEL, Kernel

TOY = """%%tune --maximize score -n {trials} -j 2 --max-steps 9 --sampler random --name toy {more}
x: Float(0.0, 1.0) = 0.5
kind: Categorical(["a", "b"]) = "a"
import time
for step in range(1, {steps} + 1):
    time.sleep({pause})
    report(score=1 - abs(x - 0.3) + step / 100, step=step)
"""


ENDLESS = 100_000
"""Trials, or steps of one, of a study that a test stops."""


def toy(trials: int = ENDLESS, pause: float = 0.01, steps: int = 9, more: str = "") -> str:
    return TOY.format(trials=trials, pause=pause, steps=steps, more=more)


def load(kernel: Kernel) -> None:
    kernel.run(LOAD_WITHOUT_A_MODEL)


def study_path(kernel: Kernel) -> Path:
    return kernel.folder / "toy.tune.db"


def recorded(kernel: Kernel) -> Study:
    """The toy study in its file."""
    return Study.fold(read_records(study_path(kernel)))
