"""Both sides of the page for Optuna's users run, and find the same."""

from __future__ import annotations

import functools
from typing import Any

import optuna
import pytest

from tests.docs.pages import side

PAGE = "coming-from-optuna.md"
THEIRS, OURS = side(PAGE, "Optuna"), side(PAGE, "jupyter_tune")


def test_every_block_has_its_counterpart() -> None:
    assert len(THEIRS) == len(OURS) == 6


def test_both_sides_find_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # a few trials with another seed each time may find anything
    seeded = functools.partialmethod(optuna.samplers.TPESampler.__init__, seed=0)
    monkeypatch.setattr(optuna.samplers.TPESampler, "__init__", seeded)
    theirs: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    for their_block, our_block in zip(THEIRS, OURS, strict=True):
        exec(their_block, theirs)
        # in this process and without a model: tests/docs/coming_from_page.py runs it as it stands
        exec(our_block.replace("trials=", "workers=0, sampler='random', trials="), ours)
        if "tuner" in ours:
            assert ours["tuner"].best_value == pytest.approx(theirs["study"].best_value, abs=0.3)
            continue
        ran = [len(each["study"].trials) for each in (theirs, ours)]
        assert ran[0] == ran[1]
        if "best_trials" in our_block:
            assert all(
                trial.params["width"] * trial.params["depth"] <= 100 for trial in ours["study"].best_trials
            )
            assert all(trial.values[1] <= 100 for trial in theirs["study"].best_trials)
        else:
            assert ours["study"].best_value == pytest.approx(theirs["study"].best_value, abs=0.3)
            assert theirs["study"].best_params.keys() <= {*ours["study"].declared}
