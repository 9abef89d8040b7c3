"""Files that are no study, and studies of other versions."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from jupyter_tune.core.events import (
    SCHEMA,
    EnqueueWithdrawn,
    HaltRequested,
)
from jupyter_tune.core.steering import Enqueued
from jupyter_tune.core.study import Study
from jupyter_tune.errors import JournalError
from jupyter_tune.journal import (
    Journal,
    read_records,
)
from tests.journal.studies import OPENED


@pytest.mark.parametrize("content", [b"hello, this is no database at all, not even close" * 30, None])
def test_a_file_that_is_no_study_is_refused_untouched(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "s.tune.db"
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE cats (name TEXT)")
        connection.close()
        content = path.read_bytes()
    else:
        path.write_bytes(content)
    for attempt in (Journal.open, read_records):
        with pytest.raises(JournalError, match="is not a study"):
            attempt(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("older", range(1, SCHEMA))
def test_an_older_study_becomes_a_present_one_when_it_is_written_to(tmp_path: Path, older: int) -> None:
    path = tmp_path / "s.tune.db"
    Journal.create(path, OPENED, 0.0).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {older}")
    read_records(path)
    assert version(path) == older
    Journal.open(path).close()
    assert version(path) == SCHEMA


def test_a_study_of_schema_2_goes_on_with_its_queue(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    Journal.create(path, OPENED, 0.0).close()
    queue = [{"kind": "TrialEnqueued", "params": {"lr": lr}, "by": "user"} for lr in (0.01, 0.02)]
    params = {"lr": 0.01}
    served = {"kind": "TrialSuggested", "number": 0, "params": params, "source": "user", "revision": 0}
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
        rows = [(seq, 0.0, json.dumps(event)) for seq, event in enumerate([*queue, served], 2)]
        connection.executemany("INSERT INTO records VALUES (?, ?, ?)", rows)
    journal = Journal.open(path)
    assert Study.fold(journal.records()).queue == (Enqueued(3, {"lr": 0.02}),)
    journal.append([EnqueueWithdrawn(3), HaltRequested(0, "cancelled")], 1.0)
    study = Study.fold(journal.records())
    assert (study.queue, study.halts) == ((), {0: "cancelled"})
    journal.close()


def version(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_a_newer_study_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    Journal.create(path, OPENED, 0.0).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="version 99"):
        Journal.open(path)
    with pytest.raises(JournalError, match="version 99"):
        read_records(path)
