"""How soon a study begins: from sending the cell to the magic's reply, and to its first trial's first line.

Every start is in a fresh kernel that has imported torch. Warm: the extension was loaded before, and all
is at rest. Cold: it is loaded in the cell just before. Beside one `import torch` in a fresh process.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.kernels import end_study, fresh_kernel, reply_s
from tests.benchmarks.rows import Row
from tests.processes import wait_until
from tests.real_kernel import LOAD, Kernel

WARM_STARTS = 5
COLD_STARTS = 3
SETTLE_S = 8.0
"""From the preparation of the last warm kernel to the first start."""

MODEL = """
import torch
from torch import nn

images, labels = torch.randn(600, 64), torch.randint(10, (600,))

def make_model(width):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))

def train_epoch(model, optimizer):
    for batch in torch.randperm(len(images)).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
    return loss.item()
"""

CELL = """%%tune --minimize loss --trials 20 --workers 2 --max-steps 9 --name begins
lr: Float(1e-4, 1.0, log=True) = 1e-2
width: Int(8, 512, log=True) = 32
import time
print(time.time())
model = make_model(width)
optimizer = torch.optim.SGD(model.parameters(), lr)
for epoch in range(1, 10):
    report(loss=train_epoch(model, optimizer), step=epoch)
"""

Start = tuple[float, float]
"""Seconds from sending the cell to the reply, and to the first trial's first line."""


def measure() -> list[Row]:
    imports, warm, cold = [import_torch_s()], _warm_starts(), []
    for _ in range(COLD_STARTS):
        imports.append(import_torch_s())
        cold.append(_cold_start())
    imports.append(import_torch_s())
    torch = Row.of("`import torch` in a fresh process", "s", [[took] for took in imports])
    return [
        Row.of("warm: magic's reply", "s", [[reply] for reply, _ in warm], target="1 s"),
        Row.of(
            "warm: first line, after sending",
            "s",
            [[line] for _, line in warm],
            beside=torch,
            target="1 s after the reply",
        ),
        Row.of("cold: magic's reply", "s", [[reply] for reply, _ in cold], target="1 s"),
        Row.of(
            "cold: first line, after sending",
            "s",
            [[line] for _, line in cold],
            beside=torch,
            target="no later than the import",
        ),
        torch,
    ]


def import_torch_s() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - began


def _warm_starts() -> list[Start]:
    # all kernels are prepared first, so that they settle together
    with contextlib.ExitStack() as stack:
        kernels = []
        for _ in range(WARM_STARTS):
            kernel = stack.enter_context(fresh_kernel())
            kernel.run(LOAD)
            kernel.run(MODEL)
            kernels.append(kernel)
        time.sleep(SETTLE_S)
        return [_start(kernel) for kernel in kernels]


def _cold_start() -> Start:
    with fresh_kernel() as kernel:
        kernel.run(MODEL)
        kernel.run(LOAD)
        return _start(kernel)


def _start(kernel: Kernel) -> Start:
    sent, reply = reply_s(kernel, CELL)
    log = kernel.folder / "begins.tune.files" / "trials" / "0" / "attempt-1.log"
    wait_until(lambda: _has_line(log), "the first trial's first line")
    line = float(log.read_text().splitlines()[0]) - sent
    end_study(kernel)
    return reply, line


def _has_line(log: Path) -> bool:
    return log.exists() and "\n" in log.read_text()
