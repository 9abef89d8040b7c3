"""Every block of the page for Optuna's users runs, from top to bottom, and both sides find the same."""

from __future__ import annotations

from typing import Any

import optuna
import pytest

from tests.docs.pages import blocks


def test_the_blocks_run_in_order(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    first, *others = blocks("optuna.md")
    # a function has its source in a file, as it has in a notebook's cell
    (tmp_path / "page_of_optuna.py").write_text(first)
    names: dict[str, Any] = vars(__import__("page_of_optuna"))
    for block in others:
        # in this process: processes of their own are what other tests are about
        exec(block.replace(", trials=", ", workers=0, trials="), names)
    study, theirs = names["study"], names["theirs"]
    assert study.best_value < 0.5
    assert theirs.best_value < 0.5
    assert len(names["here"].trials) == len(names["there"].trials) == 12
    assert len(names["again"].trials) == 16
    with pytest.raises(optuna.exceptions.DuplicatedStudyError):
        optuna.create_study(storage="sqlite:///there.db", study_name="from optuna")
