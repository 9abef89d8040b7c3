"""Who may write a study: one living process, and after a stalled one the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tune.core.events import DriverStarted, StudyPaused, StudyResumed
from jupyter_tune.errors import FencedError, JournalError
from jupyter_tune.journal import Journal, holder, is_stalled, lease, read_records
from tests.journal.studies import OPENED
from tests.leases import grow_old, rewrite

HOLDS = """
import sys, time
from pathlib import Path
from jupyter_tune.journal import Journal
journal = Journal.open(Path(sys.argv[1]), socket="theirs")
print("holds", flush=True)
while True:
    time.sleep(0.02)
    journal.beat()
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lease, "WATCH_S", 0.3)
    path = tmp_path / "s.tune.db"
    Journal.create(path, OPENED, 0.0).close()
    return path


@pytest.fixture
def other(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes the study."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "holds\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_holder_that_beats_is_named_and_keeps_the_study(path: Path, other: subprocess.Popen[str]) -> None:
    owner = holder(path)
    assert owner is not None
    assert (owner["pid"], owner["socket"]) == (other.pid, "theirs")
    assert not is_stalled(owner)
    with pytest.raises(JournalError, match=f"is being written by process {other.pid}"):
        Journal.open(path)


def test_a_clock_that_jumped_takes_nothing_from_a_living_holder(
    path: Path, other: subprocess.Popen[str]
) -> None:
    grow_old(path)
    with pytest.raises(JournalError, match="is being written"):
        Journal.open(path)
    assert other.poll() is None


class Clocks:
    """The module time, with two clocks that a test sets."""

    def __init__(self) -> None:
        self.wall = time.time()
        self.running = time.monotonic()

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.running


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(lease, "time", clocks)
    return clocks


@pytest.fixture
def held(path: Path, clocks: Clocks) -> Iterator[Journal]:
    """A journal that this process writes, by clocks that a test sets."""
    journal = Journal.open(path)
    journal.beat()
    yield journal
    journal.close()


def silence_s(path: Path) -> float:
    owner = holder(path)
    assert owner is not None
    assert is_stalled(owner) == (owner["silent_s"] > lease.STALLED_S)
    return owner["silent_s"]


@pytest.mark.parametrize("jump_s", [-1000.0, 0.0, 1000.0])
def test_on_one_machine_no_jump_of_the_wall_clock_changes_how_long_a_holder_is_silent(
    path: Path, held: Journal, clocks: Clocks, jump_s: float
) -> None:
    clocks.wall += jump_s
    assert silence_s(path) == pytest.approx(0, abs=0.01)
    clocks.running += 60
    assert silence_s(path) == pytest.approx(60, abs=0.01)
    held.beat()
    assert silence_s(path) == pytest.approx(0, abs=0.01)
    held.append([StudyPaused()], 1.0)
    clocks.running += 7
    assert silence_s(path) == pytest.approx(7, abs=0.01)


@pytest.mark.parametrize("clock", ["another start of the machine", ""])
def test_another_clock_than_the_holders_is_not_compared_with_its_beat(
    path: Path, held: Journal, clocks: Clocks, clock: str
) -> None:
    rewrite(path, clock=clock)
    os.utime(lease.lease_path(path), (clocks.wall - 60,) * 2)
    clocks.running += 1000
    assert silence_s(path) == pytest.approx(60, abs=0.01)


def test_where_the_system_does_not_tell_its_clock_the_wall_clock_counts(
    path: Path, held: Journal, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_clock", lambda: "")
    rewrite(path, clock="")
    os.utime(lease.lease_path(path), (clocks.wall - 60,) * 2)
    clocks.running += 1000
    assert silence_s(path) == pytest.approx(60, abs=0.01)


def test_the_lease_of_an_earlier_version_is_read_and_taken_over(
    path: Path, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGSTOP)
    file = lease.lease_path(path)
    told = json.loads(file.read_text())
    before = {name: told[name] for name in ("pid", "socket", "place", "started")}
    file.write_text('{"records":            1, ' + json.dumps(before).removeprefix("{"))
    assert silence_s(path) < 10
    assert lease.noted(path) == 1
    os.utime(file, (time.time() - 60,) * 2)
    assert silence_s(path) == pytest.approx(60, abs=10)
    Journal.open(path).close()
    assert other.wait(10) == -signal.SIGKILL


def test_of_a_stopped_holder_the_study_is_taken_over_although_the_wall_clock_jumped_back(
    path: Path, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGSTOP)
    grow_old(path)
    os.utime(lease.lease_path(path), (time.time() + 3600,) * 2)
    Journal.open(path).close()
    assert other.wait(10) == -signal.SIGKILL


def test_a_holder_that_is_silent_for_a_moment_is_not_stalled(
    path: Path, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGSTOP)
    with pytest.raises(JournalError, match="is being written"):
        Journal.open(path)


def test_of_a_stopped_holder_the_study_is_taken_over_and_it_is_killed(
    path: Path, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGSTOP)
    grow_old(path)
    owner = holder(path)
    assert owner is not None
    assert is_stalled(owner)
    journal = Journal.open(path, socket="ours")
    assert other.wait(10) == -signal.SIGKILL
    journal.beat()
    taken = holder(path)
    assert taken is not None
    assert taken["socket"] == "ours"
    journal.close()


def test_another_process_of_the_holders_number_is_spared(path: Path, other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGSTOP)
    grow_old(path, started="7")
    Journal.open(path).close()
    assert other.poll() is None


def test_what_a_former_holder_writes_after_it_was_taken_over_from_is_refused(path: Path) -> None:
    old = Journal.open(path)
    grow_old(path, place="another machine")
    new = Journal.open(path)
    new.append([DriverStarted("new")], 1.0)
    with pytest.raises(FencedError, match="another process has taken this study over"):
        old.append([StudyPaused()], 2.0)
    with pytest.raises(FencedError):
        old.beat()
    old.close()
    new.append([StudyResumed()], 3.0)
    assert [record.event for record in read_records(path)][1:] == [DriverStarted("new"), StudyResumed()]
    assert holder(path) is not None, "the end of the old one releases nothing of the new one's"
    new.close()
    assert holder(path) is None


def test_whoever_was_faster_fences_the_other(path: Path) -> None:
    old = Journal.open(path)
    grow_old(path, place="another machine")
    new = Journal.open(path)
    old.append([StudyPaused()], 1.0)
    with pytest.raises(FencedError):
        new.append([DriverStarted("new")], 2.0)
    old.close()
    new.close()
