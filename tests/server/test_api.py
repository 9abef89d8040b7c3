from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from jupyter_tune.core.events import StudyEnded
from jupyter_tune.journal import files_folder
from tests.server.studies import begun, written
from tests.views.studies import story, whole

API = "jupyter-tune/api"


def of(name):
    return f"{API}/studies/{quote(name, safe='')}"


def test_each_study_under_the_root_is_listed_with_how_it_stands(server):
    folder = server.root / "listed"
    written(folder / "studies" / "ended.tune.db", *story(20), StudyEnded("all trials are done"), kind="cell")
    written(folder / "deep" / "er" / "gone.tune.db")
    rows = server.studies()
    ended, gone = rows["listed/studies/ended.tune.db"], rows["listed/deep/er/gone.tune.db"]
    assert (ended["name"], ended["folder"], ended["kind"]) == ("ended", "listed/studies", "cell")
    assert (ended["state"], ended["reason"]) == ("ended", "all trials are done")
    assert (ended["trials"], ended["done"], ended["budget"], ended["error"]) == (20, 20, 60, None)
    assert sum(ended["counts"].values()) == 20
    assert ended["spark"][-1] == ended["best"]
    assert ended["spark"] == sorted(ended["spark"])
    assert ended["best_params"].keys() == {"lr", "width", "act", "seed"}
    assert (gone["state"], gone["running"], gone["eta_s"], gone["leader"]) == ("interrupted", 0, None, None)


def test_a_study_is_shown_and_compared_without_a_kernel(server):
    for name in ("one", "other"):
        written(server.root / "shown" / f"{name}.tune.db", *story(20), StudyEnded("done"))
    shown = server.get(of("shown/one.tune.db")).content
    assert shown["version"] == 1
    assert shown["tables"]["status"]["state"] == "ended"
    assert len(shown["tables"]["trials"]["number"]) == 20
    compared = server.get(f"{API}/compare?path=shown/one.tune.db&path=shown%2Fother.tune.db").content
    assert [trace["name"] for trace in compared["chart"]["data"]] == ["one", "other"]
    assert {row["label"] for row in compared["table"]} == {"one", "other"}


@pytest.mark.parametrize("last", [(), (StudyEnded("done"),)], ids=["interrupted", "ended"])
def test_its_model_is_drawn_without_a_kernel(server, last):
    name = f"modelled/{len(last)}.tune.db"
    written(server.root / name, *story(20), *last)
    model = server.get(f"{of(name)}/model").content
    # as in the tables of its dashboard, where it is missing at first
    assert server.get(of(name)).content["tables"]["landscape"] is None
    assert (model["x"], model["y"]) == ("lr", "width")
    assert len(model["mean"]) == len(model["y_values"])
    assert "x_axis" in model
    assert server.get(f"{of('modelled/none.tune.db')}/model").status == 404


@pytest.mark.parametrize(
    ("message", "status", "says"),
    [
        ({"type": "stop"}, 409, "is not running"),
        ({"type": "open"}, 400, "no such request 'open'"),
        ({"type": "narrow"}, 400, "lacks ranges"),
        ({}, 400, "no such request None"),
        (["stop"], 400, "object"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_in_words(server, message, status, says):
    if not (server.root / "asked.tune.db").exists():
        written(server.root / "asked.tune.db")
    answer = server.ask("POST", f"{of('asked.tune.db')}/requests", message)
    assert answer.status == status
    assert says in answer.content["message"]


def test_a_study_is_deleted_with_its_files_unless_it_runs(server):
    path = written(server.root / "old.tune.db")
    files_folder(path).mkdir()
    running = begun(server.root / "running.tune.db", *whole(0))
    refused = server.ask("DELETE", of("running.tune.db"))
    assert refused.status == 409
    assert "is being written by process" in refused.content["message"]
    running.close()
    assert server.ask("DELETE", of("old.tune.db")).status == 204
    assert not path.exists()
    assert not files_folder(path).exists()
    assert "old.tune.db" not in server.studies()
    assert server.ask("DELETE", of("old.tune.db")).status == 404


def test_a_study_that_cannot_be_read_has_a_row_that_says_why(server):
    path = server.root / "broken.tune.db"
    path.write_bytes(b"no database" * 100)
    row = server.studies()["broken.tune.db"]
    assert "is not a study of jupyter_tune" in row["error"]
    assert (row["state"], row["best"], row["name"]) == ("", None, "broken")
    refused = server.get(of("broken.tune.db"))
    assert refused.status == 409
    assert "is not a study of jupyter_tune" in refused.content["message"]
    path.unlink()
    assert "broken.tune.db" not in server.studies()


@pytest.mark.parametrize(
    "name",
    [
        "../outside.tune.db",
        "/../outside.tune.db",
        "link.tune.db",
        "linked/outside.tune.db",
        ".hidden/inside.tune.db",
        "notes.txt",
        "none.tune.db",
        "circle.tune.db",
        f"{'x' * 5000}.tune.db",
        "nul\0.tune.db",
    ],
)
def test_what_is_not_under_the_root_is_not_there(server, name):
    outside = server.root.parent / "outside.tune.db"
    if not outside.exists():
        written(outside)
        written(server.root / ".hidden" / "inside.tune.db")
        (server.root / "link.tune.db").symlink_to(outside)
        (server.root / "linked").symlink_to(outside.parent)
        (server.root / "notes.txt").write_text("text")
        (server.root / "circle.tune.db").symlink_to(server.root / "circle.tune.db")
    before = outside.read_bytes()
    for method, path, content in [
        ("GET", of(name), None),
        ("DELETE", of(name), None),
        ("POST", f"{of(name)}/requests", {"type": "stop"}),
        ("GET", f"{API}/compare?path={quote(name)}", None),
    ]:
        answer = server.ask(method, path, content)
        assert answer.status in (400, 404), (method, answer)
        assert "outside" not in json.dumps(answer.content)
    assert outside.read_bytes() == before
    assert not {row for row in server.studies() if "outside" in row or "link" in row or "hidden" in row}
