"""The supervisor without an executor: it outlives no driver, and preloads."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_tune.payload.packing import pack
from jupyter_tune.trials.environment import THREAD_VARIABLES
from tests.processes import PATIENCE_S, is_gone, wait_until
from tests.trial_lab import ORPHAN_CELL, cell

pytestmark = pytest.mark.usefixtures("bare_notebook", "no_process_is_left")


class Line:
    """A driver's end of the socket, spoken by hand."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE_S)
        with theirs:
            fd = theirs.fileno()
            command = [sys.executable, "-m", "jupyter_tune.executors.local.supervisor", str(fd)]
            self.process = subprocess.Popen(command, pass_fds=[fd], start_new_session=True)
        self.socket = ours
        self._lines = ours.makefile("rb")

    def say(self, **message: Any) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, kind: str) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self._lines.readline())
            if message["type"] == kind:
                return message

    def hang_up(self) -> None:
        self._lines.close()
        self.socket.close()
        self.process.wait(PATIENCE_S)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.hang_up()


def job(folder: Path, source: str) -> dict[str, Any]:
    return {
        "number": 0,
        "attempt": 1,
        "params": {},
        "resumed_from": 0,
        "seed": 1,
        "payload": str(pack(cell(source), folder).path),
        "files": str(folder),
        "metric": "accuracy",
        "options": {},
    }


def test_preloading_leaves_one_thread_and_reports_what_is_missing(line: Line) -> None:
    line.say(type="preload", modules=["numpy", "sklearn.ensemble", "no_such_module"])
    failed = line.receive("preloaded")["failed"]
    assert list(failed) == ["no_such_module"]
    assert "ModuleNotFoundError" in failed["no_such_module"]
    tasks = Path(f"/proc/{line.process.pid}/task")
    names = [(task / "comm").read_text() for task in tasks.iterdir()]
    # BLAS libraries may keep idle threads of their own, with fork handlers; Python has one
    assert len(names) <= 1 + 2 * (os.cpu_count() or 1)


def test_what_torch_loads_at_its_first_optimizer_is_there_before(line: Line, tmp_path: Path) -> None:
    line.say(type="preload", modules=["torch"])
    line.receive("preloaded")
    asks = job(tmp_path, "import sys\nreport(accuracy=float('torch._dynamo' in sys.modules))")
    for number in range(1000):
        line.say(type="launch", job={**asks, "number": number})
        is_there = line.receive("reported")["metrics"]["accuracy"]
        line.say(type="acknowledge", key=[number, 1])
        line.receive("ended")
        if is_there:
            return
    pytest.fail("torch._dynamo was never loaded")


def test_what_one_trial_had_to_import_is_there_for_the_next(line: Line, tmp_path: Path) -> None:
    # a module of the user's own, behind which a library is
    (tmp_path / "mine.py").write_text("import PIL, scipy.special")
    asks = job(
        tmp_path,
        "import sys\nthere = [name in sys.modules for name in ('PIL', 'scipy.special', 'mine')]\n"
        "import mine\nreport(accuracy=1, library=there[0], part=there[1], own=there[2])",
    )
    asks["options"]["sys_path"] = [str(tmp_path), *sys.path]
    found = []
    for number in range(2):
        line.say(type="launch", job={**asks, "number": number})
        found.append(line.receive("reported")["metrics"])
        line.say(type="acknowledge", key=[number, 1])
        assert "imported" not in line.receive("ended")
    assert [[metrics[name] for name in ("library", "part", "own")] for metrics in found] == [
        [0, 0, 0],
        [1, 1, 0],
    ]


def test_a_trial_starts_no_thread_of_the_linear_algebra(line: Line, tmp_path: Path) -> None:
    line.say(type="preload", modules=["numpy"])
    counted = job(tmp_path, "import numpy, os\nreport(accuracy=len(os.listdir('/proc/self/task')))")
    for number, threads in enumerate([1, 1, 2, 1]):
        options = {"threads": threads, "env": dict.fromkeys(THREAD_VARIABLES)}
        line.say(type="launch", job={**counted, "number": number, "options": options})
        assert line.receive("reported")["metrics"]["accuracy"] == 1
        line.say(type="acknowledge", key=[number, 1])
        line.receive("ended")


def test_what_a_payload_is_loaded_with_is_there_before(line: Line, tmp_path: Path) -> None:
    line.say(type="launch", job=job(tmp_path, "import sys\nreport(accuracy='cloudpickle' in sys.modules)"))
    assert line.receive("reported")["metrics"]["accuracy"] == 1


def test_an_interrupt_does_not_reach_it(line: Line) -> None:
    line.receive("ready")
    os.kill(line.process.pid, 2)
    line.say(type="preload", modules=[])
    line.receive("preloaded")


def test_it_ends_when_its_socket_does(line: Line, tmp_path: Path) -> None:
    line.say(type="launch", job=job(tmp_path, ORPHAN_CELL + "time.sleep(600)"))
    trial = line.receive("started")["pid"]
    daemon = int(line.receive("reported")["metrics"]["accuracy"])
    assert not is_gone(daemon)
    line.hang_up()
    assert is_gone(trial)
    assert is_gone(daemon)


def test_sigterm_ends_it_and_its_trials(line: Line, tmp_path: Path) -> None:
    line.say(type="launch", job=job(tmp_path, ORPHAN_CELL + "time.sleep(600)"))
    daemon = int(line.receive("reported")["metrics"]["accuracy"])
    line.process.terminate()
    line.process.wait(PATIENCE_S)
    assert is_gone(daemon)


def test_garbage_on_its_socket_ends_it(line: Line) -> None:
    line.receive("ready")
    line.socket.sendall(b"[1]\n")
    assert line.process.wait(PATIENCE_S) == 0


def test_a_killed_driver_leaves_nothing(tmp_path: Path) -> None:
    program = tmp_path / "driver.py"
    program.write_text(
        "import json, sys, time\n"
        "from tests.executors.test_supervisor import Line\n"
        "line = Line()\n"
        "line.say(type='launch', job=json.loads(sys.argv[1]))\n"
        "trial = line.receive('started')['pid']\n"
        "daemon = int(line.receive('reported')['metrics']['accuracy'])\n"
        "print(json.dumps([line.process.pid, trial, daemon]), flush=True)\n"
        "time.sleep(600)\n"
    )
    work = json.dumps(job(tmp_path, ORPHAN_CELL + "time.sleep(600)"))
    root = Path(__file__).parents[2]
    command = [sys.executable, str(program), work]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as driver:
        assert driver.stdout is not None
        pids = json.loads(driver.stdout.readline())
        assert all(psutil.pid_exists(pid) for pid in pids)
        driver.kill()
    wait_until(lambda: all(is_gone(pid) for pid in pids), "the driver's whole family to end")
