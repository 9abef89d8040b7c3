"""Trials on a cluster whose driver dies, is stopped or never comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import LocalCluster

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.events import AttemptsFound, TrialReported
from jupyter_tune.executors.dask import host, remote_host
from jupyter_tune.journal import holder, read_records
from tests.dask_clusters import executor_on, local_cluster
from tests.leases import grow_old
from tests.processes import is_gone, wait_until
from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")


@pytest.fixture(scope="module")
def pair() -> Iterator[LocalCluster]:
    """Two workers with one thread each."""
    with local_cluster(2) as started:
        yield started


# an executor whose process dies


async def dies(lab: Lab) -> None:
    """As if its process were killed: nothing is sent, and the scheduler sees its connection end."""
    executor: Any = lab.executor
    connection = executor._connection
    for task in connection._tasks:
        task.cancel()
    for each in connection.session.hosts.values():
        each.close()
    await connection.session.client.close()


def recorded(lab: Lab, number: int = 0) -> int:
    return len(lab.of(number))


def next_lab(pair: LocalCluster, folder: Path, shares_files: bool = True, **adrift: int) -> Lab:
    """With the executor of the next driver; `adrift`: of attempts like t0_1, how many facts are recorded."""
    lab = Lab(executor_on(pair, shares_files=shares_files), folder, {})
    for name, count in adrift.items():
        number, attempt = name.removeprefix("t").split("_")
        lab.adrift[int(number), int(attempt)] = count
    return lab


REPORTS_UNTIL = """\
import os, pathlib, time
step = 0
while not pathlib.Path({flag!r}).exists():
    step += 1
    report(accuracy=step, step=step)
    time.sleep(0.02)
