"""A tuning cell with --command, in a real kernel."""

from __future__ import annotations

import pytest

from tests.notebook.toy import load, recorded
from tests.real_kernel import Kernel

SCRIPT = """\
import argparse, time
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float)
parser.add_argument("--kind")
given = parser.parse_args()
for epoch in range(1, 10):
    print(f"epoch {epoch}: acc={1 - abs(given.x - 0.3) + epoch / 100}")
    time.sleep(0.05)
"""

LINE = (
    "%%tune --maximize score --max-steps 9 --sampler random --name toy "
    "--command \"{python} train.py --x {x} --kind '{kind}'\" "
    "--metric score 'acc=([0-9.]+)' --step-from 'epoch ([0-9]+)'"
)
RANGES = "\nx: Float(0.0, HIGH) = 0.5\nkind: Categorical(['a b', 'c']) = 'a b'\n"


def prepare(kernel: Kernel) -> None:
    (kernel.folder / "train.py").write_text(SCRIPT)
    kernel.run("HIGH = 1.0")


@pytest.fixture
def prepared(shared_kernel: Kernel) -> Kernel:
    prepare(shared_kernel)
    return shared_kernel


def test_a_script_is_tuned_steered_and_resumed_after_a_restart(kernel: Kernel) -> None:
    load(kernel)
    prepare(kernel)
    kernel.run(f"{LINE} -n 6 -j 2{RANGES}")
    kernel.run("study.narrow(x=(0.1, 0.6)); study.wait()")
    states = kernel.ask("sorted({t.state for t in study.trials})")
    assert states in ("['complete', 'pruned']", "['complete']")
    assert kernel.ask("study.log(0).splitlines()[0]") == "'epoch 1: acc=0.81'"
    kernel.restart()
    load(kernel)
    kernel.run("HIGH = 1.0\n%tune resume toy --trials 2")
    kernel.run("study.wait()")
    study = recorded(kernel)
    assert len(study.trials) == 8
    assert {trial.state for trial in study.trials.values()} <= {"complete", "pruned"}


def test_a_dry_run_shows_the_first_command(prepared: Kernel) -> None:
    text = prepared.run(f"{LINE} -n 6 --dry-run{RANGES}").text
    assert "Trial 0 would run: '{python}' train.py --x 0.5 --kind 'a b'" in text
    assert "Nothing was started" in text


def test_bad_input_is_an_error_before_anything_starts(prepared: Kernel) -> None:
    tune = "%%tune --maximize score"
    for cell, culprit in {
        f"{LINE}{RANGES}y = 3": "line 4: y = 3: a cell with --command has only declarations",
        f"{LINE}\nx: Float(0.0, 1.0)": "{kind}: there is no such parameter",
        f"{tune} --command ''{RANGES}": "--command: is empty",
        f"{tune} --command 'nothing {{x}}'{RANGES}": "nothing: there is no such program on the PATH",
        f"{tune} --command sh --metric score '.'{RANGES}": "--metric score: '.' has no group",
        f"{tune} --command sh --metric score{RANGES}": "needs two values, got 'score'",
        f"{tune} --command sh --metric loss '(.)'{RANGES}": "metric score: no regular expression finds it",
        f"{tune} --metric score '(.)'{RANGES}score = 1": "--metric: reads the output of a command",
        f"{tune} --command sh --step-from '({{'{RANGES}": "--step-from: '({' is not a regular expression",
    }.items():
        outcome = prepared.run(cell, expect="error")
        assert culprit in outcome.error, cell
    assert list(prepared.folder.glob("*.tune.db")) == []
