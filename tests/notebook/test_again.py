"""A cell run again, and studies looked after by name, in a real kernel."""

from __future__ import annotations

from jupyter_tune.core.study import Study
from jupyter_tune.journal import read_records
from tests.real_kernel import LOAD_WITHOUT_A_MODEL, Kernel

CELL = """%%tune --maximize score -n {trials} -j 2 --sampler random --name toy {more}
x: Float(0.0, {high}) = 0.5
import time as clock
report(score=x * scale, seen=clock.time())
"""


def cell(trials: int = 3, high: float = 1.0, more: str = "") -> str:
    return CELL.format(trials=trials, high=high, more=more)


def test_a_cell_run_again_shows_its_study_and_goes_on_or_replaces_it(kernel: Kernel) -> None:
    kernel.run(LOAD_WITHOUT_A_MODEL)
    kernel.run("scale = 1.0")
    kernel.run(cell())
    kernel.run("study.wait()")
    path = kernel.folder / "toy.tune.db"
    before = len(read_records(path))

    again = kernel.run(cell(trials=8, more="-o mine"))
    assert "Study 'toy' exists already and is ended (all trials done): nothing was started" in again.text
    assert "trials 8, in the study 3" in again.text
    assert "--overwrite" in again.text
    assert again.displays, "the study is shown"
    assert kernel.ask("mine is study, len(mine.trials)") == "(True, 3)"
    assert len(read_records(path)) == before

    other = kernel.run(cell(high=2.0))
    assert "x: Float(0.0, 1.0) in the study, Float(0.0, 2.0) here" in other.text.replace("low=", "")

    # what runs is what the notebook has now, also after a restart, once the cell is known again
    kernel.run("scale = 10.0\nstudy.resume(trials=2)\nstudy.wait()")
    scales = "[round(trial.value / trial.params['x']) for trial in study.trials]"
    assert kernel.ask(scales) == "[1, 1, 1, 10, 10]"
    kernel.restart()
    kernel.run(LOAD_WITHOUT_A_MODEL)
    kernel.run("%tune show toy -o shown")
    assert kernel.ask("shown.state, len(shown.trials)") == "('ended', 5)"
    refused = kernel.run("%tune resume toy --trials 1", expect="error")
    assert "scale: the trials use it, and this kernel does not have it; run the cells above" in refused.error

    # from the file alone, by its full name, wherever the kernel works by now
    kernel.run("import os; os.chdir('/'); os.environ['JUPYTER_TUNE_DIR'] = 'elsewhere'; scale = 100.0")
    kernel.run(f"%tune resume '{path}' --trials 1")
    kernel.run("study.wait()")
    assert kernel.ask(f"{scales}, study is shown") == "([1, 1, 1, 10, 10, 100], True)"
    kernel.run(f"os.environ['JUPYTER_TUNE_DIR'] = {str(kernel.folder)!r}")
    kernel.run(cell())
    kernel.run("%tune resume toy --trials 2")
    kernel.run("study.wait()")
    assert kernel.ask("len(study.trials), study is shown") == "(8, True)"

    # in a run that nobody watches it is an error, which names the ways
    assert "--overwrite" in kernel.run(cell(), headless=True, expect="error").error
    replaced = kernel.run(cell(trials=2, more="--overwrite --wait"))
    assert "is kept in" in replaced.text
    assert kernel.ask("len(study.trials), shown.name[:6], len(shown.trials)") == "(2, 'toy-20', 8)"
    [kept] = kernel.folder.glob("toy-20*.tune.db")
    assert len(Study.fold(read_records(kept)).trials) == 8
