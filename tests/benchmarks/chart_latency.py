"""From `report()` in a trial to the point in the page: a real Lab, a real kernel, Chromium.

The trials report the time as their metric, and the page looks at every animation frame which values the
learning curves' Plotly figure holds; both read this machine's clock. In turns: the kernel idle, a cell
sleeping, a cell computing in Python. Beside them the journal's share: from `report()` to the commit.
"""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from jupyter_tune.core.events import TrialReported
from jupyter_tune.journal import read_records
from tests.benchmarks.kernels import LOAD
from tests.benchmarks.rows import Row, percentile
from tests.browser.conftest import CHROMIUM, CHROMIUM_FLAGS, Lab, NotebookPage
from tests.real_kernel import tune_processes, wait_until

ROUNDS = 3
LOOK_S = 8.0
SETTLE_S = 1.0

# irregular pauses, so that reports fall anywhere between two updates of the page
STUDY = """%%tune --maximize time --workers 2 --sampler random --pruner none --name clock
x: Float(0.0, 1.0) = 0.5
import random, time
for step in range(1, 28):
    time.sleep(random.uniform(0.1, 0.5))
    report(time=time.time(), step=step)
"""

KERNELS = {
    "kernel idle": "pass",
    "a cell sleeps": f"import time; time.sleep({LOOK_S + 2 * SETTLE_S})",
    "a cell computes": (
        f"import time\nuntil = time.time() + {LOOK_S + 2 * SETTLE_S}\nwhile time.time() < until: sum(range(1000))"
    ),
}

WATCH = """() => {
  const seen = new Map();
  window.seenValues = seen;
  const look = () => {
    const plot = document.querySelector('[data-testid=chart-curves] .js-plotly-plot');
    const now = Date.now() / 1000;
    for (const trace of plot?.data ?? [])
      for (const value of trace.y ?? [])
        if (value !== null && !seen.has(value)) seen.set(value, now);
    requestAnimationFrame(look);
  };
  look();
}"""

Looks = dict[str, list[list[float]]]
"""For every state of the kernel, round by round, milliseconds."""


def measure() -> list[Row]:
    assert CHROMIUM, "no chromium on the PATH"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            page = browser.new_context(viewport={"width": 1400, "height": 1500}).new_page()
            to_page, to_journal = _look(lab, page)
        finally:
            browser.close()
            lab.close()
        wait_until(lambda: not tune_processes(lab.studies), "every process of the studies to end", 30)
    committed = Row.of("report to journal, median", "ms", [sum(to_journal["kernel idle"], [])])
    rows = [committed]
    for state in KERNELS:
        rows.append(Row.of(f"report to page, {state}, median", "ms", to_page[state], beside=committed))
        rows.append(Row.of(f"report to page, {state}, p95", "ms", to_page[state], statistic=percentile(95)))
    return rows


def _look(lab: Lab, page: Any) -> tuple[Looks, Looks]:
    lab.write("clock", LOAD, STUDY, *KERNELS.values())
    notebook = NotebookPage(lab, page, "clock")
    notebook.wait_for_kernel()
    notebook.run(0)
    time.sleep(SETTLE_S)
    notebook.run(1)
    page.wait_for_function(
        "document.querySelector('[data-testid=chart-curves] .js-plotly-plot')?.data?.length"
    )
    page.get_by_test_id("chart-curves").scroll_into_view_if_needed()
    page.evaluate(WATCH)
    to_page: Looks = {state: [] for state in KERNELS}
    to_journal: Looks = {state: [] for state in KERNELS}
    for _ in range(ROUNDS):
        for cell, state in enumerate(KERNELS, 2):
            notebook.run(cell, wait=False)
            page.get_by_test_id("chart-curves").scroll_into_view_if_needed()
            time.sleep(SETTLE_S)
            began = time.time()
            time.sleep(LOOK_S)
            ended = time.time()
            _assert_busy(notebook, cell, state)
            page.evaluate("() => window.__run")
            wait_until(lambda ended=ended: any(r > ended for r in _seen(page)), "a later point")  # type: ignore[misc]
            seen, committed = _seen(page), _committed(lab)
            reports = [reported for reported in committed if began < reported < ended]
            missing = [reported for reported in reports if reported not in seen]
            assert not missing, f"{len(missing)} of {len(reports)} points never came to the page"
            to_page[state].append([(seen[reported] - reported) * 1000 for reported in reports])
            to_journal[state].append([(committed[reported] - reported) * 1000 for reported in reports])
    page.get_by_test_id("stop").click()
    wait_until(lambda: "ended" in page.get_by_test_id("state").inner_text().lower(), "the study's end")
    return to_page, to_journal


def _seen(page: Any) -> dict[float, float]:
    """When each reported value was first in the chart."""
    return {value: at for value, at in page.evaluate("() => [...window.seenValues]")}


def _committed(lab: Lab) -> dict[float, float]:
    """When each reported value was committed."""
    records = read_records(lab.studies / "clock.tune.db")
    return {r.event.metrics["time"]: r.at for r in records if isinstance(r.event, TrialReported)}


def _assert_busy(notebook: NotebookPage, cell: int, state: str) -> None:
    prompt = notebook.panel.locator(".jp-Cell").nth(cell).locator(".jp-InputPrompt").inner_text()
    is_busy = re.search(r"\[\*\]", prompt) is not None
    assert is_busy == (state != "kernel idle"), f"{state}: the cell's prompt says {prompt}"
