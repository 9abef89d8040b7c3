"""A notebook with parameters, run by papermill: no page, and a kernel that ends with the run."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from jupyter_tune.core.study import Study
from jupyter_tune.journal import read_records
from jupyter_tune.views.saved.dashboard import DASHBOARD
from tests.docs.pages import sections
from tests.processes import tune_processes, wait_until
from tests.real_kernel import LOAD

PARAMETERS, CELL, CALL = sections("hosts.md")["papermill, nbconvert, nbclient"]
FAILS = """%%tune --maximize score -n 2 --name fails
width: Int(1, widest) = 4
raise FileNotFoundError("data.csv")
report(score=width)"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the studies of the runs are; none of their processes is left."""
    monkeypatch.setenv("JUPYTER_TUNE_DIR", str(tmp_path))
    return tmp_path


def run(folder: Path, *cells: str, **parameters: int) -> nbformat.NotebookNode:
    """What papermill has written: also where it has raised."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in (PARAMETERS, LOAD, *cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, folder / "in.ipynb")
    try:
        papermill.execute_notebook(
            folder / "in.ipynb", folder / "out.ipynb", parameters, progress_bar=False, cwd=str(folder)
        )
    finally:
        wait_until(lambda: not tune_processes(folder), "every process of the run to end")
    return nbformat.read(folder / "out.ipynb", as_version=4)


def the_study_in(folder: Path) -> Study:
    (path,) = folder.glob("*.tune.db")
    return Study.fold(read_records(path))


def test_a_parameter_changes_the_study_and_the_notebook_keeps_its_dashboard(folder: Path) -> None:
    saved = run(folder, CELL, "study.best_value", widest=20)
    study = the_study_in(folder)
    assert study.is_ended
    assert len(study.trials) == 20
    assert study.space["width"].high == 20
    *_, cell, best = saved.cells
    (shown,) = cell.outputs
    assert {DASHBOARD, "text/html", "image/png", "text/plain"} <= set(shown.data)
    assert "ended: all trials done" in shown.data["text/plain"]
    assert best.outputs[0].data["text/plain"] == str(study.require_best()[1])
    # no state of widgets, which nothing could bring back
    assert "widgets" not in saved.metadata


def test_a_parameter_can_be_an_option_of_jt_tune(folder: Path) -> None:
    saved = run(folder, CALL, trials=3, widest=20)
    study = the_study_in(folder)
    assert len(study.trials) == 3
    assert "'width'" in saved.cells[-1].outputs[0].data["text/plain"]


def test_a_study_whose_trials_all_fail_fails_the_run(folder: Path) -> None:
    with pytest.raises(PapermillExecutionError, match=r"study 'fails': every trial failed: .*data\.csv"):
        run(folder, FAILS, "print('went on')")
    saved = nbformat.read(folder / "out.ipynb", as_version=4)
    # what was found out about it is in the notebook, and nothing after it has run
    failed = next(cell for cell in saved.cells if "FileNotFoundError" in cell.source)
    assert DASHBOARD in failed.outputs[0].data
    assert not saved.cells[-1].outputs
