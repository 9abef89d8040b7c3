"""`report` and `trial` outside a study."""

from __future__ import annotations

import pickle
import subprocess
import sys

import cloudpickle
import numpy as np
import pytest

from jupyter_tune.errors import ReportError
from jupyter_tune.trials import report as module
from jupyter_tune.trials.report import report, trial


@pytest.fixture(autouse=True)
def fresh_stand_in() -> None:
    module.set_running(module.RunningTrial())


def test_report_prints(capsys: pytest.CaptureFixture[str]) -> None:
    report(3, accuracy=0.91)
    report(accuracy=0.92, loss=2)
    assert capsys.readouterr().out == "step 3: accuracy=0.91\nstep 4: accuracy=0.92, loss=2\n"


def test_the_stand_in_has_number_0_and_a_folder() -> None:
    assert (trial.number, trial.params, trial.seed) == (0, {}, 0)
    assert list(trial.checkpoint_dir.iterdir()) == []
    (trial.checkpoint_dir / "x").write_text("1")
    assert trial.save_artifact(trial.checkpoint_dir).is_dir()


@pytest.mark.parametrize("pickler", [pickle, cloudpickle])
def test_both_pickle_by_reference(pickler: object) -> None:
    for thing in (report, trial):
        data = pickler.dumps(thing)  # type: ignore[attr-defined]
        assert pickle.loads(data) is thing
        assert len(data) < 100


@pytest.mark.parametrize("value", ["1", None, 1j, np.zeros(1), np.str_("a"), [1.0], object(), 10**400])
def test_anything_else_is_refused_by_name(value: object) -> None:
    with pytest.raises(ReportError, match=r"loss: .*; report one number"):
        report(loss=value)


def test_steps_are_whole_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    report(step=np.int64(2), loss=1)  # type: ignore[arg-type]
    report(step=3.0, loss=1)  # type: ignore[arg-type]
    with pytest.raises(ReportError, match=r"step: must be a whole number, got 2\.5"):
        report(step=2.5, loss=1)  # type: ignore[arg-type]
    with pytest.raises(ReportError, match="no metric"):
        report(step=1)
    assert capsys.readouterr().out == "step 2: loss=1\nstep 3: loss=1\n"


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, jupyter_tune.trials.report; "
        "print([m for m in ('asyncio', 'cloudpickle', 'socket', 'numpy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
