"""What a study of 300 quick trials with 20 reports costs its page: share of the main thread, longest task.

The study is replayed before a page of its own, its views are looked at in turn; CPU time of the main thread
from Chromium's trace. Beside the share and the longest task stand the limits that we set ourselves. The last
row is the browser's own work on 400 labels: how slow the machine is, and what a task is to be compared with
on another one.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.page_time import page_time
from tests.benchmarks.rows import Row
from tests.real_lab import chromium, new_page

ROUNDS = 3
SHARE_PERCENT = 20.0
LONGEST_MS = 100.0


def measure() -> list[Row]:
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, chromium() as browser:
            rounds.append(page_time(browser, new_page(browser), Path(folder)))
    share_limit = Row.of("limit", "%", [[SHARE_PERCENT]])
    task_limit = Row.of("limit", "ms", [[LONGEST_MS]])
    return [
        Row.of(
            "share of the main thread",
            "%",
            [[100 * measured.share] for measured in rounds],
            beside=share_limit,
            target="× 1",
        ),
        Row.of(
            "longest task",
            "ms",
            [[measured.longest_ms] for measured in rounds],
            beside=task_limit,
            target="× 1",
        ),
        Row.of(
            "tasks over the limit",
            "",
            [[float(sum(task > LONGEST_MS for task in measured.tasks_ms))] for measured in rounds],
        ),
        Row.of("400 labels measured by the browser", "ms", [measured.yardsticks_ms for measured in rounds]),
    ]
