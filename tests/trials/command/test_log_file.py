"""Following a file that a program writes, rotates or writes anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_tune.trials.command.log_file import FollowedFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "train.log"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_a_file_that_is_created_later_is_read_from_its_beginning(path: Path) -> None:
    followed = FollowedFile(path)
    assert followed.read() == b""
    append(path, "one\n")
    assert followed.read() == b"one\n"
    append(path, "two\n")
    assert (followed.read(), followed.read()) == (b"two\n", b"")


def test_what_is_there_at_the_start_is_not_read(path: Path) -> None:
    append(path, "of an earlier trial\n")
    followed = FollowedFile(path)
    append(path, "new\n")
    assert followed.read() == b"new\n"


def test_a_truncated_file_is_read_from_its_beginning(path: Path) -> None:
    followed = FollowedFile(path)
    append(path, "one two three\n")
    followed.read()
    path.write_text("four\n")
    assert followed.read() == b"four\n"


def test_a_file_that_is_written_anew_is_noticed_also_if_it_is_longer(path: Path) -> None:
    append(path, "of an earlier trial\n")
    followed = FollowedFile(path)
    path.write_text("of this trial, whose lines are longer\n")
    assert followed.read() == b"of this trial, whose lines are longer\n"


def test_a_rotated_file_is_read_from_its_beginning(path: Path) -> None:
    followed = FollowedFile(path)
    append(path, "one\n")
    followed.read()
    os.rename(path, path.with_suffix(".1"))
    assert followed.read() == b""
    append(path, "a new file\n")
    assert followed.read() == b"a new file\n"
    path.unlink()
    append(path, "another one\n")
    assert followed.read() == b"another one\n"
