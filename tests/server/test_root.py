from __future__ import annotations

import pytest

from jupyter_tune.server import root as roots
from jupyter_tune.server.root import Root, Walk


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "root"
    for name in (
        "near.tune.db",
        "a/b/c/deep.tune.db",
        "a/other.db",
        ".git/hidden.tune.db",
        "node_modules/x/package.tune.db",
        "a/near.tune.files/12/trial.tune.db",
        "env/lib/python3/installed.tune.db",
        "env/own.tune.db",
        "a/__pycache__/cached.tune.db",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "env" / "pyvenv.cfg").touch()
    (root / "folder.tune.db").mkdir()
    (root / "folder.tune.db" / "inside.tune.db").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "theirs.tune.db").touch()
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "circle").symlink_to(root)
    (root / "one.tune.db").symlink_to(tmp_path / "elsewhere" / "theirs.tune.db")
    (root / "two.tune.db").symlink_to(root / "near.tune.db")
    return Root(root, hidden=False)


def names(root, paths):
    return [root.name(path) for path in paths if root.holds(path)]


def test_a_walk_finds_what_lies_near_first_and_passes_over_what_is_not_the_users(tree):
    walk = Walk(tree.folder)
    found = names(tree, walk.go_on(60.0))
    assert walk.is_over
    assert walk.left == 0
    assert set(found) == {"near.tune.db", "env/own.tune.db", "a/b/c/deep.tune.db"}
    assert found[-1] == "a/b/c/deep.tune.db"


def test_a_walk_goes_on_where_it_was(tree):
    walk, found, turns = Walk(tree.folder), [], 0
    while not walk.is_over:
        found += names(tree, walk.go_on(0.0))
        turns += 1
    assert turns > 3
    assert sorted(set(found)) == ["a/b/c/deep.tune.db", "env/own.tune.db", "near.tune.db"]


def test_a_walk_of_a_whole_disk_ends(tree, monkeypatch):
    monkeypatch.setattr(roots, "MOST_FOLDERS", 2)
    walk = Walk(tree.folder)
    walk.go_on(60.0)
    assert walk.is_over
    assert walk.left > 0


def test_names_lead_to_files_under_the_root_alone(tree):
    deep = tree.folder / "a" / "b" / "c" / "deep.tune.db"
    assert tree.file("a/b/c/deep.tune.db") == deep
    assert tree.file("/a/b/../b/c/deep.tune.db") == deep
    assert tree.file("circle/a/b/c/deep.tune.db") == deep
    assert tree.file("two.tune.db") == tree.folder / "near.tune.db"
    for name in (
        "one.tune.db",
        "link/theirs.tune.db",
        "../elsewhere/theirs.tune.db",
        str(tree.folder.parent / "elsewhere" / "theirs.tune.db"),
        ".git/hidden.tune.db",
        "a/other.db",
        "folder.tune.db",
        "none.tune.db",
        "",
    ):
        assert tree.file(name) is None, name
    assert Root(tree.folder, hidden=True).file(".git/hidden.tune.db") is not None


def test_a_notebook_has_a_name_where_it_is_there_and_under_the_root(tree):
    notebook = tree.folder / "a" / "train.ipynb"
    assert tree.name_of(str(notebook)) is None
    notebook.touch()
    assert tree.name_of(str(notebook)) == "a/train.ipynb"
    assert tree.name_of(str(tree.folder.parent / "elsewhere" / "theirs.tune.db")) is None
    assert tree.name_of("") is None
    assert tree.name_of("a\0b") is None
