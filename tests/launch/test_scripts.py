"""A script that calls `tune` prints no needless notice and gets its result, however it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import PATIENCE_S

SCRIPT = """
import enum
import multiprocessing
import sys

import jupyter_tune as jt
from worked import parts
from worked.parts import OFFSET

SCALE = 3

class Act(enum.Enum):
    DOUBLE = 2

class Model:
    rate = 10

    def fit(self, x, act):
        return x * SCALE * act.value * self.rate + OFFSET

def train(x, act):
    return {"loss": Model().fit(x, act)}

def main():
    space = {"x": jt.Int(1, 1), "act": jt.Categorical([Act.DOUBLE])}
    study = jt.tune(train, space, minimize="loss", trials=1, workers=1, sampler="random")
    study.wait()
    print([trial.error for trial in study.trials], study.best_value, study.best_params["act"] is Act.DOUBLE)

if __name__ == "__main__":
    if sys.argv[1:] == ["spawn"]:
        child = multiprocessing.get_context("spawn").Process(target=main)
        child.start()
        child.join()
    else:
        main()
"""

RUNS = {
    "python script": ["run.py"],
    "python -m": ["-m", "worked.run"],
    "python -m, in a child of multiprocessing": ["-m", "worked.run", "spawn"],
    "python script, in a child of multiprocessing": ["run.py", "spawn"],
    "runpy": ["-c", "import runpy; runpy.run_module('worked.run', run_name='__main__', alter_sys=True)"],
    "runpy of a path": ["-c", "import runpy; runpy.run_path('run.py', run_name='__main__')"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = tmp_path / "worked"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "parts.py").write_text("OFFSET = 1\n")
    (package / "run.py").write_text(SCRIPT)
    (tmp_path / "run.py").write_text(SCRIPT)
    return tmp_path


def output(folder: Path, words: list[str]) -> list[str]:
    """The lines that Python prints when it is run in `folder` with `words`."""
    environ = {**os.environ, "JUPYTER_TUNE_DIR": str(folder / "studies")}
    ran = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE_S,
        check=False,
    )
    return ran.stdout.splitlines()


@pytest.mark.parametrize("words", RUNS.values(), ids=RUNS)
def test_a_script_prints_its_result_and_no_notice(folder: Path, words: list[str]) -> None:
    assert output(folder, words) == ["[''] 61.0 True"]


def test_a_relative_import_in_a_function_of_a_module_that_is_run_works(folder: Path) -> None:
    relative = SCRIPT.replace("from worked ", "from . ").replace("from worked.", "from .")
    inside = relative.replace(
        "        return x *", "        from .late import BASE\n        return BASE + x *"
    )
    (folder / "worked" / "run.py").write_text(inside)
    (folder / "worked" / "late.py").write_text("BASE = 100\n")
    assert output(folder, ["-m", "worked.run"]) == ["[''] 161.0 True"]
