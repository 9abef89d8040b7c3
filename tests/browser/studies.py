"""Cells that tune, for notebooks in Lab, and where their studies are seen."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from jupyter_tune.core.events import Record
from jupyter_tune.core.study import Study
from tests.processes import wait_until
from tests.real_lab import NotebookPage

STUDY = """%%tune --maximize score -j 2 --max-steps 9 --name {name} {options}
lr: Float(1e-4, 1e-1, log=True) = 1e-2
width: Int(8, 256, log=True) = 64
act: Categorical(["relu", "tanh", "gelu"]) = "relu"
import math, time
for step in range(1, {steps} + 1):
    time.sleep({pause})
    print("at step", step)
    report(score=1 - abs(math.log10(lr) + 2.5) / 3 + width / 2000 - 0.5 ** step, step=step)
"""


def study_cell(
    name: str,
    *,
    trials: int = 10_000,
    steps: int = 9,
    pause: float = 0.05,
    sampler: str = "random",
    pruner: str = "asha",
) -> str:
    """By default a study that goes on until somebody stops it."""
    options = f"-n {trials} --sampler {sampler} --pruner {pruner}"
    return STUDY.format(name=name, options=options, steps=steps, pause=pause)


def study_of(notebook: NotebookPage, name: str) -> Study:
    """The study as its file tells it; one that has just been made has its first record in a moment."""
    records: list[Record] = []

    def are_there() -> bool:
        # of one look: the file may be replaced by a new one before the next
        records[:] = notebook.lab.records(name)
        return bool(records)

    wait_until(are_there, f"the first record of {name}")
    return Study.fold(records)


def hold(seconds: int) -> str:
    """A cell that sleeps with the interpreter's lock, unlike time.sleep: no thread of the kernel runs."""
    return f"import ctypes; _ = ctypes.PyDLL(None).sleep({seconds})"


def show_panel(page: Page) -> None:
    page.evaluate("() => window.jupyterapp.commands.execute('jupyter-tune:show-panel')")
    expect(page.get_by_test_id("jupyter-tune-panel")).to_be_visible()


def entry(page: Page, name: str) -> Locator:
    return page.locator(f'[data-testid="panel-study"][data-path="studies/{name}.tune.db"]')
