"""Processes ahead of their trials: by themselves in a time of the test's own, and in a supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_tune.executors.local.spares import PAUSE_S, SHORT_S, Spares
from jupyter_tune.executors.local.starts import FORK, SPAWN, START_VARIABLE, Process
from jupyter_tune.payload.packing import pack
from jupyter_tune.trials.files import log_path, trial_folder
from jupyter_tune.wire.frames import Link
from tests.executors.test_supervisor import Line, job
from tests.processes import is_gone, wait_until
from tests.trial_lab import cell

pytestmark = pytest.mark.usefixtures("bare_notebook", "no_process_is_left")


class Started:
    """Starts processes that do nothing, as the supervisor starts trials."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []
        self._ends: list[socket.socket] = []
        self._children: list[subprocess.Popen[bytes]] = []

    def __call__(self, job: dict[str, Any]) -> Process:
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        os.close(write_end)
        child = subprocess.Popen(["sleep", "1000"])
        self.jobs.append(job)
        self._ends.append(theirs)
        self._children.append(child)
        return Process(child.pid, Link(ours), read_end)

    def close(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()
        for end in self._ends:
            end.close()


@pytest.fixture
def started() -> Iterator[Started]:
    started = Started()
    yield started
    started.close()


@pytest.fixture
def spares(started: Started) -> Iterator[Spares]:
    spares = Spares(started)
    yield spares
    spares.drop()


def asked(number: int, **options: Any) -> dict[str, Any]:
    return {"number": number, "attempt": 1, "params": {"x": number}, "payload": "p", "options": options}


def replenished(spares: Spares, now: float) -> None:
    """All that is due until `now` is done."""
    while spares.due is not None and spares.due <= now:
        spares.replenish(now)


def taken(spares: Spares, job: dict[str, Any]) -> int | None:
    """The process that `job` gets."""
    process = spares.take(job)
    if process is None:
        return None
    process.link.close()
    os.close(process.log_fd)
    return process.pid


def after_a_short_trial(spares: Spares) -> float:
    """One has ended and two run. Returns the present time."""
    spares.launched((0, 1), asked(0), 0.0)
    spares.ended((0, 1), 1.0)
    spares.launched((1, 1), asked(1), 1.0)
    spares.launched((2, 1), asked(2), 1.0)
    return 1.0 + PAUSE_S


def test_there_are_as_many_as_trials_run_once_a_short_one_has_ended(started: Started, spares: Spares) -> None:
    spares.launched((7, 1), asked(7), -5.0)
    replenished(spares, -1.0)
    spares.ended((7, 1), -1.0)
    assert not started.jobs
    replenished(spares, after_a_short_trial(spares) - 0.01)
    assert not started.jobs, "a spare is started before the trials have begun"
    replenished(spares, 2.0)
    assert started.jobs == [{"payload": "p", "options": {}}] * 2
    assert len(spares.pids) == 2


def test_a_long_trial_ends_them_all(spares: Spares) -> None:
    replenished(spares, after_a_short_trial(spares))
    [one, another] = spares.pids
    spares.ended((1, 1), 1.0 + SHORT_S)
    wait_until(lambda: is_gone(one) and is_gone(another), "the spares to be killed")
    assert spares.pids == {one, another}, "until they are reaped they are the supervisor's"
    spares.reaped(one)
    assert spares.pids == {another}
    spares.launched((3, 1), asked(3), 20.0)
    replenished(spares, 30.0)
    assert spares.pids == {another}


def test_a_job_of_other_options_gets_none(spares: Spares) -> None:
    replenished(spares, after_a_short_trial(spares))
    known = spares.pids
    assert taken(spares, asked(3, env={"GPU": "1"})) is None
    assert spares.pids == known
    assert {taken(spares, asked(3))} | spares.pids == known
    assert len(spares.pids) == 1


def test_each_trial_s_options_have_one(started: Started, spares: Spares) -> None:
    spares.launched((0, 1), asked(0, gpu="0"), 0.0)
    spares.ended((0, 1), 1.0)
    spares.launched((1, 1), asked(1, gpu="0"), 1.0)
    spares.launched((2, 1), asked(2, gpu="1"), 1.0)
    replenished(spares, 2.0)
    assert [job["options"] for job in started.jobs] == [{"gpu": "0"}, {"gpu": "1"}]
    known = spares.pids
    spares.ended((1, 1), 2.0)
    spares.ended((2, 1), 2.0)
    spares.launched((3, 1), asked(3), 2.0)
    replenished(spares, 3.0)
    assert started.jobs[2]["options"] == {}
    assert taken(spares, asked(4, gpu="0")) is None, "it is killed where no trial has its options"
    for pid in known:
        spares.reaped(pid)
    assert len(spares.pids) == 1


def test_one_that_has_died_is_not_given(spares: Spares) -> None:
    replenished(spares, after_a_short_trial(spares))
    first, second = sorted(spares.pids)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: is_gone(first), "the process to die")
    assert {taken(spares, asked(3)), taken(spares, asked(4))} == {second, None}


