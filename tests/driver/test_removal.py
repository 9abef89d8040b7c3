"""Files of trials that a study does not keep: recorded as removed, then moved aside, then deleted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_tune.core.commands import Launch
from jupyter_tune.core.events import DriverStarted, FilesRemoved, Record, TrialEnded, TrialReopened
from jupyter_tune.core.ports import Work
from jupyter_tune.core.study import Study
from jupyter_tune.driver import removal
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.journal import Journal, read_records
from jupyter_tune.trials.artifacts import artifacts_of
from jupyter_tune.trials.files import removable_places, removed_folder, trial_folder
from tests.driver.scripted import Listener, ScriptedExecutor, a_loop

SIZE = 100


class Saver(ScriptedExecutor):
    """Every trial leaves a checkpoint, an artifact and a log; the first of them but a log, if `odd`."""

    def __init__(self, files: Path, *, has_odd: bool = False) -> None:
        super().__init__()
        self._files = files
        self._has_odd = has_odd

    def launch(self, command: Launch) -> None:
        folder = trial_folder(str(self._files), command.number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "attempt-1.log").write_text("a line")
        if not (self._has_odd and command.number == 0):
            for name in ("checkpoints/epoch", "artifacts/1/model"):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(bytes(SIZE // 2))
        super().launch(command)


def removals(records: list[Record]) -> list[FilesRemoved]:
    return [record.event for record in records if isinstance(record.event, FilesRemoved)]


def with_files(files: Path) -> list[int]:
    """The numbers of the trials that have more than a log."""
    return sorted(int(folder.name) for folder in (files / "trials").iterdir() if removable_places(folder))


async def test_the_best_trials_keep_their_files_and_the_end_waits_for_the_others(tmp_path: Path) -> None:
    files = tmp_path / "s.tune.files"
    loop, listener = a_loop(tmp_path, Saver(files), trials=12, keep=3, files=str(files))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    complete = sorted(loop.study.trials.values(), key=lambda trial: -(trial.value or 0.0))
    assert with_files(files) == sorted(trial.number for trial in complete[:3])
    assert not removed_folder(str(files)).exists()
    assert len(list(files.glob("trials/*/attempt-1.log"))) == 12

    events = removals(listener.records)
    assert sorted(number for event in events for number in event.trials) == sorted(
        trial.number for trial in complete[3:]
    )
    assert sum(event.size for event in events) == loop.study.keeping.size == 9 * SIZE
    await loop.close()


async def test_nothing_is_recorded_of_a_trial_that_had_no_files(tmp_path: Path) -> None:
    files = tmp_path / "s.tune.files"
    loop, listener = a_loop(tmp_path, Saver(files, has_odd=True), trials=4, keep=1, files=str(files))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    gone = {number for event in removals(listener.records) for number in event.trials}
    assert gone == {1, 2, 3} - {trial.number for trial in loop.study.best_trials}
    assert 0 not in gone
    await loop.close()


async def test_without_keep_no_file_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def looks(folder: Path) -> list[Path]:
        raise AssertionError(f"{folder} is looked at")

    monkeypatch.setattr(removal, "removable_places", looks)
    files = tmp_path / "s.tune.files"
    loop, listener = a_loop(tmp_path, Saver(files), trials=4, files=str(files))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert (with_files(files), listener.notices) == ([0, 1, 2, 3], [])
    await loop.close()


async def test_files_that_cannot_be_deleted_are_told_once_and_the_study_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(removal, "_delete", refuses)
    files = tmp_path / "s.tune.files"
    loop, listener = a_loop(tmp_path, Saver(files), trials=8, keep=1, files=str(files))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    [told] = listener.notices
    assert "could not be removed" in told
    assert "Permission denied" in told
    await loop.close()


def nothing_moved(files: Path, gone: list[int]) -> None:
    """The driver died right after the record."""


def one_moved(files: Path, gone: list[int]) -> None:
    """It died between two steps."""
    aside = removed_folder(str(files)) / "0-x"
    aside.mkdir(parents=True)
    removable_places(trial_folder(str(files), gone[0]))[0].rename(aside / "checkpoints")


def all_moved(files: Path, gone: list[int]) -> None:
    """It died before it had deleted them."""
    for number in gone:
        for place in removable_places(trial_folder(str(files), number)):
            aside = removed_folder(str(files)) / f"{number}-{place.name}"
            aside.mkdir(parents=True)
            place.rename(aside / place.name)


@pytest.mark.parametrize("died", [nothing_moved, one_moved, all_moved], ids=lambda died: died.__name__)
async def test_the_next_driver_finishes_what_one_that_died_has_recorded(
    died: Callable[[Path, list[int]], None], tmp_path: Path
) -> None:
    files = tmp_path / "s.tune.files"
    loop, listener = a_loop(tmp_path, Saver(files), trials=6, files=str(files))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    await loop.close()
    journal = Journal.open(loop.journal.path)
    study = Study.fold(
        [*journal.records(), *journal.append([FilesRemoved([1, 4], 7), DriverStarted("next")], 1.0)]
    )
    died(files, [1, 4])

    listener = Listener()
    work = Work("", str(files), "score", {})
    again = StudyLoop(journal, study, ScriptedExecutor(), work, SamplerThread(), listener)
    await again.begin([])
    await listener.until(lambda: again.study.is_ended)
    assert with_files(files) == [0, 2, 3, 5]
    assert not removed_folder(str(files)).exists()
    assert artifacts_of(trial_folder(str(files), 2), range(1, 2))
    await again.close()
    # what is removed is recorded once
    assert len(removals(read_records(loop.journal.path))) == 1


async def test_the_loop_looks_at_no_trial_of_an_earlier_driver_that_has_nothing_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "s.tune.files"
    loop, listener = a_loop(tmp_path, Saver(files, has_odd=True), trials=6, files=str(files))
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    await loop.close()
    journal = Journal.open(loop.journal.path)
    study = Study.fold(
        [*journal.records(), *journal.append([FilesRemoved([0, 1], 7), DriverStarted("next")], 1.0)]
    )
    looked: list[tuple[bool, int]] = []

    def looks(folder: Path) -> list[Path]:
        looked.append((threading.current_thread() is threading.main_thread(), int(folder.name)))
        return removable_places(folder)

    monkeypatch.setattr(removal, "removable_places", looks)
    listener = Listener()
    work = Work("", str(files), "score", {})
    again = StudyLoop(journal, study, ScriptedExecutor(), work, SamplerThread(), listener)
    await again.begin([])
    await listener.until(lambda: again.study.is_ended)
    await again.close()
    assert looked == [(False, 0), (False, 1), (True, 1)]
    assert with_files(files) == [2, 3, 4, 5]


class FailsFirst(Saver):
    """Each trial fails at once in its first attempt."""

    def launch(self, command: Launch) -> None:
        super().launch(command)
        if command.attempt == 1:
            del self._params[command.number, 1]
            self._post(TrialEnded(command.number, 1, "failed", error="once", checkpoint=True))


async def test_a_trial_that_is_reopened_while_it_is_measured_keeps_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "s.tune.files"
    loop, listener = a_loop(tmp_path, FailsFirst(files), trials=2, keep=1, files=str(files), retries=0)
    measured: list[int] = []

    async def measures(function: Callable[..., object], *args: object) -> object:
        # trial 0 lost its place to trial 1: the user starts it again meanwhile
        if not measured:
            measured.append(0)
            loop.record(TrialReopened(0, 1))
        return function(*args)

    monkeypatch.setattr(asyncio, "to_thread", measures)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert measured
    assert loop.study.trials[0].state == "complete"
    assert with_files(files) == [0, 1]
    assert removals(listener.records) == []
    await loop.close()
