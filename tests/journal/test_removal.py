"""Deleting a study."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_tune.errors import JournalError
from jupyter_tune.journal import Journal, delete, files_folder, read_records
from tests.journal.studies import OPENED


def test_nothing_of_a_deleted_study_is_left_and_its_neighbour_stays(tmp_path: Path) -> None:
    for name in ("toy", "toy-2"):
        path = tmp_path / f"{name}.tune.db"
        Journal.create(path, OPENED, 0.0).close()
        files_folder(path).joinpath("trials", "0").mkdir(parents=True)
    delete(tmp_path / "toy.tune.db")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "toy-2.tune.db",
        "toy-2.tune.db.lease",
        "toy-2.tune.files",
    ]
    # the name is free again
    Journal.create(tmp_path / "toy.tune.db", OPENED, 0.0).close()


def test_a_study_that_is_being_written_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "toy.tune.db"
    journal = Journal.create(path, OPENED, 0.0)
    files_folder(path).mkdir()
    with pytest.raises(JournalError, match="is being written by process"):
        delete(path)
    journal.close()
    assert len(read_records(path)) == 1
    assert files_folder(path).is_dir()


@pytest.mark.parametrize("text", [None, "", "not a study"])
def test_what_is_no_study_is_not_deleted(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "toy.tune.db"
    if text is not None:
        path.write_text(text)
    with pytest.raises(JournalError):
        delete(path)
    assert path.exists() == (text is not None)