TRIAL = """
import os, time
from jupyter_tune import trial
x, hold = trial.params["x"], trial.params["hold"]
print("trial", os.environ["JUPYTER_TUNE_TRIAL"], trial.number, trial.seed, x)
while os.path.exists(hold + str(trial.number)):
    time.sleep(0.01)
accuracy = x
"""


@pytest.fixture(params=[FORK, SPAWN])
def line(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setenv(START_VARIABLE, request.param)
    line = Line()
    yield line
    line.hang_up()


class Noted:
    """Loading it makes a file."""

    def __init__(self, path: Path):
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


class Trials:
    """Trials in the supervisor of `line`, in `folder`; one is held as long as its file is there."""

    def __init__(self, line: Line, folder: Path):
        self._line = line
        self._folder = folder
        self.loaded = folder / "loaded"
        self.payload = str(pack(cell(TRIAL, {"noted": Noted(self.loaded)}), folder).path)
        self._job = job(folder, "") | {"payload": self.payload}

    def launch(self, number: int, *, held: bool = False) -> int:
        """Returns the id of its process."""
        hold = self._folder / "hold-"
        if held:
            Path(f"{hold}{number}").touch()
        own = {"number": number, "seed": 10 + number, "params": {"x": number / 10, "hold": str(hold)}}
        self._line.say(type="launch", job=self._job | own)
        pid: int = self._line.receive("started")["pid"]
        return pid

    def ended(self, number: int) -> dict[str, Any]:
        (self._folder / f"hold-{number}").unlink(missing_ok=True)
        return self._line.receive("ended")

    def log(self, number: int) -> str:
        return log_path(trial_folder(str(self._folder), number), 1).read_text()

    def spare_beside(self, running: int) -> int:
        def others() -> list[int]:
            return [p.pid for p in psutil.Process(self._line.process.pid).children() if p.pid != running]

        wait_until(lambda: len(others()) == 1, "a process ahead of its trial")
        return others()[0]


@pytest.fixture
def trials(line: Line, tmp_path: Path) -> Trials:
    return Trials(line, tmp_path)


def test_a_spare_runs_the_trial_after_short_ones(trials: Trials) -> None:
    trials.launch(0)
    first = trials.ended(0)
    assert first["state"] == "complete", first
    spare = trials.spare_beside(trials.launch(1, held=True))
    assert trials.ended(1)["value"] == 0.1
    assert trials.launch(2) == spare
    ended = trials.ended(2)
    assert (ended["state"], ended["value"]) == ("complete", 0.2)
    assert trials.log(2) == "trial 2 2 12 0.2\n"


def test_a_spare_loads_the_users_objects_with_its_trial(trials: Trials) -> None:
    trials.launch(0)
    trials.ended(0)
    trials.loaded.unlink()
    running = trials.launch(1, held=True)
    wait_until(trials.loaded.exists, "the trial to load its payload")
    trials.loaded.unlink()
    spare = psutil.Process(trials.spare_beside(running))
    wait_until(
        lambda: trials.payload in {file.path for file in spare.open_files()} and spare.status() == "sleeping",
        "the spare to open the payload and wait",
    )
    assert not trials.loaded.exists()
    trials.ended(1)
    assert trials.launch(2) == spare.pid
    trials.ended(2)
    assert trials.loaded.exists()


def test_a_trial_whose_spare_was_killed_gets_a_process_of_its_own(trials: Trials) -> None:
    trials.launch(0)
    trials.ended(0)
    spare = trials.spare_beside(trials.launch(1, held=True))
    os.kill(spare, signal.SIGKILL)
    trials.ended(1)
    assert trials.launch(2) != spare
    assert trials.ended(2)["value"] == 0.2
