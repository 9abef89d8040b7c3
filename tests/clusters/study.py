"""A study that shows a cluster works: all of its slots are used, trials get data and return files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy

import jupyter_tune as jt

DATA = numpy.arange(1_000_000, dtype=float)


def learn(lr: float) -> None:
    print("learns")
    for step in range(1, 10):
        jt.report(score=lr * step + DATA[-1], step=step)
        time.sleep(0.05)
    (jt.trial.checkpoint_dir / "state").write_text("saved")


def check(cluster: Any, folder: Path, slots: int) -> None:
    """Run a study on `cluster`; its files are below `folder`. Prints what it did."""
    began = time.monotonic()
    study = jt.tune(
        learn,
        {"lr": jt.Float(0, 1)},
        maximize="score",
        trials=4 * slots,
        sampler="random",
        on=cluster,
        dir=folder / "studies",
    )
    study.wait()
    trials = study.snapshot().trials
    states = {trial.state for trial in trials.values()}
    assert states == {"complete"}, (states, study.notices, [trial.error for trial in trials.values()])
    assert len({trial.slot for trial in trials.values()}) == slots
    assert "learns" in study.log(0)
    saved = list((folder / "studies").rglob("checkpoints/state"))
    assert len(saved) == len(trials)
    study.close()
    kind, address = type(cluster).__name__, cluster.scheduler_address
    print(f"{kind} at {address}: {len(trials)} trials on {slots} slots in {time.monotonic() - began:.1f} s")
