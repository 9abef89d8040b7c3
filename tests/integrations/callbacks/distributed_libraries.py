"""Trainings in several processes: one reports, and all stop together."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest

import jupyter_tune as jt
from jupyter_tune.core.events import TrialReported
from jupyter_tune.journal import read_records
from tests.integrations.callbacks.training import Training
from tests.processes import wait_until

FOLDER = Path(__file__).parent
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]

COMMANDS = {
    "lightning": [str(FOLDER / "ddp_script.py")],
    **{
        name: [*TORCHRUN, str(FOLDER / "two_processes.py"), name]
        for name in ("accelerate_loop", "transformers_evaluations", "ignite_epochs", "fastai_epochs")
    },
}

METRICS = {
    "lightning": "val_acc",
    "accelerate_loop": "accuracy",
    "transformers_evaluations": "eval_accuracy",
    "ignite_epochs": "accuracy",
    "fastai_epochs": "accuracy",
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("nothing_stays")
def test_the_first_process_reports_and_a_prune_stops_all_in_the_same_epoch(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parents[2]))
    command = jt.Command([sys.executable, *COMMANDS[name], str(tmp_path)])
    ranges = {"x": jt.Float(0.0, 1.0)}
    study = jt.tune(
        command, ranges, name="together", maximize=METRICS[name], trials=1, workers=1, sampler="random"
    )
    with closing(study):
        wait_until(
            lambda: (bool(study.trials) and study.trials[0].last_step >= 2) or study.state == "ended",
            "the second epoch",
        )
        study.prune(0)
        study.wait()
        (trial,) = study.trials
        assert trial.state == "pruned", trial.log
    ranks = [Training(0, True, 0, tmp_path / f"{rank}.diary") for rank in range(2)]
    for rank in ranks:
        assert len(rank.lines("end")) == 1, trial.log
        assert rank.lines("returned") == [True]
    assert ranks[0].lines("begins") == ranks[1].lines("begins")
    reports = [r.event for r in read_records(study.path) if isinstance(r.event, TrialReported)]
    steps = [report.step for report in reports]
    assert steps == list(range(1, len(steps) + 1)), "each epoch once"
    assert len(ranks[0].lines("begins")) - len(steps) in (0, 1)
