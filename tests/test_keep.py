"""`--keep N` in real studies: the files of the best trials stay, those of the others go, whatever dies."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.events import FilesRemoved
from jupyter_tune.errors import ArtifactError
from jupyter_tune.journal import files_folder, holder, read_records
from jupyter_tune.trials.files import removable_places
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")

SPACE = {"x": jt.Float(0.0, 1.0)}
OPTIONS: dict[str, Any] = {"minimize": "loss", "sampler": "random", "workers": 2, "keep": 2}


def train(x: float) -> None:
    saved = jt.trial.checkpoint_dir / "epoch"
    first = int(saved.read_text()) + 1 if saved.exists() else 1
    for epoch in range(first, 10):
        saved.with_suffix(".new").write_text(str(epoch))
        saved.with_suffix(".new").rename(saved)
        jt.report(loss=x + 1 / epoch, step=epoch)
    model = jt.trial.checkpoint_dir / "model.json"
    model.write_text(f'{{"x": {x}}}')
    jt.trial.save_artifact(model)
    print("trained")


def with_files(study: StudyHandle) -> set[int]:
    folders = (files_folder(study.path) / "trials").iterdir()
    return {int(folder.name) for folder in folders if removable_places(folder)}


def test_the_best_complete_and_pruned_trials_keep_their_files_and_the_study_goes_on_with_them() -> None:
    with closing(jt.tune(train, SPACE, name="lean", trials=16, max_steps=9, min_steps=1, **OPTIONS)) as study:
        study.wait()
        kept = with_files(study)
        complete = sorted((t for t in study.trials if t.state == "complete"), key=lambda t: t.value or 0.0)
        assert {trial.number for trial in complete[:2]} <= kept
        pruned = [trial for trial in study.trials if trial.state == "pruned"]
        assert len(pruned) > 2, "something was pruned"
        assert kept - {trial.number for trial in complete[:2]} == set(study.snapshot().resumable)
        assert len(study.snapshot().resumable) <= 2

        assert study.best_trial.load()["x"] == study.best_params["x"]
        lost = next(trial for trial in complete[2:] + pruned if trial.number not in kept)
        assert lost.files_removed
        assert lost.log.startswith("trained") or lost.state == "pruned"
        with pytest.raises(ArtifactError, match=rf"trial {lost.number} has no artifacts any more.*--keep"):
            lost.load()

        disk = study.disk()
        assert disk.artifacts == sum(len(t.artifacts["model.json"].read_bytes()) for t in complete[:2])
        assert (disk.trials_removed, disk.keep) == (16 - len(kept), 2)
        assert min(disk.checkpoints, disk.logs, disk.journal, disk.removed) > 0
        assert study.replay().is_same

        study.resume(trials=4)
        study.wait()
        assert len(with_files(study)) <= 4
        assert jt.load_study("lean").disk() == study.disk()


def big(x: float) -> float:
    for number in range(400):
        (jt.trial.checkpoint_dir / str(number)).write_text("weights")
    if jt.trial.number > 20:
        time.sleep(600)
    return x


def test_a_driver_that_is_killed_while_it_removes_files_leaves_none_to_the_next() -> None:
    study = jt.tune(big, SPACE, name="killed", trials=22, **{**OPTIONS, "keep": 1})
    wait_until(lambda: study.snapshot().keeping.removed > 0, "files to be removed")
    owner = holder(study.path)
    assert owner is not None
    os.kill(owner["pid"], signal.SIGKILL)
    wait_until(lambda: study.state == "interrupted", "the handle to notice")
    before = _removed(study.path)
    study.resume()
    wait_until(lambda: study.snapshot().counts["complete"] == 21, "the others to end")
    best = study.best_trial.number
    wait_until(lambda: with_files(study) == {best, 21}, "the files of the best and the live one to be left")
    assert before <= _removed(study.path)
    assert best not in _removed(study.path)
    study.stop()
    study.wait()
    assert not (files_folder(study.path) / ".removed").exists()
    study.close()


def _removed(path: Path) -> set[int]:
    events = (record.event for record in read_records(path))
    return {number for event in events if isinstance(event, FilesRemoved) for number in event.trials}
