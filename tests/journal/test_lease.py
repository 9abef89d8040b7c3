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


def grow_old(path: Path) -> None:
    """As if the holder had last given a sign an hour ago."""
    os.utime(lease.lease_path(path), (time.time() - 3600,) * 2)


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
    rewrite(path, started="7")
    Journal.open(path).close()
    assert other.poll() is None


def rewrite(path: Path, **changes: str) -> None:
    """Have the lease say something else of its holder."""
    file = lease.lease_path(path)
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    grow_old(path)


def test_what_a_former_holder_writes_after_it_was_taken_over_from_is_refused(path: Path) -> None:
    old = Journal.open(path)
    rewrite(path, place="another machine")
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
    rewrite(path, place="another machine")
    new = Journal.open(path)
    old.append([StudyPaused()], 1.0)
    with pytest.raises(FencedError):
        new.append([DriverStarted("new")], 2.0)
    old.close()
    new.close()
