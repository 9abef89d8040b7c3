"""The journal against real kills, real files and real neighbours."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from jupyter_tune.core.encoding import event_from_json, record_from_json
from jupyter_tune.core.events import Event, StudyPaused, TrialReported, TrialSuggested
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import (
    Journal,
    files_folder,
    holder,
    read_records,
    read_texts,
)
from tests.journal.studies import OPENED

# appends batches for ever and says each acknowledged number; the parent kills it anywhere
WRITER = """
import sys
from pathlib import Path
from jupyter_tune.core.events import TrialReported
from jupyter_tune.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
step = 0
while True:
    step += 1
    batch = [TrialReported(0, 1, step * 10 + i, {"accuracy": 0.5}) for i in range(step % 4 + 1)]
    records = journal.append(batch, float(step), durable=step % 5 == 0)
    print(records[-1].seq, flush=True)
"""


def test_nothing_acknowledged_is_lost_in_twenty_kills(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    Journal.create(path, OPENED, 0.0).close()
    chance = random.Random(1)
    acknowledged = 0
    for _ in range(20):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert writer.stdout is not None
        assert writer.stderr is not None
        # a varying number of batches, so that the kill falls into every phase of a commit
        for _ in range(chance.randint(1, 60)):
            line = writer.stdout.readline()
            assert line, writer.stderr.read().decode()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().splitlines(keepends=True)
        writer.wait()
        writer.stdout.close()
        writer.stderr.close()
        whole = [entry for entry in [line, *rest] if entry.endswith(b"\n")]
        acknowledged = int(whole[-1])
        records = read_records(path)
        assert [r.seq for r in records] == list(range(1, len(records) + 1))
        assert len(records) >= acknowledged
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert acknowledged > 200


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "s.tune.db", OPENED, 1.5)
    events: list[Event] = [
        TrialSuggested(0, {"lr": 0.01}, "default"),
        TrialReported(0, 1, 1, {"accuracy": float("inf"), "loss": -float("inf")}),
    ]
    appended = journal.append(events, 2.5)
    assert [r.seq for r in appended] == [2, 3]
    records = read_records(journal.path)
    journal.close()
    assert [r.event for r in records] == [OPENED, *events]
    assert [r.at for r in records] == [1.5, 2.5, 2.5]


def test_what_a_study_begins_with_is_decoded_once(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    with patch("jupyter_tune.journal.readers.event_from_json", side_effect=event_from_json) as read:
        journal = Journal.create(path, OPENED, 0.0, facts=[StudyPaused()] * 9)
        created = journal.records()
        assert read.call_count == 10
        journal.close()
        journal = Journal.open(path)
        assert journal.records() == created
        assert read.call_count == 20
        journal.append([StudyPaused()], 1.0)
        assert [record.seq for record in journal.records()] == [*range(1, 12)], (
            "none of those is kept for later"
        )
    journal.close()


def test_nan_survives_the_journal(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "s.tune.db", OPENED, 0.0)
    journal.append([TrialReported(0, 1, 1, {"accuracy": float("nan")})], 0.0)
    event = journal.records()[-1].event
    journal.close()
    assert isinstance(event, TrialReported)
    assert event.metrics["accuracy"] != event.metrics["accuracy"]


def test_a_reader_sees_what_a_living_writer_has_committed(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "s.tune.db", OPENED, 0.0)
    journal.append([TrialSuggested(0, {"lr": 0.01}, "default")], 0.0)
    assert len(read_records(journal.path, since=1)) == 1
    journal.close()


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    journal = Journal.create(path, OPENED, 0.0, socket="/run/x.sock")
    with pytest.raises(JournalError, match=f"being written by process {os.getpid()}"):
        Journal.open(path)
    owner = holder(path)
    assert owner is not None
    assert (owner["pid"], owner["socket"]) == (os.getpid(), "/run/x.sock")
    journal.close()
    assert holder(path) is None
    Journal.open(path).close()


def test_a_study_in_the_way_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    Journal.create(path, OPENED, 0.0).close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"study 's' exists already in .*; give another --name"):
        Journal.create(path, OPENED, 0.0)
    assert path.read_bytes() == before


def test_a_missing_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"nowhere\.tune\.db does not exist"):
        Journal.open(tmp_path / "nowhere.tune.db")
    with pytest.raises(JournalError, match=r"nowhere\.tune\.db does not exist"):
        read_records(tmp_path / "nowhere.tune.db")


def test_records_are_handed_on_as_text_page_by_page(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "s.tune.db", OPENED, 1.5)
    reports = [TrialReported(0, 1, step, {"accuracy": float("nan")}) for step in range(1, 8)]
    journal.append(reports, 1e9 / 3)
    pages: list[list[str]] = []
    while page := read_texts(journal.path, sum(map(len, pages)), 3):
        pages.append(page)
    assert [len(page) for page in pages] == [3, 3, 2]
    read = [record_from_json(json.loads(text)) for page in pages for text in page]
    assert list(map(repr, read)) == list(map(repr, journal.records()))
    assert read_texts(journal.path, 6) == pages[2]
    journal.close()


def test_appended_records_are_given_back_as_the_text_that_readers_get(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "s.tune.db", OPENED, 1.5)
    for at in (1e9 / 3, 1e9 / 7):
        journal.append([TrialSuggested(0, {"lr": 0.01}, "ŝobol"), StudyPaused()], at)
        assert journal.texts == read_texts(journal.path)[-2:]
    journal.close()


def test_a_new_study_does_not_take_over_the_checkpoints_of_one_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    left = files_folder(path) / "0" / "checkpoints"
    left.mkdir(parents=True)
    with pytest.raises(JournalError, match=r"s\.tune\.files holds the checkpoints .* give another --name"):
        Journal.create(path, OPENED, 0.0)
    left.rmdir()
    left.parent.rmdir()
    Journal.create(path, OPENED, 0.0).close()


def test_a_full_disk_keeps_exactly_what_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    journal = Journal.create(path, OPENED, 0.0)
    # SQLite's own limit on pages answers like a disk without room
    journal._connection.execute("PRAGMA max_page_count = 12")
    kept = 1
    big = TrialSuggested(0, {"lr": 0.01, "note": "x" * 900}, "random")

    def fill() -> None:
        nonlocal kept
        while kept < 1000:
            kept += len(journal.append([big, big], 0.0))

    with pytest.raises(JournalError, match="full"):
        fill()
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    assert journal.append([big], 0.0)[0].seq == kept + 1
    assert [r.seq for r in journal.records()] == list(range(1, kept + 2))
    journal.close()


def test_a_kill_while_creating_leaves_no_study_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    journal = Journal.create(path, OPENED, 0.0)
    assert len(journal.records()) == 1
    journal.close()
