"""Commands: what is refused before anything starts, and notices."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import OptionError
from jupyter_tune.launch.command import Command

SPACE = jt.Space(
    {"opt": jt.Categorical(["sgd", "adam"]), "lr": jt.Float(1e-4, 1.0), "momentum": jt.Float(0, 1)},
    when={"momentum": {"opt": ["sgd"]}},
)
ALL = "--lr {lr} --opt {opt} --momentum {momentum}"
ACCURACY = {"accuracy": r"acc=(\S+)"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a train.py in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Command(""), r"command: is empty; write the program and its arguments, like 'python train"),
        (lambda: Command([]), r"command: is empty"),
        (lambda: Command(3), r"command: must be text or a list of words, got 3"),  # type: ignore[arg-type]
        (lambda: Command(["x", 3]), r"command: must be text or a list of words"),  # type: ignore[list-item]
        (lambda: Command("python 'a"), r"command: python 'a: no closing quotation; quote like 'my file'"),
        (lambda: Command("cd x && python a"), r"command: && is for a shell.*; write sh -c '...' around it"),
        (lambda: Command("python {lr"), r"\{lr: a single \{; write \{\{ for a brace"),
        (lambda: Command("a\0b"), r"command: 'a\\x00b' has characters"),
        (
            lambda: Command("x", metrics={"a": "acc=.*"}),
            r"metrics a: 'acc=\.\*' has no group; write one with",
        ),
        (lambda: Command("x", metrics={"a": "(a)(b)"}), r"metrics a: .* has 2 groups; keep one, write \(\?:"),
        (
            lambda: Command("x", metrics={"a": "(a"}),
            r"metrics a: '\(a' is not a regular expression \(missing",
        ),
        (lambda: Command("x", metrics={"step": "(a)"}), r"metrics: step counts the reports"),
        (lambda: Command("x", metrics=["loss"]), r"metrics: must be names with reg.*, got \['loss'\]"),  # type: ignore[arg-type]
        (lambda: Command("x", step_from="epoch"), r"step_from: 'epoch' has no group"),
        (lambda: Command("x", log_file=" "), r"log_file: must be a file's path, got ' '"),
        (lambda: Command("x", log_file="{"), r"a single \{"),
    ],
)
def test_a_command_that_makes_no_sense_is_an_error(make: Callable[[], Command], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        make()


@pytest.mark.parametrize(
    ("line", "options", "message"),
    [
        ("sh {lrr}", {}, r"\{lrr\}: there is no such parameter; did you mean lr\?"),
        ("sh {confg.json}", {}, r"did you mean config.json\?"),
        ("sh {}", {}, r"\{\}: there is no such parameter; there are opt, lr, momentum; write \{\{\}\} for"),
        ("no-such-program", {}, r"no-such-program: there is no such program on the PATH; give its path"),
        ("./no/program", {}, r"./no/program: there is no such program in /"),
        ("./train.py", {}, r"./train.py: cannot be executed in /"),
        ("{python} -W ignore trian.py", {}, r"trian.py: there is no such file in /"),
        ("{momentum} x", {}, r"\{momentum\}: some trials do not have this conditional parameter"),
        ("sh", {"log_file": "{momentum}.log"}, r"\{momentum\}: some trials do not have"),
        (
            "sh",
            {"metrics": {"loss": "(.)"}},
            r"metric accuracy: no regular expression finds it, there is only",
        ),
        ("sh", {"log_file": "x.log"}, r"log_file: 2 trials at once would all write x.log; give each its own"),
    ],
)
def test_a_command_that_fits_neither_ranges_nor_machine_is_an_error(
    line: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        Command(line, **options).check(SPACE, ["accuracy"], workers=2)


def test_two_parameters_of_one_variable_are_an_error() -> None:
    with pytest.raises(OptionError, match=r"lr and LR would be the same variable .*_PARAM_LR; rename one"):
        Command("sh").check(jt.Space(lr=jt.Float(0, 1), LR=jt.Float(0, 1), x=1), ["accuracy"])


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (f"sh {ALL}", []),
        ("sh {config.toml}", []),
        ("sh --lr {lr} --opt {opt}", ["momentum: not in the command; the program finds it in its environm"]),
        (
            "sh",
            ["opt, lr, momentum: not in the command; the program finds them in its environment only, as J"],
        ),
    ],
)
def test_a_notice_names_parameters_that_are_in_the_environment_only(line: str, named: list[str]) -> None:
    notices = Command(line).check(SPACE, ["accuracy"])
    assert [notice[: len(start)] for notice, start in zip(notices, named, strict=True)] == named


def test_a_notice_says_if_python_is_another_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder / "bin" / "python"
    other.parent.mkdir()
    other.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{other.parent}{os.pathsep}{os.environ['PATH']}")
    [notice] = Command(f"python train.py {ALL}").check(SPACE, ["accuracy"])
    assert notice == f"python is {other}; write {{python}} for {sys.executable}, which runs this process."
    assert Command(f"{{python}} train.py {ALL}").check(SPACE, ["accuracy"]) == []


def test_python_is_given_modules_and_code_too() -> None:
    for line in ("{python} -m pytest", "{python} -c pass", "{python} -u train.py", "{python} {opt}.py"):
        Command(f"{line} {ALL}").check(SPACE, ["accuracy"])


def test_a_list_of_words_is_taken_as_it_is() -> None:
    assert Command(["sh", "a b", "|", ""]).words == ("sh", "a b", "|", "")


def test_it_is_shown_as_it_would_be_typed() -> None:
    command = Command("sh --name '{name}' {config.json} {{x}} --m {m}")
    assert command.line({"name": "a b"}) == "sh --name 'a b' '{config.json}' '{x}'"


def test_its_work_makes_it_again() -> None:
    command = Command("sh {lr}", metrics=ACCURACY, step_from="(.)", log_file="{trial.folder}/x")
    assert Command.from_work(command.work) == command
