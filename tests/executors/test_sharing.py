"""Executors of several studies on one machine: real trials that wait for each other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.core.events import TrialReported, TrialStarted
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.leases import FOLDER_VARIABLE
from tests.processes import wait_until
from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")

ENDLESS = "report(accuracy=1)\nimport time\ntime.sleep(600)"

Open = Callable[..., Awaitable[Lab]]


def executor_of(lab: Lab) -> LocalExecutor:
    assert isinstance(lab.executor, LocalExecutor)
    return lab.executor


@pytest.fixture
async def study(
    tmp_path: Path, no_process_is_left: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Open]:
    """Opens studies on a machine with one core."""
    monkeypatch.setattr("jupyter_tune.executors.local.slots.cores", lambda: 1)
    labs: list[Lab] = []

    async def open_study(name: str, source: str = ENDLESS, **options: Any) -> Lab:
        folder = tmp_path / name
        folder.mkdir()
        labs.append(Lab(LocalExecutor(study=name), folder, options))
        await labs[-1].open(source)
        return labs[-1]

    yield open_study
    for lab in labs:
        await lab.executor.close()
        assert all(len(lab.ends(f.number, f.attempt)) == 1 for f in lab.facts), "not one end per launch"


async def test_a_trial_of_a_second_study_starts_when_one_of_the_first_has_ended(study: Open) -> None:
    a, b = await study("a"), await study("b")
    a.launch(workers=1)
    await a.reported()
    b.launch(workers=1)
    assert (
        executor_of(b).waits_for()
        == f"1 trial waits for a free core; study a (process {os.getpid()}) holds 1"
    )
    a.halt()
    await a.ended()
    await b.reported()
    assert executor_of(b).waits_for() == ""


async def test_a_waiting_trial_is_halted_at_once(study: Open) -> None:
    a, b = await study("a"), await study("b")
    a.launch(workers=1)
    b.launch(workers=1)
    b.halt()
    assert [fact.state for fact in b.ends()] == ["cancelled"]
    assert not any(isinstance(fact, TrialStarted) for fact in b.facts)


async def test_a_launch_that_waits_can_be_taken_back_and_given_again(study: Open) -> None:
    a, b = await study("a"), await study("b", "report(accuracy=1)")
    a.launch(workers=1)
    b.launch(workers=1)
    assert not a.executor.recall(0, 1), "it runs"
    assert b.executor.recall(0, 1)
    assert b.facts == []
    a.halt()
    await a.ended()
    b.launch(workers=1)
    assert (await b.ended()).state == "complete"


async def test_a_waiting_trial_outlives_the_supervisor(study: Open) -> None:
    a, b = await study("a"), await study("b", "report(accuracy=1)")
    a.launch(workers=1)
    b.launch(workers=1)
    executor = executor_of(b)
    old = executor._supervisor
    assert old is not None
    old.process.kill()
    await asyncio.to_thread(wait_until, lambda: executor._supervisor is not old, "another supervisor")
    a.halt()
    assert (await b.ended()).state == "complete"


async def test_a_closed_study_leaves_its_cores_and_loses_what_waits(study: Open) -> None:
    a, b = await study("a"), await study("b")
    a.launch(workers=1)
    b.launch(workers=1)
    await b.executor.close()
    assert (await b.ended()).state == "lost"
    await a.executor.close()
    c = await study("c")
    c.launch(workers=1)
    await c.reported()


async def test_trials_of_a_study_do_not_wait_for_each_other(study: Open) -> None:
    alone = await study("alone")
    for number in range(3):
        alone.launch(number, workers=3)
    for number in range(3):
        await alone.reported(number=number)


async def test_a_trial_s_environment_has_its_gpus(study: Open) -> None:
    code = "import os\nuuids = os.environ['CUDA_VISIBLE_DEVICES'].split(',')\n"
    gpus = {"among": {"0": "GPU-7", "3": "GPU-9"}, "per_trial": 1.0}
    lab = await study("gpus", code + "report(accuracy=int(uuids[0][-1]))\n" + ENDLESS, gpus=gpus)
    for number in range(2):
        lab.launch(number, workers=2)
        await lab.reported(number=number)
    assert [fact.slot for fact in lab.facts if isinstance(fact, TrialStarted)] == ["gpu/0", "gpu/3"]
    seen = [
        fact.metrics["accuracy"] for fact in lab.facts if isinstance(fact, TrialReported) and fact.step == 1
    ]
    assert seen == [7, 9]


async def test_where_leases_cannot_be_kept_the_study_runs_and_says_so(
    study: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "file"))
    lab = await study("a", "report(accuracy=1)")
    said: list[str] = []
    executor_of(lab)._notice = lambda text, level: said.append(text)
    for number in range(2):
        lab.launch(number, workers=1)
        assert (await lab.ended(number)).state == "complete"
    assert said == [
        f"other studies on this machine are not taken into account ({tmp_path / 'file'}: Not a directory)"
    ]
