from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tune.launch.origins import NOTEBOOK_VARIABLE, notebook_here, origin_of


def test_a_study_knows_the_notebook_whose_kernel_started_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert notebook_here({NOTEBOOK_VARIABLE: "/home/ada/train.ipynb"}) == {
        "notebook": "/home/ada/train.ipynb"
    }
    monkeypatch.setenv(NOTEBOOK_VARIABLE, "train.ipynb")
    assert origin_of("cell", "1 + 1")["notebook"] == str(Path(tmp_path, "train.ipynb"))


@pytest.mark.parametrize("name", [None, "", "console-1-3fa85f64", "/home/ada/train.py"])
def test_what_runs_in_no_notebook_names_none(name):
    assert notebook_here({} if name is None else {NOTEBOOK_VARIABLE: name}) == {}
