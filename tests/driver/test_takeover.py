"""A driver that is stopped, and what becomes of its study: with real processes, in real time."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Holder, holder, read_records
from tests.endless import a_study
from tests.leases import grow_old
from tests.processes import is_gone, wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")


def quick(x: jt.Float(0.0, 1.0) = 0.5) -> float:  # type: ignore[valid-type]
    return float(x)


def a_stopped_driver(study: StudyHandle, **changes: str) -> Holder:
    """The holder of the study, stopped an hour ago. `changes`: what its lease says instead."""
    owner = holder(study.path)
    assert owner is not None
    os.kill(owner["pid"], signal.SIGSTOP)
    grow_old(study.path, **changes)
    return owner


def test_the_study_of_a_stopped_driver_is_told_and_goes_on_in_the_same_handle() -> None:
    study = a_study("stopped", trials=4)
    owner = a_stopped_driver(study)
    family = psutil.Process(owner["pid"]).children(recursive=True)
    with pytest.warns(UserWarning, match=r"given no sign of life for 3\d\d\d s"):
        seen = StudyHandle.read(study.path)
    assert seen.state == "interrupted"
    study.resume()
    assert study.state == "running"
    wait_until(lambda: all(is_gone(process) for process in family), "the old trials to end")
    wait_until(lambda: [t.attempt for t in study.trials] == [2, 2], "its trials to be started again")
    study.stop()
    study.wait()


def test_a_driver_that_wakes_up_after_a_takeover_ends_with_its_trials_and_writes_nothing() -> None:
    study = a_study("fenced", trials=4)
    owner = a_stopped_driver(study, place="another machine")
    process = psutil.Process(owner["pid"])
    family = process.children(recursive=True)
    resumed = jt.tune(quick, name="fenced", resume=True, trials=4, maximize="score", sampler="random")
    assert not is_gone(process)
    process.send_signal(signal.SIGCONT)
    wait_until(lambda: is_gone(process), "the former driver to end")
    wait_until(lambda: all(is_gone(p) for p in family), "its supervisor and trials to end")
    resumed.wait()
    assert [trial.state for trial in resumed.trials] == ["complete"] * 4
    seqs = [record.seq for record in read_records(resumed.path)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_running_study_is_refused_to_another_however_old_its_file_looks() -> None:
    study = a_study("alive", trials=4)
    grow_old(study.path)
    with pytest.raises(JournalError, match="is being written by process"):
        jt.tune(quick, name="alive", resume=True, trials=4, maximize="score", sampler="random")
    assert study.state == "running"
    study.stop()
    study.wait()
