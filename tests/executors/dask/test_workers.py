"""Which workers of a real cluster get trials, and what is told and kept of them. Answers are falsified where
a second installation would be needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from distributed import LocalCluster

import jupyter_tune
from jupyter_tune.core.events import TrialStarted
from jupyter_tune.executors.dask.workers import Workers
from jupyter_tune.wire.frames import Message
from tests.dask_clusters import executor_on, local_cluster
from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")

HOLDS = "import time\nreport(accuracy=1)\ntime.sleep(600)"


@pytest.fixture(scope="module")
def gpus() -> Iterator[LocalCluster]:
    """Two workers with two threads and one GPU each, as they announce it."""
    with local_cluster(2, threads=2, resources={"GPU": 1}) as started:
        yield started


@pytest.fixture
async def labs(gpus: LocalCluster, tmp_path: Path) -> AsyncIterator[Any]:
    """Makes labs, with the notices of their executors."""
    made: list[Lab] = []

    def make(asks: type[Workers] = Workers, **options: Any) -> tuple[Lab, list[str]]:
        notices: list[str] = []
        executor = executor_on(gpus, asks=asks, notice=lambda text, level: notices.append(text))
        made.append(Lab(executor, tmp_path, options))
        return made[-1], notices

    yield make
    for lab in made:
        await lab.executor.close()


def starts(lab: Lab) -> list[TrialStarted]:
    return [fact for fact in lab.facts if isinstance(fact, TrialStarted)]


async def test_trials_that_take_a_gpu_run_one_on_each_worker(labs: Any) -> None:
    lab, notices = labs(resources={"GPU": 1})
    executor: Any = lab.executor
    assert await executor.connect({"GPU": 1}) == 2, "not one for each of four threads"
    assert await executor.connect({"GPU": 0.5}) == await executor.connect() == 4
    await lab.open(HOLDS)
    for number in range(3):
        lab.launch(number)
    await lab.until(lambda: len(starts(lab)) == 2)
    assert len({started.place for started in starts(lab)}) == 2
    running = {started.number for started in starts(lab)}
    waits = ({0, 1, 2} - running).pop()
    assert lab.of(waits) == []
    for number in running:
        lab.halt(number)
    await lab.started(waits)
    assert notices == []


async def test_a_resource_that_no_worker_has_is_told(labs: Any) -> None:
    lab, notices = labs(resources={"GPU": 2})
    await lab.open(HOLDS)
    [told] = notices
    assert told.startswith("no worker of the cluster has GPU=2, which each trial takes: trials wait")
    lab.launch()
    lab.halt()
    assert (await lab.ended()).state == "cancelled"


class OneIsOdd(Workers):
    """Takes the first worker that answers for another one. `usual`, `odd`: what their answers say instead."""

    address = ""
    usual: ClassVar[Message] = {}
    odd: ClassVar[Message] = {}

    async def _answer(self, address: str) -> Message:
        answer = await super()._answer(address)
        type(self).address = self.address or address
        return {**answer, **(self.odd if address == self.address else self.usual)}


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        ("0.0.1", "it has jupyter_tune 0.0.1, the notebook has {own}; install it there: pip install"),
        ("none: ModuleNotFoundError: no module", "it cannot import jupyter_tune (ModuleNotFoundError: no"),
    ],
)
async def test_a_worker_with_another_version_of_this_package_gets_no_trial(
    labs: Any, found: str, refusal: str
) -> None:
    lab, notices = labs(asks=type("One", (OneIsOdd,), {"odd": {"jupyter_tune": found}}))
    await lab.open("report(accuracy=1)")
    for number in range(4):
        lab.launch(number)
    for number in range(4):
        assert (await lab.ended(number)).state == "complete"
    assert len({started.place for started in starts(lab)}) == 1
    [told] = notices
    assert refusal.format(own=jupyter_tune.__version__) in told


async def test_another_version_of_torch_is_told_once_and_kept_with_the_trials_that_met_it(
    labs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_tune.executors.dask.workers.version", lambda package: "2.13.0")
    answers = {"usual": {"torch": "2.13.0"}, "odd": {"torch": "1.0"}}
    lab, notices = labs(asks=type("One", (OneIsOdd,), answers), resources={"GPU": 1})
    await lab.open(HOLDS)
    lab.launch(0)
    lab.launch(1)
    await lab.until(lambda: len(starts(lab)) == 2)
    assert sorted((started.versions for started in starts(lab)), key=len) == [{}, {"torch": "1.0"}]
    [told] = notices
    assert told.endswith("has torch 1.0, this machine 2.13.0: results may differ between them")
