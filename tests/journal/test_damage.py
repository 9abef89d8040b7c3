"""Study files that were cut, garbled, removed or replaced: what stands before the damage is kept."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_tune as jt
from jupyter_tune.core.events import Record, TrialReported, TrialSuggested
from jupyter_tune.core.study import Study
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal, files_folder, holder, is_taken, read_records, read_texts
from jupyter_tune.journal.lease import lease_path
from tests.journal.studies import OPENED
from tests.processes import wait_until

RECORDS = 400


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study file of some 20 pages, closed."""
    path = tmp_path_factory.mktemp("whole") / "s.tune.db"
    journal = Journal.create(path, OPENED, 0.0)
    journal.append([TrialSuggested(0, {"lr": 0.01}, "random")], 1.0)
    for step in range(RECORDS - 2):
        journal.append([TrialReported(0, 1, step, {"accuracy": step / 7})], float(step), durable=False)
    journal.close()
    return path


def damaged(whole: Path, folder: Path, data: bytes) -> Path:
    path = folder / whole.name
    path.write_bytes(data)
    return path


def survives(path: Path, original: list[Record]) -> int:
    """How many records are left, read beside it and gone on with; -1 if nothing can be recovered."""
    notices: list[str] = []
    try:
        records = read_records(path, notices=notices)
    except JournalError:
        before = path.read_bytes()
        for attempt in (read_records, Journal.open):
            with pytest.raises(JournalError, match="nothing was changed"):
                attempt(path)
        assert path.read_bytes() == before
        return -1
    assert records == original[: len(records)]
    if len(records) < len(original):
        (said,) = notices
        assert said.startswith(f"s.tune.db is damaged after record {len(records)} (")
    # texts are handed on undecoded: of a garbled record only whole ones count
    assert len(read_texts(path)) >= len(records)
    Study.fold(records)
    journal = Journal.open(path)
    assert bool(journal.damage) == bool(notices)
    appended = journal.append([TrialReported(0, 1, 9999, {"accuracy": 1.0})], 0.0)
    journal.close()
    again = read_records(path)
    assert again == records + appended
    if notices:
        (kept,) = (file for file in path.parent.glob("*.damaged-*") if file.name[-4:] not in ("-wal", "-shm"))
        assert kept.name in journal.damage
        assert not is_taken(path.with_name("s.tune.db.mended"))
    return len(records)


