"""Whole studies of commands, from Python."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import OptionError, SpaceError
from jupyter_tune.launch.command import Command

pytestmark = pytest.mark.usefixtures("nothing_stays")

SPACE = jt.Space(
    {"opt": jt.Categorical(["sgd", "adam"]), "lr": jt.Float(1e-4, 1.0), "momentum": jt.Float(0, 1)},
    when={"momentum": {"opt": ["sgd"]}},
)
WORDS = "--lr {lr} --opt {opt} --momentum {momentum}"
ACCURACY = {"accuracy": r"acc=(\S+)"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


SCRIPT = """\
import argparse, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--opt")
parser.add_argument("--momentum", type=float)
given = parser.parse_args()
assert (given.opt == "sgd") == (given.momentum is not None)
for epoch in range(1, 10):
    print(f"epoch {epoch}: acc={1 - abs(given.lr - 0.3) + epoch / 100}")
    time.sleep(0.05)
"""
OPTIONS: dict[str, Any] = {"maximize": "accuracy", "sampler": "random", "max_steps": 9}


def command(**options: Any) -> Command:
    options = {"metrics": ACCURACY, "step_from": r"epoch (\d+)", **options}
    return Command([sys.executable, "train.py", *WORDS.split()], **options)


def test_a_command_is_tuned_pruned_and_resumed(folder: Path) -> None:
    (folder / "train.py").write_text(SCRIPT)
    study = jt.tune(command(), SPACE, name="command", trials=8, workers=2, **OPTIONS)
    study.wait()
    states = {trial.state for trial in study.trials}
    assert states == {"complete", "pruned"}
    best = study.best_trial
    assert best.curve.keys() == set(range(1, 10))
    assert best.value == pytest.approx(1 - abs(float(str(best.params["lr"])) - 0.3) + 0.09)
    study.resume(trials=1)
    study.wait()
    assert len(study.trials) == 9
    again = jt.tune(command(), SPACE, name="command", resume=True, trials=10, **OPTIONS)
    again.wait()
    assert [trial.state for trial in again.trials][9] in states


def test_a_study_ends_early_if_its_command_always_fails(folder: Path) -> None:
    (folder / "train.py").write_text("raise RuntimeError('no data')")
    study = jt.tune(command(), SPACE, trials=50, workers=1, **OPTIONS)
    study.wait()
    assert {trial.reason for trial in study.trials} == {"exited with code 1: RuntimeError: no data"}
    assert len(study.trials) < 10


def test_a_changed_command_is_noticed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "train.py").write_text(SCRIPT)
    jt.tune(command(), SPACE, name="changed", trials=1, **OPTIONS).wait()
    resumed: dict[str, Any] = {"name": "changed", "resume": True, **OPTIONS}
    jt.tune(command(), SPACE, trials=2, **resumed).wait()
    assert "code has changed" not in capsys.readouterr().out
    jt.tune(command(step_from=r"epoch (\d)"), SPACE, trials=3, **resumed).wait()
    assert "The code has changed (the command itself)" in capsys.readouterr().out


def test_choices_that_are_objects_are_given_by_their_labels(folder: Path) -> None:
    (folder / "train.py").write_text("import sys\nprint(sys.argv[1:], 'acc=1')")
    space = {"size": jt.Categorical([(64, 64), (128,)]), "flag": jt.Categorical([False, None])}
    command = Command([sys.executable, "train.py", "{size}", "{flag}"], metrics=ACCURACY)
    study = jt.tune(command, space, trials=1, maximize="accuracy", sampler="random")
    study.wait()
    assert study.log(0) == "['(64, 64)', 'False'] acc=1\n"
    assert study.best_params == {"size": (64, 64), "flag": False}


def test_what_is_wrong_is_an_error_before_anything_starts(folder: Path) -> None:
    options: dict[str, Any] = {"trials": 1, "maximize": "accuracy", "name": "never"}
    with pytest.raises(OptionError, match="no such program"):
        jt.tune(Command("nothing {lr}"), {"lr": jt.Float(0, 1)}, **options)
    with pytest.raises(SpaceError, match=r"a command has no ranges of its own; give them"):
        jt.tune(Command("sh"), **options)
    with pytest.raises(OptionError, match=r"metric: an option of %%tune.*, not of tune\(\)"):
        jt.tune(Command("sh"), SPACE, metric={"accuracy": "(.)"}, **options)
    assert list(folder.glob("*.tune.db")) == []
