"""A program in a process group of its own, as a user's script is, which prints what was measured."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.kernels import studies_folder


def outcome(program: str, limit_s: float) -> Any:
    """The JSON that the program prints. It is given the folder of its studies as an argument, and nothing of
    it is left when this returns.

    Raises: AssertionError if it fails, subprocess.TimeoutExpired after `limit_s`.
    """
    with studies_folder() as folder:
        path = folder / "program.py"
        path.write_text(program)
        process = subprocess.Popen(
            [sys.executable, str(path), str(folder)],
            env={**os.environ, "JUPYTER_TUNE_DIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=folder,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=limit_s)
        finally:
            with contextlib.suppress(ProcessLookupError):  # they have ended, as they should
                os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == 0, f"it ended with status {process.returncode}; its output says why"
        return json.loads(output)
