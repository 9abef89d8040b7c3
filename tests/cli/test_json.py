"""Every command with --json prints JSON, and nothing else, to stdout."""

from __future__ import annotations

import json
from typing import Any

from jupyter_tune.cli.app import cli
from tests.cli.conftest import RUN, Terminal

COMMANDS: dict[str, tuple[str, ...]] = {
    "run": (*RUN[1:], "--name", "second", "-n", "2", "--dry-run"),
    "list": (),
    "status": ("first",),
    "resume": ("first", "-n", "1"),
    "advice": ("first",),
    "report": ("first", "-o", "first.md", "--no-model"),
    "tag": ("first", "data=digits"),
    "note": ("first", "good"),
    "export": ("first",),
    "log": ("first", "--to", "tensorboard"),
    "replay": ("first",),
    "compare": ("first",),
    "stop": ("--all",),
    "delete": ("first", "--yes"),
}
"""Commands and their arguments, in an order in which all have something to do. Those of a study that runs, or
that has failed trials, have tests of their own."""


def test_every_command_prints_json(terminal: Terminal) -> None:
    terminal.run(*RUN, "--name", "first", "-n", "3")
    assert {*COMMANDS, "show", "pause", "retry", "mcp"} == set(cli.commands)
    found = {name: json.loads(terminal.run(name, *words, "--json")) for name, words in COMMANDS.items()}
    assert not (terminal.folder / "second.tune.db").exists()
    assert found["run"]["command"].endswith("--lr 0.3 --opt sgd --momentum 0.495")
    assert [row["name"] for row in found["list"]] == ["first"]
    for name, count in (("status", 3), ("resume", 4), ("tag", 4), ("note", 4)):
        assert found[name]["counts"]["complete"] == count, name
    assert found["advice"] == {"findings": [], "note": ""}
    assert found["report"] == {"report": "first.md"}
    assert [row["number"] for row in found["export"]] == [0, 1, 2, 3]
    assert found["log"]["level"] == "info"
    assert found["log"]["notice"].startswith("tensorboard: 4 trials of first logged to ")
    assert found["replay"]["differences"] == 0
    assert found["stop"] == []
    assert found["delete"] == {"deleted": str(terminal.folder / "first.tune.db")}


def test_a_study_that_runs_is_followed_paused_and_stopped_in_json(terminal: Terminal) -> None:
    def told(*words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(terminal.run(words[0], "--json", *words[1:]))
        return found

    assert told(*RUN, "--name", "live", "--detach", "-n", "4")["name"] == "live"
    lines = [json.loads(line) for line in terminal.run("show", "live", "--json").splitlines()]
    assert all(line["trial"]["state"] == "complete" for line in lines[:-1])
    assert lines[-1]["status"]["counts"]["complete"] == 4
    assert told(*RUN, "--name", "long", "--detach", "-j", "1", "--", "--pause", "0.2")
    assert told("pause", "long")["name"] == "long"
    assert told("resume", "long")["name"] == "long"
    assert told("stop", "long")["name"] == "long"


def test_a_trial_that_failed_runs_again_in_json(terminal: Terminal) -> None:
    script = terminal.folder / "train.py"
    mended = script.read_text()
    script.write_text("raise SystemExit(3)")
    terminal.run(*RUN, "--name", "mended", "-n", "1", code=1)
    script.write_text(mended)
    assert json.loads(terminal.run("retry", "mended", "--json"))["counts"]["complete"] == 1


def test_numbers_that_json_does_not_have_are_texts(terminal: Terminal) -> None:
    (terminal.folder / "train.py").write_text("print('epoch 1 acc=inf')")
    words = [word.replace("[0-9.]+", ".*") for word in RUN]
    terminal.run(*words, "--name", "odd", "-n", "1", code=1)
    assert json.loads(terminal.run("status", "odd", "--json"))["best"] is None
    assert json.loads(terminal.run("export", "odd", "--json"))[0]["value"] == "inf"
