"""Trainings that keep checkpoints: pruned, found to be among the best after all, and gone on with."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.core.events import TrialReported, TrialResumed
from jupyter_tune.core.study import Study
from jupyter_tune.journal import files_folder, holder, read_records
from tests.processes import wait_until

# One after the other, each worse than those before. After the first step the third is stopped, as
# one of the best two of three; after the ninth, it is one of the best three of nine.
OPTIONS: dict[str, Any] = {
    "minimize": "loss",
    "sampler": "random",
    "trials": 9,
    "max_steps": 3,
    "min_steps": 1,
}


pytestmark = pytest.mark.usefixtures("nothing_stays")


def train(x: jt.Float(0.0, 1.0) = 0.5) -> None:  # type: ignore[valid-type]
    saved = jt.trial.checkpoint_dir / "epoch"
    first = int(saved.read_text()) + 1 if saved.exists() else 1
    print(f"begins with epoch {first}")
    for epoch in range(first, 4):
        if epoch == 3 and first == 2:
            # the first time that it goes on, it gets no further
            time.sleep(600)
        saved.with_suffix(".new").write_text(str(epoch))
        saved.with_suffix(".new").rename(saved)
        jt.report(loss=jt.trial.number + 1 / epoch, step=epoch)


def test_a_pruned_training_resumes_from_its_checkpoint_and_a_kill_loses_nothing() -> None:
    with closing(jt.tune(train, name="paused", **OPTIONS)) as study:
        wait_until(
            lambda: len(study.trials) > 2 and study.trials[2].last_step == 2, "the third trial to go on"
        )
        assert study.trials[2].attempt == 2
        owner = holder(study.path)
        assert owner is not None
        os.kill(owner["pid"], signal.SIGKILL)
        wait_until(lambda: study.state == "interrupted", "the handle to notice")

    with closing(jt.tune(train, name="paused", resume=True, **OPTIONS)) as again:
        again.wait()
        assert [trial.state for trial in again.trials] == ["complete"] * 3 + ["pruned"] * 6
        assert list(again.trials[2].curve) == [1, 2, 3]

    logs = files_folder(study.path) / "trials" / "2"
    # what ended the interrupted one may stand after it
    begun = [(logs / f"attempt-{attempt}.log").read_text().splitlines()[0] for attempt in (1, 2, 3)]
    assert begun == [f"begins with epoch {epoch}" for epoch in (1, 2, 3)]
    records = read_records(study.path)
    assert [r.event for r in records if isinstance(r.event, TrialResumed)] == [TrialResumed(2, 1)]
    steps = [r.event.step for r in records if isinstance(r.event, TrialReported) and r.event.number == 2]
    assert steps == [1, 2, 3], "nothing is trained twice"
    assert Study.fold(records).spent == 9
