"""What happens on a real cluster when workers, their software, or the driver fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import LocalCluster

from jupyter_tune.core.events import TrialReported, TrialStarted
from jupyter_tune.executors.dask import connection, remote_host
from jupyter_tune.executors.dask.task import run_attempt
from jupyter_tune.executors.dask.workers import Workers
from jupyter_tune.wire.frames import Message
from tests.dask_clusters import executor_on, local_cluster
from tests.processes import PATIENCE_S, is_gone, wait_until
from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")

ENDLESS = "import os, time\nreport(accuracy=os.getppid())\ntime.sleep(600)"


@pytest.fixture(scope="module")
def pair() -> Iterator[LocalCluster]:
    """Two workers with one thread each; their nannies replace those that are killed."""
    with local_cluster(2) as started:
        yield started


@pytest.fixture
async def labs(tmp_path: Path) -> AsyncIterator[Any]:
    """Makes labs, with the notices of their executors."""
    made: list[Lab] = []

    def make(cluster: LocalCluster, **how: Any) -> tuple[Lab, list[str]]:
        notices: list[str] = []
        executor = executor_on(cluster, notice=lambda text, level: notices.append(text), **how)
        made.append(Lab(executor, tmp_path, {}))
        return made[-1], notices

    yield make
    for lab in made:
        await lab.executor.close()
        assert all(len(lab.ends(f.number, f.attempt)) == 1 for f in lab.facts), "not one end per launch"


def worker_of(trial: int) -> psutil.Process:
    """The worker's process above a trial: its supervisor's parent."""
    supervisor = psutil.Process(trial).parent()
    assert supervisor is not None
    worker = supervisor.parent()
    assert worker is not None
    return worker


def slot_of(lab: Lab, number: int, attempt: int = 1) -> str:
    [started] = [fact for fact in lab.of(number, attempt) if isinstance(fact, TrialStarted)]
    return started.slot


async def test_a_killed_worker_costs_one_attempt_and_the_next_goes_on_from_its_checkpoint(pair, labs):
    lab, _ = labs(pair, shares_files=False)
    await lab.open(
        "import time\nstate = trial.checkpoint_dir / 'state'\n"
        "if state.exists():\n    report(accuracy=float(state.read_text()))\n"
        "else:\n    state.write_text('0.5')\n    report(accuracy=0)\n    time.sleep(600)"
    )
    lab.launch()
    pid = await lab.started()
    await lab.reported()
    checkpoint = lab.folder / "trials/0/checkpoints/state"
    await asyncio.to_thread(
        wait_until, checkpoint.exists, "the checkpoint, which is copied as the trial runs"
    )
    worker_of(pid).kill()
    lost = await lab.ended()
    assert (lost.state, lost.reason) == ("lost", f"worker {slot_of(lab, 0)} left the cluster")
    await asyncio.to_thread(wait_until, lambda: is_gone(pid), "the trial of the killed worker to end")
    lab.launch(attempt=2)
    assert (await lab.ended(attempt=2)).state == "complete"
    [went_on] = [fact for fact in lab.of(attempt=2) if isinstance(fact, TrialReported)]
    assert went_on.metrics["accuracy"] == 0.5
    assert len(lab.ends()) == 1


async def test_a_task_that_dask_runs_again_is_void(pair, labs):
    lab, _ = labs(pair)
    await lab.open(ENDLESS)
    lab.launch()
    await lab.reported()
    executor: Any = lab.executor
    nonce = executor._attempts.get((0, 1)).nonce
    session = executor._connection.session
    term = session.term
    again = session.client.submit(
        run_attempt, term.study, term.number, term.topic, nonce, key="again", retries=0
    )
    await again
    assert [type(fact).__name__ for fact in lab.facts] == ["TrialStarted", "TrialReported"]


async def test_a_worker_that_joins_later_takes_the_trial_that_waits(labs):
    with local_cluster(1) as cluster:
        lab, _ = labs(cluster)
        await lab.open(ENDLESS)
        lab.launch(0)
        await lab.reported(number=0)
        lab.launch(1)
        await asyncio.sleep(0.5)
        assert not lab.of(1), "the only slot is taken"
        cluster.scale(2)
        await lab.reported(number=1)
        assert slot_of(lab, 0) != slot_of(lab, 1)
        await lab.executor.close()


async def test_what_a_worker_has_to_say_of_a_trial_that_hangs_is_told(pair, labs):
    lab, notices = labs(pair)
    lab.options["silent_s"] = 0.1
    await lab.open("import time\ntime.sleep(600)")
    lab.launch(0)
    async with asyncio.timeout(PATIENCE_S):
        while not notices:
            await asyncio.sleep(0.05)
    [told] = notices
    assert told.startswith("worker ")
    assert "trial 0 may hang" in told
    lab.halt(0)
    await lab.ended(0)


class OneWithAnotherPython(Workers):
    """Takes the first worker that answers for one with Python 3.2."""

    odd = ""

    async def _answer(self, address: str) -> Message:
        answer = await super()._answer(address)
        type(self).odd = self.odd or address
        return {**answer, "python": "3.2"} if address == self.odd else answer


async def test_a_worker_with_another_python_is_refused_by_name_and_gets_no_trial(pair, labs):
    OneWithAnotherPython.odd = ""
    lab, notices = labs(pair, asks=OneWithAnotherPython)
    await lab.open("report(accuracy=1)")
    for number in range(4):
        lab.launch(number)
        assert (await lab.ended(number)).state == "complete"
    assert len({slot_of(lab, number) for number in range(4)}) == 1
    [refused] = notices
    assert OneWithAnotherPython.odd in refused
    assert "gets no trials: it runs Python 3.2, the notebook 3." in refused


async def test_without_a_sign_of_the_driver_all_trials_end(pair, labs, monkeypatch):
    monkeypatch.setattr(remote_host, "ORPHANED_S", 2.0)
    lab, _ = labs(pair)
    await lab.open(ENDLESS)
    executor: Any = lab.executor
    lab.launch()
    pid = await lab.started()
    await lab.reported()
    executor._connection._beating.cancel()
    await asyncio.to_thread(wait_until, lambda: is_gone(pid), "the trial to end without a driver")


async def test_a_host_that_is_silent_loses_its_trials(pair, labs, monkeypatch):
    monkeypatch.setattr(connection, "LEASE_S", 2.0)
    lab, _ = labs(pair)
    await lab.open(ENDLESS)
    lab.launch()
    worker = worker_of(await lab.started())
    await lab.reported()
    worker.suspend()
    try:
        ended = await lab.ended()
    finally:
        worker.resume()
    assert (ended.state, ended.reason) == ("lost", f"worker {slot_of(lab, 0)} was silent for 2 s")


async def test_when_the_scheduler_is_back_the_trials_that_wait_run(labs):
    with local_cluster(1) as first:
        lab, notices = labs(first)
        await lab.open("report(accuracy=1)\nimport time\ntime.sleep(600 if trial.number == 0 else 0)")
        lab.launch(0)
        await lab.reported()
        port = int(first.scheduler_address.rpartition(":")[2])
    lost = await lab.ended(0)
    assert lost.state == "lost"
    lab.launch(1)
    with local_cluster(1, port=port):
        assert (await lab.ended(1)).state == "complete"
        assert [text.partition(" at ")[0] for text in notices] == ["the Dask scheduler"] * 2
        await lab.executor.close()


async def test_a_scheduler_that_is_lost_while_a_study_begins_is_waited_for(labs):
    with local_cluster(1) as first:
        lab, notices = labs(first)
        port = int(first.scheduler_address.rpartition(":")[2])
        await lab.executor.connect()
    opening = asyncio.create_task(lab.open("report(accuracy=1)"))
    await asyncio.sleep(0.5)
    with local_cluster(1, port=port):
        async with asyncio.timeout(PATIENCE_S):
            await opening
        lab.launch()
        assert (await lab.ended()).state == "complete"
        assert [text.partition(" at ")[0] for text in notices] == ["the Dask scheduler"] * 2
        await lab.executor.close()


async def test_a_report_is_answered_at_once(pair, labs):
    lab, _ = labs(pair)
    await lab.open(
        "import statistics, time\ntook = []\nfor _ in range(100):\n"
        "    began = time.perf_counter()\n    report(accuracy=0)\n"
        "    took.append(time.perf_counter() - began)\n"
        "report(accuracy=statistics.median(took))"
    )
    lab.launch()
    await lab.ended()
    # 4 ms where the machine is idle; a trial that waits for a poll or a timer waits much longer
    assert lab.reports()[-1].metrics["accuracy"] < 0.1
