"""What stands in a study's file, read from it record by record."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from jupyter_tune.core.encoding import event_from_json
from jupyter_tune.core.events import StudyPaused
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal, each_record, read_records
from jupyter_tune.journal.sqlite_file import connect
from tests.journal.studies import OPENED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "s.tune.db"
    journal = Journal.create(path, OPENED, 0.0)
    journal.append([StudyPaused()] * 9, 1.0)
    journal.close()
    return path


def damage(path: Path, seq: int) -> None:
    connection = connect(path, "rw")
    connection.execute("UPDATE records SET event = '{' WHERE seq = ?", (seq,))
    connection.close()


def test_a_record_is_read_when_the_one_before_it_has_been_taken(path: Path) -> None:
    with patch("jupyter_tune.journal.readers.event_from_json", side_effect=event_from_json) as read:
        for taken, record in enumerate(each_record(path), 1):
            assert record.seq == taken == read.call_count
    assert read.call_count == 10


def test_what_is_damaged_is_said_after_the_records_before_it(path: Path) -> None:
    damage(path, 6)
    notices: list[str] = []
    assert [record.seq for record in each_record(path, notices=notices)] == [1, 2, 3, 4, 5]
    assert len(notices) == 1
    assert "damaged after record 5" in notices[0]
    notices.clear()
    assert [record.seq for record in each_record(path, 2, notices)] == [3, 4, 5]
    assert len(notices) == 1
    assert "damaged after record 5" in notices[0]


def test_a_file_of_which_nothing_can_be_read_is_refused_at_once(path: Path) -> None:
    damage(path, 1)
    with pytest.raises(JournalError, match="from its first record on"):
        next(each_record(path))
    with pytest.raises(JournalError, match="from its first record on"):
        read_records(path)


def test_after_the_last_record_there_is_none(path: Path) -> None:
    notices: list[str] = []
    assert list(each_record(path, 10, notices)) == []
    assert notices == []
