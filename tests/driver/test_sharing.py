"""Two studies on one machine, each with a driver of its own."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import psutil
import pytest

import jupyter_tune as jt
from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.executors.local.machine import cores
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays")

SPACE = {"x": jt.Float(0.0, 1.0)}
OPTIONS: dict[str, Any] = {"maximize": "score", "sampler": "random"}


def endless(x: float) -> None:
    jt.report(score=x)
    time.sleep(600)


def quick(x: float) -> float:
    time.sleep(0.3)
    return x


def running(study: StudyHandle) -> int:
    return study.snapshot().counts["running"]


def test_two_default_studies_never_run_more_trials_than_there_are_cores_and_both_get_on() -> None:
    studies = [jt.tune(quick, SPACE, name=name, trials=12, **OPTIONS) for name in ("a", "b")]
    for study in studies:
        study.wait()
    assert [study.snapshot().counts["complete"] for study in studies] == [12, 12]
    spans = [(t.started_at, t.ended_at) for study in studies for t in study.trials]
    # an end is recorded a moment after the slot is free
    most = max(
        sum(began <= at < ended - 0.1 for began, ended in spans if began and ended) for at, _ in spans if at
    )
    assert most <= cores()
    last_start = max(t.started_at or 0 for t in studies[0].trials)
    first_start = min(t.started_at or 0 for t in studies[1].trials)
    assert first_start < last_start, "the second study did not wait for the end of the first"


def test_a_killed_driver_leaves_its_cores_to_the_study_that_waits() -> None:
    first = jt.tune(endless, SPACE, name="first", **OPTIONS)
    wait_until(lambda: running(first) == cores(), "the first study to fill the cores")
    second = jt.tune(endless, SPACE, name="second", **OPTIONS)
    holder = journal.holder(first.path)
    assert holder is not None
    held = f"a free core; study first (process {holder['pid']}) holds {cores()}"
    wait_until(lambda: second.waits_for.endswith(held), "the second to say what it waits for")
    assert running(second) == 0
    os.kill(holder["pid"], signal.SIGKILL)
    wait_until(lambda: running(second) == cores(), "the second study to run")
    wait_until(lambda: second.waits_for == "", "nothing to be waited for")


def test_a_paused_study_leaves_its_cores_to_others() -> None:
    first = jt.tune(endless, SPACE, name="first", **OPTIONS)
    wait_until(lambda: running(first) == cores(), "the first study to fill the cores")
    second = jt.tune(quick, SPACE, name="second", trials=2, **OPTIONS)
    first.pause()
    for number in range(cores()):
        first.cancel(number)
    second.wait()
    assert second.snapshot().counts["complete"] == 2
    assert running(first) == 0


def test_a_study_that_ends_while_its_trials_wait_ends_at_once() -> None:
    first = jt.tune(endless, SPACE, name="first", **OPTIONS)
    wait_until(lambda: running(first) == cores(), "the first study to fill the cores")
    second = jt.tune(endless, SPACE, name="second", **OPTIONS)
    wait_until(lambda: bool(second.snapshot().trials), "a trial that waits")
    second.stop()
    second.wait()
    assert second.reason == "stopped by the user"
    assert second.snapshot().counts["running"] == 0


def test_waiting_costs_the_driver_next_to_nothing() -> None:
    first = jt.tune(endless, SPACE, name="first", **OPTIONS)
    wait_until(lambda: running(first) == cores(), "the first study to fill the cores")
    second = jt.tune(endless, SPACE, name="second", **OPTIONS)
    wait_until(lambda: second.waits_for != "", "the second to wait")
    holder = journal.holder(second.path)
    assert holder is not None
    driver = psutil.Process(holder["pid"])
    before = sum(driver.cpu_times()[:2])
    time.sleep(2)
    assert sum(driver.cpu_times()[:2]) - before < 0.2
