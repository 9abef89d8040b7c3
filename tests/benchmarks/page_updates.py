"""What an update costs the page at 100, 1,000 and 10,000 trials: main-thread time in Chromium.

A real Lab and a real kernel. The views of update_views.py are shown, then told of 20 updates of five
records each, five a second. Main-thread time is that of all tasks of the page (Chromium's TaskDuration), so
Lab's handling of the messages is in it; less the same time at rest, for each update. Beside the dashboard:
plotly's FigureWidget with all curves in one trace, and a Plotly figure displayed anew. A FigureWidget with a
trace for each trial is left out: no page bears 10,000. Opening: from running the cell to the first chart.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.benchmarks.rows import Row
from tests.browser.conftest import CHROMIUM, CHROMIUM_FLAGS, Lab, NotebookPage

ROOT = Path(__file__).parents[2]
ROUNDS = 2
UPDATES = 20
PAUSE_S = 0.14
"""With the rests of `measure`, five updates a second."""
REST_S = 3.0
SIZES = (100, 1_000, 10_000)
VIEWS = {
    "DashboardAlone": "dashboard",
    "OneTrace": "FigureWidget, one trace",
    "DisplayedAnew": "displayed anew",
}
SETUP = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom tests.benchmarks import update_views"

Measured = dict[tuple[str, int], list[list[float]]]


def measure() -> list[Row]:
    assert CHROMIUM, "no chromium on the PATH"
    busy: Measured = {}
    opened: Measured = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            for number in range(ROUNDS):
                for view in VIEWS:
                    for trials in SIZES:
                        page = browser.new_context(viewport={"width": 1400, "height": 1500}).new_page()
                        name = f"{view}-{trials}-{number}"
                        opening_s, update_ms = _look(lab, page, name, view, trials)
                        opened.setdefault((view, trials), []).append([opening_s])
                        busy.setdefault((view, trials), []).append([update_ms])
                        page.context.close()
                        lab.end_kernels()
        finally:
            browser.close()
            lab.close()
    return [
        *(row for view in VIEWS for row in _rows("main thread an update", "ms", view, busy)),
        *(row for view in VIEWS for row in _rows("opening", "s", view, opened)),
    ]


def _rows(what: str, unit: str, view: str, measured: Measured) -> list[Row]:
    """At each size, beside the smallest."""
    smallest = Row.of(f"at {SIZES[0]} trials", unit, measured[view, SIZES[0]])
    return [
        Row.of(
            f"{what}: {VIEWS[view]}, {trials:,} trials",
            unit,
            measured[view, trials],
            beside=None if trials == SIZES[0] else smallest,
        )
        for trials in SIZES
    ]


def _look(lab: Lab, page: Any, name: str, view: str, trials: int) -> tuple[float, float]:
    """Seconds until the first chart, and the page's milliseconds for each update."""
    prepare = f"update_views.history({trials}, {UPDATES}); None"
    show = f"update_views.prepare({view!r}, {trials}, {UPDATES})"
    lab.write(name, SETUP, prepare, show, f"update_views.measure(pause_s={PAUSE_S}); None")
    notebook = NotebookPage(lab, page, name)
    notebook.wait_for_kernel()
    for cell in (0, 1):
        notebook.run(cell)
    began = time.perf_counter()
    notebook.run(2)
    page.wait_for_function(
        """() => [...document.querySelectorAll('.js-plotly-plot .scatterlayer path')]
          .some(path => path.getAttribute('d'))""",
        timeout=120_000,
    )
    opening_s = time.perf_counter() - began
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.wait_for_timeout(2000)
    at_rest = _busy_s(devtools)
    page.wait_for_timeout(1000 * REST_S)
    rest_share = (_busy_s(devtools) - at_rest) / REST_S
    before, started = _busy_s(devtools), time.perf_counter()
    notebook.run(3)
    page.wait_for_timeout(1000)
    spent, passed = _busy_s(devtools) - before, time.perf_counter() - started
    return opening_s, 1000 * (spent - rest_share * passed) / UPDATES


def _busy_s(devtools: Any) -> float:
    """Seconds that the page's main thread has spent in tasks."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))
