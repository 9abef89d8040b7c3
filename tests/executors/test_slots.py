"""Slots: what a trial gets, and how those of several studies wait for each other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_tune.core.commands import Launch
from jupyter_tune.executors.local.leases import Leases
from jupyter_tune.executors.local.machine import cores
from jupyter_tune.executors.local.shares import Holder
from jupyter_tune.executors.local.slots import Gpus, Slot, Slots, slots_of_study, trials_on
from tests.processes import PATIENCE_S

TWO_GPUS = {"0": "GPU-a", "1": "GPU-b"}

Open = Callable[..., "Study"]


class Study:
    """The slots of a study, and what its trials got."""

    def __init__(self, name: str, folder: Path, cores: int, per_trial: float | None):
        leases = Leases(folder, Holder(name, 100, frozenset(range(cores)), float(cores)))
        gpus = None if per_trial is None else Gpus(TWO_GPUS, per_trial)
        self.slots = Slots(leases, cores, gpus)
        self.got: dict[int, Slot] = {}

    def take(self, number: int, workers: int = 2, attempt: int = 1) -> None:
        command = Launch(number, attempt, {}, 0, 0, workers)
        self.slots.take(command, lambda slot: self.got.update({number: slot}))

    @property
    def names(self) -> dict[int, str]:
        return {number: slot.name for number, slot in self.got.items()}

    async def until(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while number not in self.got:
                await asyncio.sleep(0.002)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Open]:
    """Opens studies on one machine."""
    opened: list[Study] = []

    def open_study(name: str = "a", *, cores: int = 4, gpus: float | None = None) -> Study:
        opened.append(Study(name, tmp_path / "leases", cores, gpus))
        return opened[-1]

    yield open_study
    for each in opened:
        each.slots.close()


@pytest.mark.parametrize(("workers", "threads"), [(1, 4), (2, 2), (3, 1), (4, 1), (9, 1)])
async def test_a_study_alone_runs_all_its_trials_and_they_share_the_cores(study, workers, threads):
    alone = study()
    for number in range(workers):
        alone.take(number, workers)
    assert alone.names == {number: f"local/{number}" for number in range(workers)}
    assert {slot.threads for slot in alone.got.values()} == {threads}


async def test_a_slot_that_falls_free_is_used_again(study):
    alone = study()
    for number in range(3):
        alone.take(number, 4)
    alone.slots.give_back((1, 1))
    alone.take(7, 4)
    assert alone.names[7] == "local/1"


async def test_two_studies_take_turns_and_never_overfill_the_cores(study):
    a, b = study("a"), study("b")
    for number in range(4):
        a.take(number, 4)
        b.take(number, 4)
    assert len(a.got) + len(b.got) == 4
    for turn in range(4, 40):
        # the trial that has run for longest ends, and its study asks for another
        one = a if len(a.slots.taken) >= len(b.slots.taken) else b
        one.slots.give_back(next(iter(one.slots.taken)))
        one.take(turn, 4)
        for each in (a, b):
            each.slots._serve()
        assert len(a.slots.taken) + len(b.slots.taken) == 4
        assert abs(len(a.slots.taken) - len(b.slots.taken)) <= 4
    assert min(len(a.got), len(b.got)) >= 10


async def test_a_lease_that_falls_free_is_taken_promptly(study):
    a, b = study("a"), study("b")
    took = []
    for number in range(10):
        a.take(number, 1)
        b.take(number, 1)
        await asyncio.sleep(0.01 * (number % 4))
        a.slots.give_back((number, 1))
        began = time.monotonic()
        await b.until(number)
        took.append(time.monotonic() - began)
        b.slots.give_back((number, 1))
    # a busy machine may be late at times
    assert sorted(took)[5] < 0.06, took


async def test_an_attempt_that_waits_can_be_withdrawn(study):
    a, b = study("a"), study("b")
    for number in range(4):
        a.take(number, 4)
    b.take(0, 1)
    assert b.slots.waiting == [(0, 1)]
    assert not a.slots.withdraw((0, 1)), "it runs"
    assert b.slots.withdraw((0, 1))
    assert not b.slots.withdraw((0, 1))
    a.slots.give_back((0, 1))
    await asyncio.sleep(0.1)
    assert b.got == {}


async def test_a_study_without_a_running_trial_holds_nothing(study):
    a, b = study("a"), study("b")
    a.take(0, 1)
    a.slots.give_back((0, 1))
    b.take(0, 1)
    assert 0 in b.got


async def test_more_workers_share_the_cores_anew(study):
    alone = study()
    alone.take(0, 1)
    for number in range(1, 4):
        alone.take(number, 4)
    assert len(alone.got) == 4


async def test_gpus_are_given_by_their_uuids(study):
    alone = study(gpus=1.0)
    alone.take(0)
    alone.take(1)
    assert alone.names == {0: "gpu/0", 1: "gpu/1"}
    assert [slot.env["CUDA_VISIBLE_DEVICES"] for slot in alone.got.values()] == ["GPU-a", "GPU-b"]


async def test_a_shared_gpu_has_a_slot_for_each_trial(study):
    alone = study(gpus=0.5)
    for number in range(4):
        alone.take(number, 4)
    assert alone.names == {0: "gpu/0/0", 1: "gpu/1/0", 2: "gpu/0/1", 3: "gpu/1/1"}
    assert alone.got[2].env == {
        "CUDA_VISIBLE_DEVICES": "GPU-a",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    }
    alone.slots.give_back((0, 1))
    alone.take(4, 4)
    assert alone.names[4] == "gpu/0/0"


async def test_a_trial_may_have_two_gpus(study):
    alone = study(gpus=2.0)
    alone.take(0, 1)
    assert alone.names == {0: "gpu/0+1"}
    assert alone.got[0].env == {"CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b"}


async def test_trials_without_gpus_see_none_where_gpus_are_assigned(study):
    alone = study(gpus=0.0)
    alone.take(0)
    assert (alone.names, alone.got[0].env) == ({0: "local/0"}, {"CUDA_VISIBLE_DEVICES": ""})


async def test_where_gpus_are_not_assigned_the_environment_is_left_alone(study):
    alone = study()
    alone.take(0)
    assert alone.got[0].env == {}


async def test_a_whole_gpu_is_given_once_no_share_of_it_is_in_use(study):
    a, b = study("a", cores=8, gpus=0.5), study("b", cores=8, gpus=1.0)
    for number in range(3):
        a.take(number, 4)
    b.take(0, 2)
    assert b.got == {}
    assert b.slots.waits_for() == "1 trial waits for a free GPU; study a (process 100) holds 2"
    a.slots.give_back((1, 1))
    await b.until(0)
    assert b.names == {0: "gpu/1"}
    a.slots.give_back((2, 1))
    a.take(3, 4)
    assert a.names[3] == "gpu/0/1"
    assert b.slots.waits_for() == ""


async def test_a_study_of_one_trial_leaves_the_other_gpu_its_cores(study):
    a, b = study("a", gpus=1.0), study("b", gpus=1.0)
    a.take(0, 1)
    b.take(0, 1)
    assert (a.names, b.names) == ({0: "gpu/0"}, {0: "gpu/1"})
    assert {a.got[0].threads, b.got[0].threads} == {2}


async def test_a_trial_counts_for_one_core_however_many_threads_it_has(study):
    a, b = study("a"), study("b")
    a.take(0, 1)
    assert a.got[0].threads == 4
    for number in range(4):
        b.take(number, 4)
    assert len(b.got) == 3


async def test_what_is_waited_for_is_told_in_words(study):
    a, b = study("mnist"), study("b")
    for number in range(4):
        a.take(number, 4)
    assert a.slots.waits_for() == ""
    b.take(0, 4)
    b.take(1, 4)
    assert b.slots.waits_for() == "2 trials wait for a free core; study mnist (process 100) holds 4"


async def test_a_gpu_whose_slot_is_avoided_is_not_given(study):
    alone = study(gpus=0.5)
    assert alone.slots._among(("gpu/0/1",)) == {"1": "GPU-b"}
    assert alone.slots._among(("gpu/0+1", "local/0")) == TWO_GPUS, "all there are"


@pytest.mark.parametrize(
    ("gpus", "per_trial", "trials"),
    [(2, 0, 0), (2, 1, 2), (2, 0.5, 4), (3, 2, 1), (2, 1 / 3, 6), (2, 0.33, 6), (2, 0.3, 6), (1, 0.7, 1)],
)
def test_how_many_trials_fit_on_gpus(gpus, per_trial, trials):
    assert trials_on(gpus, per_trial) == trials


async def test_the_slots_of_a_study_follow_from_its_options(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    slots = slots_of_study(
        "s", {"env": {"OMP_NUM_THREADS": "1"}, "gpus": {"among": TWO_GPUS, "per_trial": 1}}
    )
    got: list[Slot] = []
    slots.take(Launch(0, 1, {}, 0, 0, 1), got.append)
    slots.close()
    assert got[0].name == "gpu/0"
    assert slots._cores_of(Launch(0, 1, {}, 0, 0, 1)) == min(1, cores() / 2)