def test_records_that_a_cut_log_has_lost_are_told(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    journal = Journal.create(alive / "s.tune.db", OPENED, 0.0)
    for step in range(100):
        report = TrialReported(0, 1, step, {"accuracy": step / 7})
        journal.append([report], float(step), durable=step % 9 == 0)
    original = read_records(journal.path)
    size = journal.path.with_name("s.tune.db-wal").stat().st_size
    left = set()
    for cut in (0, size // 7, size // 3, size // 2, size - 5000, size):
        # as after a kill -9, and then the damage
        path = tmp_path / str(cut) / "s.tune.db"
        shutil.copytree(alive, path.parent)
        with path.with_name("s.tune.db-wal").open("r+b") as log:
            log.truncate(cut)
        notices: list[str] = []
        records = read_records(path, notices=notices)
        again = Journal.open(path)
        assert records == again.records() == original[: len(records)]
        lost = len(original) - len(records)
        assert [said for said in [again.damage] if said] == notices
        assert bool(notices) == bool(lost)
        assert all(said.startswith(f"s.tune.db has lost its last {lost} records, after ") for said in notices)
        again.close()
        Journal.open(path).close()
        notices.clear()
        assert read_records(path, notices=notices) == records
        assert notices == [], "it is told once"
        left.add(len(records))
    journal.close()
    assert len(left) > 3
    assert max(left) == len(original)


def test_a_lease_that_the_machine_lost_says_nothing_of_records(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    Journal.create(path, OPENED, 0.0).close()
    for text in (b"", b"\0" * 90, b'{"records": "x"}', b"[]"):
        lease_path(path).write_bytes(text)
        again = Journal.open(path)
        assert (again.damage, len(again.records())) == ("", 1)
        again.close()


def test_of_a_cut_file_the_records_before_the_cut_are_kept(whole: Path, tmp_path: Path) -> None:
    data, original = whole.read_bytes(), read_records(whole)
    left = []
    for cut in range(0, len(data), 2500):
        folder = tmp_path / str(cut)
        folder.mkdir()
        left.append(survives(damaged(whole, folder, data[:cut]), original))
    assert left == sorted(left), "a longer rest has more in it"
    assert left[0] == -1
    assert left[-1] > RECORDS * 0.8
    assert len(set(left)) > 5


def test_of_a_garbled_file_the_records_before_the_damage_are_kept(whole: Path, tmp_path: Path) -> None:
    data, original = whole.read_bytes(), read_records(whole)
    chance = random.Random(4)
    left = []
    for number in range(40):
        garbled = bytearray(data)
        at = chance.randrange(len(data))
        length = chance.choice([1, 3, 100, 2000])
        garbled[at : at + length] = chance.randbytes(len(garbled[at : at + length]))
        folder = tmp_path / str(number)
        folder.mkdir()
        path = damaged(whole, folder, bytes(garbled))
        try:
            notices: list[str] = []
            kept = read_records(path, notices=notices)
        except JournalError:
            left.append(survives(path, original))
            continue
        if len(kept) == len(original) and not notices:
            continue  # it hit no byte that means anything, or a digit within a record
        left.append(survives(path, original) if kept == original[: len(kept)] else len(kept))
    assert max(left) > 50
    assert min(left) < 50


def test_a_damaged_study_is_shown_and_resumed(nothing_stays: Iterator[None], tmp_path: Path) -> None:
    first = jt.tune(square, SPACE, minimize="loss", sampler="random", trials=40, name="cut")
    first.wait()
    data = first.path.read_bytes()
    first.path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.warns(UserWarning, match=r"cut\.tune\.db is damaged after record \d+ .*--resume goes on"):
        shown = jt.load_study("cut")
    assert 5 < len(shown.trials) < 40
    assert shown.state == "interrupted"
    again = jt.tune(square, SPACE, minimize="loss", sampler="random", trials=41, name="cut", resume=True)
    again.wait()
    assert [trial.number for trial in again.trials] == list(range(41))
    assert any("the damaged file is kept as cut.tune.db.damaged-" in text for _, text in again.notices)


def square(x: float) -> float:
    return x * x


SPACE = {"x": jt.Float(0, 1)}


def test_a_file_that_is_removed_while_it_is_open_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "studies" / "s.tune.db"
    journal = Journal.create(path, OPENED, 0.0, socket="here")
    event = TrialSuggested(0, {"lr": 0.01}, "random")
    assert not journal.put_back()
    for remove in (path.unlink, lambda: shutil.rmtree(path.parent)):
        journal.append([event], 0.0)
        known = journal.records()
        remove()
        assert journal.put_back()
        assert not journal.put_back()
        assert read_records(path) == known == journal.records()
        owner = holder(path)
        assert owner is not None
        assert owner["socket"] == "here"
    path.rename(path.with_name("away"))
    path.write_bytes(b"another")
    with pytest.raises(JournalError, match="was replaced by another file"):
        journal.put_back()
    assert path.read_bytes() == b"another"
    journal.close()


def test_a_study_whose_folder_is_removed_says_so_and_loses_nothing(nothing_stays: Iterator[None]) -> None:
    study = jt.tune(waiting, SPACE, minimize="loss", sampler="random", trials=3, name="removed")
    wait_until(lambda: len(study.trials) >= 2 and not study.trials[0].is_live, "the first trial to end")
    # moved first: a trial may begin to write into the folder while it is being emptied
    away = study.path.parent.rename(study.path.parent.with_name("away"))
    shutil.rmtree(away)
    study.path.parent.mkdir()
    study.path.with_name("go").touch()
    study.wait()
    assert [trial.state for trial in Study.fold(read_records(study.path)).trials.values()] == ["complete"] * 3
    assert any("was removed during the study" in text for _, text in study.notices)


def waiting(x: float) -> float:
    go = Path(os.environ["JUPYTER_TUNE_DIR"]) / "go"
    while jt.trial.number and not go.exists():
        time.sleep(0.01)
    return x


def test_a_start_that_fails_leaves_no_file_and_the_way_out_leads_out(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    left = files_folder(path) / "0"
    left.mkdir(parents=True)
    for _ in range(2):
        with pytest.raises(JournalError, match="whose file was removed; --overwrite moves them aside"):
            Journal.create(path, OPENED, 0.0)
        assert not path.exists()
    left.rmdir()
    Journal.create(path, OPENED, 0.0).close()
    assert is_taken(path)


@pytest.mark.parametrize("data", [b"", None])
def test_a_file_without_a_table_is_not_in_the_way(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "s.tune.db"
    if data is None:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    else:
        path.write_bytes(data)
    assert not is_taken(path)
    Journal.create(path, OPENED, 0.0).close()
    assert len(read_records(path)) == 1


def test_a_disk_that_fills_up_during_the_start_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("jupyter_tune.journal.records.prepare_to_write", no_room)
    with pytest.raises(JournalError, match="disk I/O error; check the disk's room"):
        Journal.create(tmp_path / "s.tune.db", OPENED, 0.0)
    assert list(tmp_path.iterdir()) == []
