"""jupyter-tune in a terminal: studies of a script from the start to the export."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from tests.cli.conftest import RUN, Terminal
from tests.processes import PATIENCE_S, wait_until


def status(terminal: Terminal, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(terminal.run("status", name, "--json"))
    return found


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """What a process prints, up to the line with `text`."""
    deadline = time.monotonic() + PATIENCE_S
    lines = ""
    while text not in lines:
        assert time.monotonic() < deadline, f"no {text!r} in {lines}"
        line = process.stdout.readline()
        assert line, f"ended without {text!r}: {lines}"
        lines += line
    return lines


def test_a_script_is_tuned_listed_exported_and_resumed(terminal: Terminal) -> None:
    out = terminal.run(*RUN, "--name", "first", "-n", "5", "-j", "2", "--max-steps", "9")
    lines = out.splitlines()
    assert [line.split("]")[0] for line in lines[:5]] == [f"[{k}/5" for k in range(1, 6)]
    assert "trial 0 complete: acc 1.09" in out
    assert lines[-3:-1] == ["first: maximize acc, ended: all trials done", lines[-2]]
    assert lines[-2].startswith("best 1.09 in trial 0, measured once: lr=0.3, opt='sgd', momentum=")
    assert terminal.run("list").splitlines()[1].split() == ["first", "ended", "5", "1.09", "acc"]
    [row] = json.loads(terminal.run("list", "--json"))
    assert (row["name"], row["state"], row["best"]) == ("first", "ended", 1.09)
    rows = list(csv.DictReader(io.StringIO(terminal.run("export", "first"))))
    assert [row["number"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert {row["params_momentum"] == "" for row in rows if row["params_opt"] == "adam"} <= {True}
    assert terminal.run("export", "first", "-o", "rows.json") == ""
    assert "all the same" in terminal.run("replay", "first")
    assert json.loads(terminal.run("replay", "first", "--json"))["differences"] == 0
    terminal.run("tag", "first", "data=digits", "draft")
    terminal.run("tag", "first", "draft", "--remove")
    terminal.run("tag", "first", "good", "--trial", "1")
    terminal.run("note", "first", "in a terminal")
    assert "[data=digits]" in terminal.run("list", "--tag", "data=digits")
    assert "No studies" in terminal.run("list", "--tag", "draft")
    assert "user_attrs_good" in terminal.run("export", "first")
    assert terminal.run("report", "first", "-o", "one.md", "--no-model") == "The report is in one.md.\n"
    assert "> in a terminal" in (terminal.folder / "one.md").read_text()
    first = json.loads((terminal.folder / "rows.json").read_text())[0]
    assert first["curve"] == [[k, pytest.approx(1 + k / 100)] for k in range(1, 10)]
    assert (first["value"], first["params_lr"], first["state"]) == (1.09, 0.3, "complete")
    screen = terminal.run("show", "first")
    assert "5 of 5" in screen
    assert terminal.run("advice", "first").startswith("No finding")
    assert "complete" in screen
    resumed = terminal.run("resume", "first", "-n", "2")
    assert [line.split("]")[0] for line in resumed.splitlines()[:2]] == ["[6/7", "[7/7"]


def test_failed_trials_run_again_once_the_script_is_mended(terminal: Terminal) -> None:
    script = terminal.folder / "train.py"
    mended = script.read_text()
    script.write_text(f"import sys\nassert '0.3' in sys.argv\n{mended}")
    terminal.run(*RUN, "--name", "mended", "-n", "3")
    counts = json.loads(terminal.run("status", "mended", "--json"))["counts"]
    assert (counts["complete"], counts["failed"]) == (1, 2)
    assert "0" in terminal.run("retry", "mended", "0", code=1)
    assert "TRIAL: must be a number, got 'all'" in terminal.run("retry", "mended", "all", code=1)
    script.write_text(mended)
    assert "trial 1 complete" in terminal.run("retry", "mended", "1")
    counts = json.loads(terminal.run("retry", "mended", "--json"))["counts"]
    assert (counts["complete"], counts["failed"]) == (3, 0)
    assert "no trial has failed" in terminal.run("retry", "mended", code=1)


def test_the_first_ctrl_c_stops_the_study_cleanly(terminal: Terminal) -> None:
    process = terminal.start(*RUN, "--name", "long", "-j", "2", "--", "--pause", "0.1")
    read_until(process, "trial 0 complete")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopping the study" in err
    assert "long: maximize acc, ended: " in out
    assert status(terminal, "long")["state"] == "ended"


def test_studies_are_listed_and_stopped_wherever_they_run(terminal: Terminal, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    for name, more in (("here", ()), ("there", ("--dir", str(elsewhere)))):
        terminal.run(*RUN, "--name", name, *more, "--detach", "--", "--pause", "0.2")
    listed = terminal.run("list")
    assert [line.split()[:2] for line in listed.splitlines()[1:2]] == [["here", "running*"]]
    there = next(line for line in listed.splitlines() if line.startswith("there"))
    assert there.split()[1] == "running*"
    assert there.endswith(f"  {elsewhere}")
    assert "* detached" in listed
    rows = json.loads(terminal.run("list", "--json"))
    assert [(row["name"], row["folder"], row["is_detached"]) for row in rows] == [
        ("here", str(terminal.folder), True),
        ("there", str(elsewhere), True),
    ]
    # from another folder, a study that runs is found by its name only in words
    assert f"'{elsewhere}/there.tune.db'" in terminal.run("status", "there", code=1)
    assert "give the name of a study, or --all" in terminal.run("stop", code=1)
    assert terminal.run("stop", "--all").splitlines() == sorted(
        [f"Stopped: {terminal.folder}/here.tune.db", f"Stopped: {elsewhere}/there.tune.db"],
        key=lambda line: line.removeprefix("Stopped: "),
    )
    wait_until(lambda: terminal.run("stop", "--all") == "No study is running.\n", "both studies to end")
    assert status(terminal, "here")["state"] == "ended"
    assert "Running in other folders" not in terminal.run("list")


def test_studies_are_sorted_and_deleted(terminal: Terminal) -> None:
    for name, count in (("b", "3"), ("a", "1"), ("c", "2")):
        terminal.run(*RUN, "--name", name, "-n", count, "--seed", count)

    def order(key: str) -> str:
        return "".join(row["name"] for row in json.loads(terminal.run("list", "--json", "--sort", key)))

    assert [order(key) for key in ("changed", "created", "name", "trials")] == ["bac", "bac", "abc", "bca"]
    best = {row["name"]: row["best"] for row in json.loads(terminal.run("list", "--json"))}
    assert [best[name] for name in order("best")] == sorted(best.values(), reverse=True)
    assert "is not one of" in terminal.run("list", "--sort", "size", code=2)
    assert "does not exist" in terminal.run("delete", "d", "--yes", code=1)
    # nobody answers the question
    assert "Aborted" in terminal.run("delete", "a", code=1)
    assert terminal.run("delete", "a", "--yes") == f"Deleted: {terminal.folder}/a.tune.db\n"
    assert order("name") == "bc"
    assert not list(terminal.folder.glob("a.tune*"))


def test_a_detached_study_is_followed_paused_resumed_and_stopped(terminal: Terminal) -> None:
    out = terminal.run(*RUN, "--name", "away", "--detach", "--", "--pause", "0.1")
    assert "jupyter-tune stop away ends it" in out
    view = terminal.start("show", "away")
    assert "away: maximize acc, running" in read_until(view, "] trial ")
    view.send_signal(signal.SIGINT)
    view.communicate(timeout=60)
    assert view.returncode == 130
    terminal.run("pause", "away")
    assert status(terminal, "away")["state"] == "paused"
    terminal.run("resume", "away")
    assert status(terminal, "away")["state"] == "running"
    terminal.run("stop", "away")
    wait_until(lambda: status(terminal, "away")["state"] == "ended", "the study's end")
    error = terminal.run("pause", "away", code=1)
    assert error == (
        "Error: study 'away' is not running, it is ended; jupyter-tune resume away goes on with it\n"
    )


def test_a_terminal_shows_a_screen_that_is_kept_up_to_date(terminal: Terminal) -> None:
    terminal.run(*RUN, "--name", "seen", "--detach", "-n", "3")
    ours, theirs = pty.openpty()
    view = terminal.start("show", "seen", stdout=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:
        pass  # a terminal whose last program has ended
    os.close(ours)
    assert view.wait(60) == 0
    assert view.stderr is not None
    view.stderr.close()
    text = shown.decode()
    assert "3 of 3" in text
    assert "seen: maximize acc, ended: all trials done" in text
    wait_until(lambda: status(terminal, "seen")["state"] == "ended", "the study's end")


def test_an_interrupted_study_goes_on_from_another_folder(terminal: Terminal, tmp_path: Path) -> None:
    process = terminal.start(*RUN, "--name", "killed", "-n", "4", "--", "--pause", "0.1")
    read_until(process, "trial 0 complete")
    process.kill()
    process.communicate()
    wait_until(lambda: status(terminal, "killed")["state"] == "interrupted", "the study's interruption")
    (tmp_path / "elsewhere").mkdir()
    terminal.folder = tmp_path / "elsewhere"
    assert "killed: maximize acc, ended: all trials done" in terminal.run("resume", "killed")


def test_placeholders_say_where_the_values_go(terminal: Terminal) -> None:
    words = [*RUN, "--dry-run"]
    text = terminal.run(*words, "--", "--epochs", "20")
    assert "train.py --epochs 20 --lr 0.3 --opt sgd --momentum 0.495" in text
    assert "Nothing was started." in text
    assert "train.py '{config.json}'\n" in terminal.run(*words, "--", "{config.json}")
    assert "train.py\n" in terminal.run(*words, "--no-flags")
    assert list(terminal.folder.glob("*.tune.db")) == []


def test_the_result_may_be_json(terminal: Terminal) -> None:
    found = json.loads(terminal.run(*RUN, "--name", "data", "-n", "1", "--json"))
    assert (found["state"], found["counts"]["complete"], found["best"]["value"]) == ("ended", 1, 1.09)


def test_a_study_without_a_result_ends_with_code_1(terminal: Terminal) -> None:
    (terminal.folder / "train.py").write_text("raise RuntimeError('no data')")
    process = terminal.start(*RUN, "-n", "3")
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "trial 0 failed: exited with code 1: RuntimeError: no data" in out


@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("run train.py --maximize acc", 1, "Error: --space: needs the TOML file with the ranges"),
        (
            "run train.py --space space.toml",
            1,
            "Error: no metric: name one and its direction, like --",
        ),
        ("run train.py --space no.toml --maximize acc", 1, "Error: no.toml: No such file or directory"),
        ("run trian.py --space space.toml --maximize acc", 1, "Error: trian.py: there is no such file in"),
        ("run x.ipynb --space space.toml --maximize acc", 1, "Error: x.ipynb: is a notebook"),
        (
            "run train.py --space space.toml --maximize acc --trials 0",
            1,
            "Error: --trials: must be 1 or more",
        ),
        (
            "run train.py --space space.toml --maximize acc --metric acc x",
            1,
            "Error: --metric acc: 'x' has",
        ),
        ("run train.py --space space.toml --maximize acc -- {lrr}", 1, "Error: {lrr}: there is no such"),
        ("run train.py --maximise acc", 2, "--maximise"),
        ("run", 2, "Missing argument 'SCRIPT'"),
        ("status nothing", 1, "Error: "),
        ("resume nothing --trials 0", 1, "Error: --trials: must be 1 or more, got 0"),
        ("export nothing --format xml", 2, "'xml' is not one of 'csv', 'json'"),
        ("frobnicate", 2, "No such command 'frobnicate'"),
    ],
)
def test_what_is_wrong_is_one_error_before_anything_starts(
    terminal: Terminal, line: str, code: int, error: str
) -> None:
    assert error in terminal.run(*line.split(), code=code)
    assert list(terminal.folder.glob("*.tune.db")) == []


def test_a_study_of_a_function_is_resumed_where_its_code_is(terminal: Terminal) -> None:
    code = (
        "import jupyter_tune as jt\n"
        "def f(x: jt.Float(0, 1)): return x\n"
        "jt.tune(f, name='function', maximize='score', trials=1, sampler='random').wait()"
    )
    (terminal.folder / "own.py").write_text(code)
    subprocess.run([sys.executable, "own.py"], cwd=terminal.folder, env=terminal.env, check=True, timeout=60)
    assert "is in a notebook or script; resume it there" in terminal.run("resume", "function", code=1)


def test_it_loads_nothing_heavy() -> None:
    code = (
        "import jupyter_tune.cli.app, sys\n"
        "print([m for m in ('torch', 'numpy', 'pandas', 'plotly', 'IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_executable_is_the_one_that_jupyter_looks_for() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    module, _, name = project["scripts"]["jupyter-tune"].partition(":")
    assert callable(getattr(import_module(module), name))
