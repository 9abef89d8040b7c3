"""The code of docs/loggers.md runs."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_tune.launch.options import options_of
from jupyter_tune.registry import TRACKERS
from tests.docs.pages import blocks
from tests.real_kernel import LOAD, Kernel

PAGE = (Path(__file__).parents[3] / "docs" / "loggers.md").read_text()


def test_the_cell_logs_its_trials_and_says_where(kernel: Kernel) -> None:
    [cell] = blocks("loggers.md")
    kernel.run(LOAD)
    kernel.run(cell)
    said = kernel.ask("[text for level, text in study.notices if 'logged to' in text]")
    place = kernel.folder / "logged.tune.files" / "tensorboard"
    assert said == f"['tensorboard: 8 trials of logged logged to {place}']"
    assert len(list(place.glob("trial-*/events.out.tfevents.*"))) >= 8


def test_a_study_that_was_not_logged_is_logged_from_the_notebook_later(kernel: Kernel) -> None:
    [cell] = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    kernel.run(LOAD)
    kernel.run(cell.replace(" --log-to tensorboard", "").replace("--trials 8", "--trials 2"))
    place = kernel.folder / "logged.tune.files" / "tensorboard"
    assert not place.exists()
    without = kernel.run("%tune log logged", expect="error")
    assert "give the tracker, as in %tune log NAME --to mlflow" in without.error
    unknown = kernel.run("%tune log --to tensorbord", expect="error")
    assert "tensorboard" in unknown.error
    logged = kernel.run("%tune log --to tensorboard")
    assert f"tensorboard: 2 trials of logged logged to {place}" in logged.text
    assert len(list(place.glob("trial-*/events.out.tfevents.*"))) >= 2


def test_every_tracker_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `pip install (\w+)` \|", PAGE, re.M)
    assert dict(rows) == {name: kind.install for name, kind in TRACKERS.items()}
    assert "log_to" in options_of("tune()")
