"""A terminal in an empty folder with a script and its ranges."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import PATIENCE_S, tune_processes, wait_until

SCRIPT = """\
import argparse, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--opt")
parser.add_argument("--momentum", type=float)
parser.add_argument("--pause", type=float, default=0.01)
given = parser.parse_args()
assert (given.opt == "sgd") == (given.momentum is not None)
for epoch in range(1, 10):
    print(f"epoch {epoch} acc={1 - abs(given.lr - 0.3) + epoch / 100}")
    time.sleep(given.pause)
"""

SPACE = """\
lr = { type = "float", low = 1e-3, high = 1.0, default = 0.3 }
opt = { choices = ["sgd", "adam"] }
momentum = { type = "float", low = 0.0, high = 0.99, when = { opt = ["sgd"] } }
"""

RUN = (
    *("run", "train.py", "--space", "space.toml", "--maximize", "acc", "--metric", "acc", "acc=([0-9.]+)"),
    *("--step-from", "epoch ([0-9]+)", "--sampler", "random"),
)


class Terminal:
    """Runs jupyter-tune in `folder`, which is also the folder of its studies."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.env = {**os.environ, "JUPYTER_TUNE_DIR": str(folder)}

    def start(self, *words: str, **options: object) -> subprocess.Popen[str]:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(  # type: ignore[call-overload]
            [sys.executable, "-m", "jupyter_tune.cli", *words],
            cwd=self.folder,
            env=self.env,
            text=True,
            # where the tests run in the background, shells have it ignored, which children inherit
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            **streams,
        )

    def run(self, *words: str, code: int = 0) -> str:
        """What a command prints to stdout; to stderr if it is to fail."""
        process = self.start(*words)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, out + err
        return err if code else out


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """After the test no process of its studies may run."""
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "space.toml").write_text(SPACE)
    yield Terminal(tmp_path)
    try:
        wait_until(lambda: not tune_processes(tmp_path), "every process of the test's studies to end")
    finally:
        for process in tune_processes(tmp_path):
            process.kill()
