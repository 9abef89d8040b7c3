"""Failed trials run again: by themselves, and when the user requests it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.errors import DriverError
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")

SPACE = {"x": jt.Float(0, 1)}


def tuned(function: Any, **options: Any) -> StudyHandle:
    """The study of that function, after its end. One trial at a time: no other is cancelled by the end."""
    study = jt.tune(function, SPACE, maximize="score", sampler="random", workers=1, **options)
    study.wait()
    return study


def states(study: StudyHandle) -> list[str]:
    return [trial.state for trial in study.trials]


def dies_in_its_first_attempt(x: float) -> float:
    mark = jt.trial.checkpoint_dir / "was here"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    return x


def test_a_crashed_trial_runs_once_more_by_itself() -> None:
    study = tuned(dies_in_its_first_attempt, trials=2)
    assert states(study) == ["complete", "complete"]
    assert [(trial.attempt, trial.retried) for trial in study.trials] == [(2, ("killed by SIGSEGV",))] * 2


def test_a_trial_that_crashes_twice_has_failed_and_its_siblings_go_on() -> None:
    def crashes(x: float) -> float:
        if jt.trial.number == 0:
            os.kill(os.getpid(), signal.SIGSEGV)
        return x

    study = tuned(crashes, trials=3)
    assert states(study) == ["failed", "complete", "complete"]
    assert (study.trials[0].attempt, study.trials[0].reason) == (2, "killed by SIGSEGV")


def test_an_exception_is_tried_again_as_often_as_the_option_says() -> None:
    def fails_twice(x: float) -> float:
        marks = list(jt.trial.checkpoint_dir.iterdir())
        (jt.trial.checkpoint_dir / str(len(marks))).touch()
        if len(marks) < 2:
            raise ConnectionError("no data yet")
        return x

    study = tuned(fails_twice, trials=1, retries=2)
    assert (states(study), study.trials[0].attempt) == (["complete"], 3)
    assert study.trials[0].retried == ("ConnectionError: no data yet",) * 2
    assert states(tuned(fails_twice, trials=1, retries=1)) == ["failed"]


def test_a_trial_that_hangs_is_ended_by_its_limit() -> None:
    def hangs(x: float) -> float:
        if jt.trial.number == 0:
            signal.pause()
        return x

    study = tuned(hangs, trials=2, trial_timeout="1s")
    assert states(study) == ["failed", "complete"]
    assert study.trials[0].reason == "took longer than 1 s"


def needs(path: Path, only: range = range(99)) -> Any:
    def train(x: float) -> float:
        if jt.trial.number in only and not path.exists():
            raise FileNotFoundError(path.name)
        return x

    return train


def test_all_failed_trials_run_again_and_the_study_goes_on_with_its_budget(tmp_path: Path) -> None:
    data = tmp_path / "data"
    study = tuned(needs(data), trials=8)
    assert study.reason.startswith("every trial failed: FileNotFoundError")
    values = [trial.params for trial in study.trials]
    data.touch()
    study.retry("failed")
    study.wait()
    assert (states(study), study.reason) == (["complete"] * 8, "all trials done")
    assert [trial.params for trial in study.trials[: len(values)]] == values
    assert [trial.attempt for trial in study.trials] == [2] * len(values) + [1] * (8 - len(values))


def test_of_an_ended_study_only_the_failed_trials_run_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    study = tuned(needs(data, only=range(1, 3)), trials=4)
    assert states(study) == ["complete", "failed", "failed", "complete"]
    data.touch()
    study.retry(2)
    study.wait()
    assert states(study) == ["complete", "failed", "complete", "complete"]
    study.retry()
    study.wait()
    assert states(study) == ["complete"] * 4
    assert [trial.attempt for trial in study.trials] == [1, 2, 2, 1]


def test_a_failed_trial_runs_again_while_the_study_goes_on(tmp_path: Path) -> None:
    data, end = tmp_path / "data", tmp_path / "end"

    def train(x: float) -> float:
        if jt.trial.number == 0 and not data.exists():
            raise FileNotFoundError(data.name)
        while jt.trial.number == 1 and not end.exists():
            signal.sigtimedwait([], 0.02)
        return x

    study = jt.tune(train, SPACE, maximize="score", sampler="random", trials=2, workers=2)
    wait_until(lambda: states(study)[:1] == ["failed"], "the first trial to fail")
    wait_until(lambda: states(study)[1:] == ["running"], "the second trial to run")
    data.touch()
    study.retry(0)
    wait_until(lambda: states(study)[0] == "complete", "it to run again")
    with pytest.raises(DriverError, match="no trial has failed"):
        study.retry()
    end.touch()
    study.wait()
    assert study.trials[0].attempt == 2


def test_what_cannot_run_again_is_refused_with_the_way_out() -> None:
    study = tuned(lambda x: x, trials=1)
    with pytest.raises(DriverError, match="no trial has failed"):
        study.retry()
    with pytest.raises(DriverError, match=r"trial 0 is complete, .* enqueue its values"):
        study.retry(0)
    with pytest.raises(DriverError, match="there is no trial 7; the last is 0"):
        study.retry(7)
    for wrong in ("all", True, 1.5):
        with pytest.raises(DriverError, match='give a number, or "failed"'):
            study.retry(wrong)  # type: ignore[arg-type]
