"""The list of running studies, which must be right whoever has died."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_tune.journal import Journal, enter, running
from jupyter_tune.journal.running import RUNNING_VARIABLE, running_folder
from tests.journal.studies import OPENED


def begun(path: Path, *, is_detached: bool = False) -> Journal:
    journal = Journal.create(path, OPENED, 0.0)
    enter(path, is_detached=is_detached)
    return journal


def test_studies_of_all_folders_are_listed_while_they_run(tmp_path: Path) -> None:
    assert running() == []
    first = begun(tmp_path / "a" / "one.tune.db")
    second = begun(tmp_path / "b" / "one.tune.db", is_detached=True)
    assert [(study.path.parent.name, study.is_detached) for study in running()] == [("a", False), ("b", True)]
    first.close()
    assert [study.path.parent.name for study in running()] == ["b"]
    second.close()
    assert running() == []
    assert list(running_folder().iterdir()) == []


def test_a_study_that_goes_on_is_listed_once_as_it_runs_now(tmp_path: Path) -> None:
    path = tmp_path / "one.tune.db"
    begun(path).close()
    journal = Journal.open(path)
    enter(path, is_detached=True)
    assert [study.is_detached for study in running()] == [True]
    journal.close()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"path": 3, "is_detached": false}', '{"path": "/no/where'])
def test_what_no_driver_wrote_is_removed(tmp_path: Path, text: str) -> None:
    journal = begun(tmp_path / "one.tune.db")
    (running_folder() / "other.json").write_text(text)
    assert [study.path.name for study in running()] == ["one.tune.db"]
    assert len(list(running_folder().iterdir())) == 1
    journal.close()


def test_a_removed_study_is_not_listed(tmp_path: Path) -> None:
    path = tmp_path / "one.tune.db"
    journal = begun(path)
    journal.close()
    for file in tmp_path.glob("one*"):
        file.unlink()
    assert running() == []


def test_a_folder_that_cannot_be_used_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text(json.dumps({}))
    monkeypatch.setenv(RUNNING_VARIABLE, str(tmp_path / "file"))
    journal = begun(tmp_path / "one.tune.db")
    assert running() == []
    journal.close()
