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

SCRIPT = Path(__file__).with_name("ddp_script.py")


@pytest.mark.usefixtures("nothing_stays")
def test_under_ddp_the_first_process_reports_and_a_prune_stops_all_in_the_same_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SCRIPT.parents[3]))
    command = jt.Command([sys.executable, str(SCRIPT), str(tmp_path)])
    ranges = {"x": jt.Float(0.0, 1.0)}
    study = jt.tune(command, ranges, name="ddp", maximize="val_acc", trials=1, workers=1, sampler="random")
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