(trial.checkpoint_dir / "state").write_text(str(step))
artifact = pathlib.Path("artifact-of-a-survivor")
artifact.write_text("kept")
trial.save_artifact(artifact)
print("the end of", os.getpid())
report(accuracy=-1.0, step=step + 1)
"""


@pytest.mark.parametrize("shares_files", [True, False])
async def test_a_trial_that_ends_without_a_driver_gives_the_next_one_its_end_and_its_files(
    pair: LocalCluster, tmp_path: Path, shares_files: bool
) -> None:
    first, flag = next_lab(pair, tmp_path, shares_files), tmp_path / "flag"
    await first.open(REPORTS_UNTIL.format(flag=str(flag)))
    first.launch()
    pid = await first.started()
    await first.reported(3)
    before = recorded(first)
    await dies(first)
    flag.touch()
    await asyncio.to_thread(wait_until, lambda: is_gone(pid), "the trial to end")
    second = next_lab(pair, tmp_path, shares_files, t0_1=before)
    await second.open()
    assert list(second.found) == [(0, 1)]
    ended = await second.ended()
    assert ended.state == "complete"
    steps = [report.step for report in first.reports()[: before - 1] + second.reports()]
    assert steps == list(range(1, len(steps) + 1)), "each report once"
    assert second.reports()[-1].metrics["accuracy"] == -1.0
    assert f"the end of {pid}" in second.log()
    folder = tmp_path / "trials/0"
    assert (folder / "checkpoints/state").read_text() == str(steps[-1] - 1)
    assert (folder / "artifacts/1/artifact-of-a-survivor").read_text() == "kept"
    await second.executor.close()


async def test_an_attempt_whose_start_was_not_recorded_goes_on_and_one_that_is_not_wanted_ends(
    pair: LocalCluster, tmp_path: Path
) -> None:
    first = next_lab(pair, tmp_path)
    first.acknowledges = False
    await first.open("import time\nreport(accuracy=1)\ntime.sleep(600)")
    first.launch(0)
    first.launch(1)
    pids = [await first.started(0), await first.started(1)]
    await dies(first)
    second = next_lab(pair, tmp_path, t0_1=0)
    await second.open("report(accuracy=2)")
    assert list(second.found) == [(0, 1)]
    assert await second.started() == pids[0]
    await asyncio.to_thread(wait_until, lambda: is_gone(pids[1]), "the other trial to end")
    assert second.of(1) == []
    # new trials have the new code, also beside one that goes on with the old
    second.launch(1, attempt=2)
    assert (await second.ended(1, attempt=2)).state == "complete"
    second.halt(0)
    assert (await second.ended(0)).state == "cancelled"
    assert is_gone(pids[0])
    await second.executor.close()


async def test_without_another_driver_its_trials_and_its_hosts_end(
    pair: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_host, "ORPHANED_S", 3.0)
    lab = next_lab(pair, tmp_path)
    await lab.open("import os, time\nreport(accuracy=os.getppid())\ntime.sleep(600)")
    lab.launch()
    pid = await lab.started()
    [reported] = await lab.reported()
    supervisor = int(reported.metrics["accuracy"])
    await dies(lab)
    died = time.monotonic()
    await asyncio.sleep(1.0)
    assert not is_gone(pid), "it waits for another driver"
    await asyncio.to_thread(wait_until, lambda: is_gone(pid) and is_gone(supervisor), "all to end")
    assert time.monotonic() - died > 2.0
    await asyncio.to_thread(wait_until, lambda: not _tasks_of(pair), "its task to end")


def _tasks_of(cluster: LocalCluster) -> list[Any]:
    return [key for key in cluster.scheduler.tasks if str(key).startswith("jupyter_tune-trial")]


@pytest.mark.parametrize("adrift", [{}, {"t7_1": 3}])
async def test_what_the_next_driver_does_not_ask_for_ends(
    pair: LocalCluster, tmp_path: Path, adrift: dict[str, int]
) -> None:
    lab = next_lab(pair, tmp_path)
    await lab.open("import time\nreport(accuracy=1)\ntime.sleep(600)")
    lab.launch()
    pid = await lab.started()
    await lab.reported()
    await dies(lab)
    second = next_lab(pair, tmp_path, True, **adrift)
    await second.open()
    assert list(second.found) == []
    await asyncio.to_thread(wait_until, lambda: is_gone(pid), "the trial to end")
    await second.executor.close()


async def test_a_task_that_is_cancelled_on_the_cluster_is_a_lost_attempt(
    pair: LocalCluster, tmp_path: Path
) -> None:
    lab = next_lab(pair, tmp_path)
    await lab.open("import time\nreport(accuracy=1)\ntime.sleep(600)")
    lab.launch()
    pid = await lab.started()
    await lab.reported()
    executor: Any = lab.executor
    await executor._attempts.get((0, 1)).future.cancel(force=True)
    lost = await lab.ended()
    assert lost.state == "lost"
    await asyncio.to_thread(wait_until, lambda: is_gone(pid), "its trial to end")
    await lab.executor.close()


# whole studies


def a_study(pair: LocalCluster, name: str, flag: Path) -> StudyHandle:
    """Two trials run, and end when there is the file `flag`."""
    path = str(flag)

    def train(lr: float) -> None:
        step = 0
        while not os.path.exists(path):
            step += 1
            jt.report(score=lr, pid=os.getpid(), step=step)
            time.sleep(0.02)

    study = jt.tune(
        train, {"lr": jt.Float(0, 1)}, maximize="score", trials=2, sampler="random", on=pair, name=name
    )
    wait_until(lambda: len(pids_of(study)) == 2, "two trials that report")
    return study


def pids_of(study: StudyHandle) -> list[int]:
    return [int(t.metrics["pid"]) for t in study.snapshot().trials.values() if "pid" in t.metrics]


def each_report_once(study: StudyHandle) -> bool:
    events = [record.event for record in read_records(study.path)]
    return all(
        [event.step for event in events if isinstance(event, TrialReported) and event.number == number]
        == list(range(1, len(study.snapshot().trials[number].curve) + 1))
        for number in (0, 1)
    )


@pytest.mark.usefixtures("nothing_stays")
def test_when_the_driver_is_killed_its_trials_go_on_with_the_next(pair: LocalCluster, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    study = a_study(pair, "killed", flag)
    pids = pids_of(study)
    owner = holder(study.path)
    assert owner is not None
    os.kill(owner["pid"], signal.SIGKILL)
    wait_until(lambda: study.state == "interrupted", "the end of the driver")
    steps = [len(trial.curve) for trial in study.snapshot().trials.values()]
    time.sleep(host.BEAT_S)
    assert not any(is_gone(pid) for pid in pids)
    study.resume()
    wait_until(
        lambda: all(len(t.curve) > s + 10 for t, s in zip(study.trials, steps, strict=True)), "more reports"
    )
    assert pids_of(study) == pids
    flag.touch()
    study.wait()
    assert [(trial.state, trial.attempt) for trial in study.trials] == [("complete", 1)] * 2
    assert pids_of(study) == pids
    assert each_report_once(study)


@pytest.mark.usefixtures("nothing_stays")
def test_a_stopped_driver_that_wakes_up_after_a_takeover_disturbs_no_trial(
    pair: LocalCluster, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    study = a_study(pair, "stopped", flag)
    pids = pids_of(study)
    owner = holder(study.path)
    assert owner is not None
    old = psutil.Process(owner["pid"])
    old.suspend()
    # as on another machine, where it cannot be killed
    grow_old(study.path, place="another machine")
    study.resume()
    wait_until(lambda: study.state == "running", "the new driver")
    old.resume()
    wait_until(lambda: is_gone(old), "the former driver to end")
    steps = [len(trial.curve) for trial in study.snapshot().trials.values()]
    wait_until(
        lambda: all(len(t.curve) > s + 10 for t, s in zip(study.trials, steps, strict=True)), "more reports"
    )
    flag.touch()
    study.wait()
    assert [(trial.state, trial.attempt) for trial in study.trials] == [("complete", 1)] * 2
    assert pids_of(study) == pids
    assert each_report_once(study)
    found = [r.event for r in read_records(study.path) if isinstance(r.event, AttemptsFound)]
    assert found == [AttemptsFound([[0, 1], [1, 1]])]
