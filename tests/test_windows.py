"""On Windows, what cannot run says so. (Windows is made believe here: nothing of this has been run there.)"""

from __future__ import annotations

import subprocess
import sys

import pytest

# the modules that Python has on POSIX systems only
AS_ON_WINDOWS = """
import sys
sys.platform = "win32"
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
import jupyter_tune as jt
"""


def run_as_on_windows(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", AS_ON_WINDOWS + code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "code", ["jt.tune", "jt.load_study", "jt.Command", "jt.Tuner", "jt.load_ipython_extension(None)"]
)
def test_studies_are_refused_with_the_way_out(code: str) -> None:
    last = run_as_on_windows(code).stderr.splitlines()[-1]
    assert "jupyter_tune cannot run studies on Windows" in last
    assert "WSL 2" in last


def test_the_command_line_is_refused_in_one_line() -> None:
    done = run_as_on_windows("from jupyter_tune.cli.app import main; main()")
    assert done.returncode == 1
    assert "jupyter_tune cannot run studies on Windows" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_training_script_runs_by_itself() -> None:
    done = run_as_on_windows("jt.Space(x=jt.Float(0, 1)); jt.report(accuracy=0.5); print(jt.trial.number)")
    assert done.stderr == ""
    assert done.stdout == "step 1: accuracy=0.5\n0\n"
