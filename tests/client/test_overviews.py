from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from jupyter_tune import journal as journals
from jupyter_tune.client.listing import studies_in
from jupyter_tune.client.overviews import BEHIND_S, glance, look
from jupyter_tune.core.events import StudyEnded, TrialReported
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal, read_facts
from jupyter_tune.views.overview import overview
from tests.server.studies import begun, study_of, written
from tests.views.studies import started, story, whole


def keep(journal):
    journal.keep(overview(study_of(journal)).to_json())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.tune.db"


def test_a_list_reads_no_record_of_a_study_that_has_said_how_it_stands(path, monkeypatch):
    with closing(begun(path, *story(20), StudyEnded("done"))) as journal:
        keep(journal)
        there = overview(study_of(journal))
    monkeypatch.setattr(journals, "each_record", None)
    assert look(path).overview == there
    row = studies_in(path.parent)[0]
    assert (row.state, row.trials, row.best, row.error) == ("ended", 20, there.best, "")


def test_a_file_of_an_earlier_version_is_read_as_a_whole(path):
    written(path, *story(20), StudyEnded("done"))
    assert read_facts(path) is None
    assert glance(path) is None
    found = look(path)
    assert (found.state, found.overview.trials) == ("ended", 20)


def test_what_a_killed_driver_said_before_its_last_records_does_not_count(path):
    journal = begun(path, *whole(0, value=0.5))
    keep(journal)
    # of the same params: their mean
    journal.append(whole(1, value=0.75), 1e9)
    # it lives, and is about to say more: but not if that is long ago
    assert glance(path) is None
    journal.close()
    assert glance(path) is None
    found = look(path)
    assert (found.state, found.lives, found.overview.best) == ("interrupted", False, 0.625)


def test_a_driver_that_lives_may_be_a_moment_behind(path):
    now = time.time()
    journal = begun(path, *started(0))
    journal.append([TrialReported(0, 1, 1, {"accuracy": 0.5})], now)
    keep(journal)
    journal.append([TrialReported(0, 1, 2, {"accuracy": 0.6})], now + BEHIND_S / 2)
    seen = glance(path)
    assert seen is not None
    assert (seen.state, seen.lives, seen.overview.leader) == ("running", True, (0, 0.5))
    journal.append([TrialReported(0, 1, 3, {"accuracy": 0.7})], now + 2 * BEHIND_S)
    assert glance(path) is None
    assert look(path).overview.leader == (0, 0.7)
    journal.close()


def test_a_driver_that_was_taken_over_from_says_nothing(path):
    before = begun(path, *whole(0, value=0.5))
    keep(before)
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO records VALUES ((SELECT max(seq) + 1 FROM records), 2e9, '{}')")
        other.commit()
    known = read_facts(path)
    before.keep({"never": "written"})
    assert read_facts(path) == known
    before.close()


@pytest.mark.parametrize("facts", ["no json", '{"version": 1}', "[" * 100_000, b"\xff\xfe", None, 7])
def test_facts_that_make_no_sense_are_passed_over(path, facts):
    with closing(begun(path, *story(5))) as journal:
        keep(journal)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE overview SET facts = ?", (facts,))
        connection.commit()
    assert glance(path) is None
    assert look(path).overview.trials == 5


def test_a_file_that_cannot_be_read_says_why(path):
    written(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1000")
    with pytest.raises(JournalError, match="was written in version 1000 of the format"):
        glance(path)
    with pytest.raises(JournalError, match="does not exist"):
        look(path.with_name("none.tune.db"))


def test_facts_go_with_a_file_that_is_written_again(path):
    journal = begun(path, *whole(0, value=0.5))
    keep(journal)
    path.unlink()
    assert journal.put_back()
    seen = glance(path)
    assert seen is not None
    assert seen.overview.best == 0.5
    journal.close()
    with closing(Journal.open(path)) as again:
        keep(again)
