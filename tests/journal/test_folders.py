"""Where studies are, and what else may be there."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_tune.errors import JournalError
from jupyter_tune.journal import (
    Journal,
    files_folder,
    read_records,
    set_aside,
    study_folder,
)
from tests.journal.studies import OPENED


def test_the_folder_of_studies_is_given_by_option_then_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JUPYTER_TUNE_DIR", raising=False)
    assert study_folder() == tmp_path / "studies"
    monkeypatch.setenv("JUPYTER_TUNE_DIR", str(tmp_path / "env"))
    assert study_folder() == tmp_path / "env"
    assert study_folder(str(tmp_path / "option")) == tmp_path / "option"
    assert files_folder(tmp_path / "a.tune.db") == tmp_path / "a.tune.files"


@pytest.mark.parametrize("kind", ["folder", "pipe", "database", "text", "link"])
def test_what_is_no_study_is_refused_with_a_way_out_and_stays_as_it_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "other.tune.db"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "database":
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE theirs (x)")
    elif kind == "link":
        path.symlink_to(tmp_path / "gone")
    else:
        path.write_text("of another program\n" * 100)
    before = path.lstat().st_ino
    asked = [
        lambda: Journal.open(path),
        lambda: read_records(path),
        lambda: set_aside(path, 0.0),
        lambda: Journal.create(path, OPENED, 0.0),
    ]
    for ask in asked:
        with pytest.raises(JournalError, match=r"other\.tune\.db is .*: give another name, or move it away"):
            ask()
    assert path.lstat().st_ino == before


def test_a_file_where_the_folder_of_a_study_is_to_be_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.tune.db"
    files_folder(path).touch()
    with pytest.raises(
        JournalError, match=r"s\.tune\.files is not a folder.* give another name, or move it away"
    ):
        Journal.create(path, OPENED, 1.0)
    assert not path.exists()
