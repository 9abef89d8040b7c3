"""Real kernels for the benchmarks: started in an empty folder, timed, and gone without a trace."""

from __future__ import annotations

import contextlib
import queue
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.processes import PATIENCE_S, tune_processes, wait_until
from tests.real_kernel import Kernel


@contextlib.contextmanager
def studies_folder() -> Iterator[Path]:
    """A folder for studies; raises AssertionError if at the end a process of theirs goes on."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        yield folder
        wait_until(lambda: not tune_processes(folder), "every process of the studies to end")


@contextlib.contextmanager
def fresh_kernel() -> Iterator[Kernel]:
    with studies_folder() as folder:
        kernel = Kernel(folder)
        try:
            yield kernel
        finally:
            kernel.close()


def end_study(kernel: Kernel) -> None:
    """Stop `study` and wait until the kernel is at rest."""
    kernel.run("study.stop()")
    kernel.run("await study")
    # the end draws a picture, in a process of its own: not beside the next measurement
    kernel.wait_for("not any(t.name == 'jupyter_tune view' for t in __import__('threading').enumerate())")


def reply_s(kernel: Kernel, code: str) -> tuple[float, float]:
    """When the cell was sent (unix seconds), and how long its reply took."""
    sent = time.time()
    number = kernel.send(code)
    while True:
        reply = kernel.client.get_shell_msg(timeout=PATIENCE_S)
        if reply["parent_header"].get("msg_id") == number:
            took = time.time() - sent
            assert reply["content"]["status"] == "ok", reply["content"]
            return sent, took


def done_s(kernel: Kernel, code: str) -> float:
    """How long a cell takes from being sent until it has replied and the kernel says idle."""
    began = time.perf_counter()
    outcome = kernel.gather(kernel.send(code))
    took = time.perf_counter() - began
    assert outcome.status == "ok", outcome.error
    return took


def read_away(kernel: Kernel, pause_s: float) -> None:
    """Pause, taking in what the kernel publishes meanwhile, as a front end would."""
    until = time.monotonic() + pause_s
    while (left := until - time.monotonic()) > 0:
        with contextlib.suppress(queue.Empty):
            kernel.client.get_iopub_msg(timeout=left)
