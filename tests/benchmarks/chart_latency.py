"""From `report()` in a trial to the point in the page: a real Lab, a real kernel, Chromium.

The trials report the time as their metric, and the page looks at every animation frame which values the
learning curves' Plotly figure holds; both read this machine's clock. In turns: the kernel idle, a cell
sleeping, a cell computing in Python, a cell in C code that does not let go of the GIL. First the trial's
share: from `report()` to the driver's record of it.
"""

from __future__ import annotations

import time

from playwright.sync_api import Page

from jupyter_tune.core.events import TrialReported
from tests.benchmarks.pages import desk
from tests.benchmarks.rows import Row, percentile
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import Lab, NotebookPage

ROUNDS = 3
LOOK_S = 8.0
SETTLE_S = 1.0
BUSY_S = LOOK_S + 2 * SETTLE_S

# twenty reports a second of each, at irregular times: they fall anywhere between two updates of the page
STUDY = """%%tune --maximize time --workers 4 --sampler random --pruner none --name clock
x: Float(0.0, 1.0) = 0.5
import random, time
for step in range(1, 28):
    time.sleep(random.uniform(0.02, 0.08))
    report(time=time.time(), step=step)
"""

KERNELS = {
    "kernel idle": "pass",
    "a cell sleeps": f"import time\ntime.sleep({BUSY_S})",
    "a cell computes": f"import time\nend = time.time() + {BUSY_S}\nwhile time.time() < end: sum(range(999))",
    "a cell holds the GIL for a second at a time": (
        f"import time\nlong = range(10**6)\nbegan = time.time()\nsum(long)\n"
        "long = range(int(10**6 / (time.time() - began)))\n"
        f"while time.time() < began + {BUSY_S}: sum(long)"
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
    with desk() as opened:
        to_page, to_driver = _look(opened.open("clock", LOAD, STUDY, *KERNELS.values()))
    rows = [Row.of("report to driver, kernel idle, median", "ms", to_driver["kernel idle"])]
    for name, statistic in (("median", percentile(50)), ("p95", percentile(95))):
        idle = None
        for state, rounds in to_page.items():
            label = f"report to page, {state}, {name}"
            row = Row.of(label, "ms", rounds, statistic=statistic, beside=idle)
            idle = idle or row
            rows.append(row)
    return rows


def _look(notebook: NotebookPage) -> tuple[Looks, Looks]:
    page = notebook.page
    notebook.run(0)
    time.sleep(SETTLE_S)
    notebook.run(1)
    page.wait_for_function(
        "document.querySelector('[data-testid=chart-curves] .js-plotly-plot')?.data?.length"
    )
    page.get_by_test_id("chart-curves").scroll_into_view_if_needed()
    page.evaluate(WATCH)
    to_page: Looks = {state: [] for state in KERNELS}
    to_driver: Looks = {state: [] for state in KERNELS}
    for _ in range(ROUNDS):
        for cell, state in enumerate(KERNELS, 2):
            began, ended = _look_for_a_while(notebook, cell, is_busy=state != "kernel idle")
            seen, recorded = _seen(page), _recorded(notebook.lab)
            reports = [reported for reported in recorded if began < reported < ended]
            missing = [reported for reported in reports if reported not in seen]
            assert not missing, f"{len(missing)} of {len(reports)} points never came to the page"
            to_page[state].append([(seen[reported] - reported) * 1000 for reported in reports])
            to_driver[state].append([(recorded[reported] - reported) * 1000 for reported in reports])
    page.get_by_test_id("stop").click()
    wait_until(lambda: "ended" in page.get_by_test_id("state").inner_text().lower(), "the study's end")
    return to_page, to_driver


def _look_for_a_while(notebook: NotebookPage, cell: int, *, is_busy: bool) -> tuple[float, float]:
    """From when until when the cell ran and the page was looked at; later points have come since."""
    page = notebook.page
    notebook.run(cell, wait=False)
    page.get_by_test_id("chart-curves").scroll_into_view_if_needed()
    time.sleep(SETTLE_S)
    began = time.time()
    time.sleep(LOOK_S)
    ended = time.time()
    prompt = notebook.panel.locator(".jp-Cell").nth(cell).locator(".jp-InputPrompt").inner_text()
    assert ("*" in prompt) == is_busy, f"the cell's prompt says {prompt}"
    page.evaluate("() => window.__run")
    wait_until(lambda: any(reported > ended for reported in _seen(page)), "a later point")
    return began, ended


def _seen(page: Page) -> dict[float, float]:
    """When each reported value was first in the chart."""
    return dict(page.evaluate("() => [...window.seenValues]"))


def _recorded(lab: Lab) -> dict[float, float]:
    """When the driver took each reported value into the journal."""
    return {
        record.event.metrics["time"]: record.at
        for record in lab.records("clock")
        if isinstance(record.event, TrialReported)
    }
