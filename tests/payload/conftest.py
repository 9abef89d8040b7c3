"""Objects of a notebook, recreated in a process that has never seen it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_tune.payload.packing import pack
from tests.trial_lab import cell

TRIALS = """
import os, sys
from pathlib import Path
from jupyter_tune.payload.loading import load
from jupyter_tune.trials.program import fresh_main
for line in sys.stdin:
    path, question = line.rstrip().split(" ", 1)
    if os.fork() == 0:
        space = fresh_main().__dict__
        load(Path(path), space)
        print(repr(eval(question, space)), flush=True)
        os._exit(0)
    os.wait()
    print("END", flush=True)
"""


@pytest.fixture(scope="module")
def trials() -> Iterator[subprocess.Popen[str]]:
    """Answers lines of a payload's path and a question, each in a process that has seen neither."""
    command = [sys.executable, "-c", TRIALS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


@pytest.fixture
def space() -> Iterator[dict[str, object]]:
    """The notebook's variables."""
    main = sys.modules["__main__"]
    before = dict(main.__dict__)
    yield main.__dict__
    if hasattr(made := main.__dict__.get("it"), "close"):
        made.close()
    main.__dict__.clear()
    main.__dict__.update(before)


@pytest.fixture
def recreated(
    tmp_path: Path, space: dict[str, object], trials: subprocess.Popen[str]
) -> Callable[[str, str], str]:
    """Runs a source in the notebook, sends `it` to a trial and asks the trial a question."""

    def ask(source: str, question: str) -> str:
        exec(source, space)
        packed = pack(cell(names={"it": space["it"]}), tmp_path)
        assert trials.stdin is not None
        assert trials.stdout is not None
        print(packed.path, question, file=trials.stdin, flush=True)
        return "".join(iter(trials.stdout.readline, "END\n")).strip()

    return ask
