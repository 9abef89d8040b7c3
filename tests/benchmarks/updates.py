"""What an update costs at 100, 1,000 and 10,000 trials: bytes to the page, CPU time of the kernel.

In a real kernel; an update brings five records of trials that go on (reports, mostly). The bytes are those of
the frames on the wire, the CPU time that of the whole kernel process. Whole kernel side: also what comes
before, from the driver's message to the view's thread. Beside it, with the same learning curves: plotly's
FigureWidget, all curves in one trace or each in its own, whose changed arrays are assigned; and a Plotly
figure displayed anew through its display id.
"""

from __future__ import annotations

import ast
from pathlib import Path

import zmq

from tests.benchmarks.kernels import fresh_kernel, read_away
from tests.benchmarks.rows import Row, by_size
from tests.processes import PATIENCE_S
from tests.real_kernel import Kernel

ROUNDS = 3
UPDATES = 20
SIZES = (100, 1_000, 10_000)
TOO_SLOW = frozenset({("TraceEach", 10_000)})
"""A trace for each of so many trials: plotly needs minutes to make the figure."""

VIEWS = {
    "DashboardAlone": "dashboard",
    "WholeKernelSide": "dashboard, whole kernel side",
    "OneTrace": "FigureWidget, one trace",
    "TraceEach": "FigureWidget, a trace each",
    "DisplayedAnew": "displayed anew",
}
TO_THE_PAGE = ("comm_open", "comm_msg", "display_data", "update_display_data")

Measured = dict[str, dict[int, list[list[float]]]]
"""For every view and size, round by round."""


def measure() -> list[Row]:
    sizes: Measured = {view: {} for view in VIEWS}
    taken: Measured = {view: {} for view in VIEWS}
    with fresh_kernel() as kernel:
        kernel.run(f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})")
        kernel.run("from tests.benchmarks import update_views")
        for _ in range(ROUNDS):
            for view in VIEWS:
                for trials in SIZES:
                    if (view, trials) in TOO_SLOW:
                        continue
                    size, cpu = _update(kernel, view, trials)
                    sizes[view].setdefault(trials, []).append([size])
                    taken[view].setdefault(trials, []).append(cpu)
    tables = [
        *(by_size(f"bytes an update: {name}", "B", sizes[view]) for view, name in VIEWS.items()),
        *(by_size(f"CPU an update: {name}", "ms", taken[view]) for view, name in VIEWS.items()),
    ]
    # the smallest size is told beside the others
    return [row for table in tables for row in table[1:]]


def _update(kernel: Kernel, view: str, trials: int) -> tuple[float, list[float]]:
    """Bytes for each update on average, and CPU milliseconds of each."""
    kernel.run(f"update_views.prepare({view!r}, {trials}, {UPDATES})")
    read_away(kernel, 1.0)
    number = kernel.send("update_views.measure()")
    total, result = 0, ""
    socket: zmq.Socket[bytes] = kernel.client.iopub_channel.socket
    while True:
        assert socket.poll(int(PATIENCE_S * 1000)), f"{view}: the kernel says nothing any more"
        frames = socket.recv_multipart()
        _, parts = kernel.client.session.feed_identities(frames)
        message = kernel.client.session.deserialize(parts)
        kind, content = message["msg_type"], message["content"]
        if kind in TO_THE_PAGE:
            total += sum(map(len, frames))
        if message["parent_header"].get("msg_id") == number:
            assert kind != "error", "\n".join(content["traceback"])
            if kind == "execute_result":
                result = content["data"]["text/plain"]
            if kind == "status" and content["execution_state"] == "idle":
                break
    assert total, f"{view}: no update came"
    kernel.client.get_shell_msg(timeout=PATIENCE_S)
    cpu: list[float] = ast.literal_eval(result)
    return total / UPDATES, cpu
