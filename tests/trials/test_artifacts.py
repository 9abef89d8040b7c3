from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jupyter_tune.errors import ArtifactError
from jupyter_tune.trials import artifacts
from jupyter_tune.trials.artifacts import artifacts_of, attempt_folder, save


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_text("1")
    return folder


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    return tmp_path / "trials/3"


def test_a_file_and_a_folder_are_kept_under_their_names_or_another(trial, source):
    save(trial, 1, source)
    assert save(trial, 1, source / "weights", "best.txt").read_text() == "1"
    found = artifacts_of(trial, range(1, 2))
    assert list(found) == ["best.txt", "model"]
    assert (found["model"] / "weights").read_text() == "1"


def test_what_is_saved_again_is_replaced_as_a_whole(trial, source):
    save(trial, 1, source)
    (source / "weights").rename(source / "newer")
    path = save(trial, 1, source)
    assert [each.name for each in path.iterdir()] == ["newer"]
    save(trial, 1, source / "newer", "model")
    assert path.read_text() == "1"
    save(trial, 1, source)
    assert path.is_dir()
    assert [each.name for each in path.parent.iterdir()] == ["model"]


def test_later_attempts_that_go_on_replace_what_they_save_and_retries_begin_anew(trial, source):
    save(trial, 1, source, "failed")
    save(trial, 2, source, "model")
    save(trial, 2, source, "scores")
    save(trial, 3, source, "model")
    assert {name: path.parent.name for name, path in artifacts_of(trial, range(2, 4)).items()} == {
        "model": "3",
        "scores": "2",
    }


def test_a_process_killed_while_it_copies_leaves_what_was_there(trial, source, monkeypatch):
    save(trial, 1, source)
    (source / "weights").write_text("2")
    real = shutil.copy2

    def killed(*args, **kwargs):
        real(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copy2", killed)
    with pytest.raises(KeyboardInterrupt):
        save(trial, 1, source / "weights", "model")
    found = artifacts_of(trial, range(1, 2))
    assert (found["model"] / "weights").read_text() == "1"


def test_a_process_killed_while_it_replaces_a_folder_leaves_the_former_one(trial, source, monkeypatch):
    save(trial, 1, source)
    (source / "weights").write_text("2")
    real = Path.rename

    def killed(path, target):
        if path.parent.parent.name == ".saving":
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        save(trial, 1, source)
    found = artifacts_of(trial, range(1, 2))
    assert list(found) == ["model"]
    assert (found["model"] / "weights").read_text() == "1"
    monkeypatch.undo()
    assert (save(trial, 1, source) / "weights").read_text() == "2"
    assert [each.name for each in attempt_folder(trial, 1).iterdir()] == ["model"]


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\nb"])
def test_a_name_that_is_none_is_refused(trial, source, name):
    with pytest.raises(ArtifactError, match="is no name of an artifact"):
        save(trial, 1, source, name)


def test_a_file_that_is_not_there_is_named(trial, source):
    with pytest.raises(ArtifactError, match=r"artifact 'gone': .*gone does not exist \(here is"):
        save(trial, 1, source / "gone")


def test_a_full_disk_is_said_and_the_former_artifact_stays(trial, source, monkeypatch):
    save(trial, 1, source)

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artifacts, "_flush_one", full)
    with pytest.raises(ArtifactError, match=r"No space left on device; make room there, or save less"):
        save(trial, 1, source)
    assert list(artifacts_of(trial, range(1, 2))) == ["model"]
    assert list((trial / ".saving").iterdir()) == []
