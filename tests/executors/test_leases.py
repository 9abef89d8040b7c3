"""Leases of several studies in one folder, of which each may die at any moment."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_tune.executors.local import leases
from jupyter_tune.executors.local.leases import FOLDER_VARIABLE, Leases, leases_folder
from jupyter_tune.executors.local.shares import Holder, Need
from tests.processes import wait_until

TWO = frozenset({0, 1})


def a_study(folder: Path, name: str = "a", pid: int = 1) -> Leases:
    """A study on two cores."""
    return Leases(folder, Holder(name, pid, TWO, 2.0))


def got(study: Leases, *keys: str, cores: float = 1.0) -> list[str]:
    """What `study` gets of those it asks for, and of earlier ones."""
    for key in keys:
        study.ask(key, Need(cores))
    return list(study.sync())


def test_two_studies_together_hold_no_more_than_there_is(tmp_path):
    a, b = a_study(tmp_path, "a"), a_study(tmp_path, "b")
    assert got(a, "1", "2") == ["1", "2"]
    assert got(b, "1", "2") == []
    assert (b.served.lacks_cores, [other.study for other in b.others]) == (("1", "2"), ["a"])
    a.give_back("1")
    assert got(a, "3") == [], "b was first"
    assert got(b) == ["1"]
    a.give_back("2")
    a.sync()
    assert got(b) == ["2"]
    assert got(a) == []
    b.close()
    assert got(a) == ["3"]
    a.close()
    assert [path.name for path in tmp_path.iterdir()] == ["mutex"]


def test_a_ticket_that_is_withdrawn_lets_others_pass(tmp_path):
    a, b, c = (a_study(tmp_path, name) for name in "abc")
    got(a, "1")
    assert got(b, "1", cores=2.0) == []
    assert got(c, "1") == []
    b.give_back("1")
    b.sync()
    assert got(c) == ["1"]


def test_a_study_alone_makes_room_for_more_workers(tmp_path):
    a = a_study(tmp_path)
    assert got(a, "1", cores=2.0) == ["1"]
    a.shrink(0.5)
    assert got(a, "2", "3", "4", cores=0.5) == ["2", "3", "4"]


HOLD = """
import sys, time
from pathlib import Path
from jupyter_tune.executors.local.leases import Leases
from jupyter_tune.executors.local.shares import Holder, Need
study = Leases(Path(sys.argv[1]), Holder("other", 7, frozenset({0, 1}), 2.0))
study.ask("1", Need(2.0))
print(list(study.sync()), flush=True)
time.sleep(600)
"""


def test_the_leases_of_a_killed_process_fall_free(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"['1']\n"
        mine = a_study(tmp_path)
        assert got(mine, "1") == []
        other.kill()
        other.wait()
        began = time.monotonic()
        assert got(mine) == ["1"]
        assert time.monotonic() - began < 1
    assert len(list(tmp_path.glob("*.lease"))) == 1, "the file of the dead is removed"


def test_a_child_of_the_holder_does_not_keep_its_leases(tmp_path):
    code = HOLD.replace("time.sleep(600)", "import subprocess\nsubprocess.run(['sleep', '600'])")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, process_group=0
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        wait_until(lambda: bool(_children(other.pid)), "its child")
        try:
            other.kill()
            other.wait()
            assert got(a_study(tmp_path), "1") == ["1"]
        finally:
            os.killpg(other.pid, 9)


def _children(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def test_a_process_that_is_stopped_with_the_mutex_delays_and_does_not_block(tmp_path):
    mine = a_study(tmp_path)
    with leases._alone(tmp_path):
        began = time.monotonic()
        assert got(mine, "1") == []
        assert time.monotonic() - began < 1
        assert not mine.is_published
    assert got(mine) == ["1"]


def test_a_file_that_was_cleaned_away_is_written_again(tmp_path):
    a, b = a_study(tmp_path, "a"), a_study(tmp_path, "b")
    got(a, "1")
    for path in tmp_path.glob("*.lease"):
        path.unlink()
    got(a, "2")
    assert got(b, "1") == []


def test_leases_of_another_version_are_passed_over(tmp_path):
    a, b = a_study(tmp_path, "a"), a_study(tmp_path, "b")
    got(a, "1", "2")
    [path] = tmp_path.glob("*.lease")
    for text in (
        "",
        "{}",
        "[1]",
        '{"study": 3',
        '{"study": "x", "pid": 1, "cpus": [], "cores": 1, "holds": 3}',
    ):
        path.write_text(text)
        b.give_back("1")
        assert got(b, "1") == ["1"]


def test_where_the_folder_cannot_be_used_a_study_is_alone(tmp_path):
    (tmp_path / "file").touch()
    mine = a_study(tmp_path / "file")
    assert got(mine, "1", "2", "3") == ["1", "2"]
    assert mine.problem == f"{tmp_path / 'file'}: Not a directory"
    mine.give_back("1")
    assert got(mine) == ["3"]


def test_the_folder_is_the_user_s_own(tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert leases_folder({}).name == f"jupyter_tune-leases-{os.getuid()}"
    assert leases_folder({FOLDER_VARIABLE: "/some/where"}) == Path("/some/where")
    folder = tmp_path / "own"
    got(a_study(folder), "1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    link = tmp_path / "link"
    link.symlink_to(folder)
    mine = a_study(link)
    assert got(mine, "1") == ["1"]
    assert mine.problem == f"{link}: belongs to another user"
    monkeypatch.setenv(FOLDER_VARIABLE, str(link))
    mine = a_study(link)
    assert got(mine, "1", "2") == ["1"]
    assert not mine.problem


def test_other_users_can_read_the_leases_in_a_folder_that_all_share(tmp_path, monkeypatch):
    tmp_path.chmod(0o1777)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    before = os.umask(0o077)
    try:
        got(a_study(tmp_path), "1")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o644}


def test_waiting_costs_next_to_nothing(tmp_path, monkeypatch):
    a, b = a_study(tmp_path, "a"), a_study(tmp_path, "b")
    got(a, "1", "2")
    got(b, "1")
    # nothing has changed: who is served is not asked again
    monkeypatch.setattr(leases, "serve", None)
    before = time.process_time()
    for _ in range(100):
        assert got(b) == []
    assert time.process_time() - before < 0.5


@pytest.mark.parametrize("study", ["a\nb", "ünï", "x" * 200])
def test_any_name_of_a_study_can_be_told_to_others(tmp_path, study):
    got(a_study(tmp_path, study), "1", "2")
    mine = a_study(tmp_path, "mine")
    got(mine, "1")
    assert mine.others[0].study == study
