"""What an update costs the page at 100, 1,000 and 10,000 trials: main-thread time in Chromium.

A real Lab and a real kernel. The views of update_views.py are shown, then told of 20 updates of five
records each, five a second. Main-thread time is that of all tasks of the page (Chromium's TaskDuration), so
Lab's handling of the messages is in it; less the same time at rest, for each update. Beside the dashboard:
plotly's FigureWidget with all curves in one trace, and a Plotly figure displayed anew. A FigureWidget with a
trace for each trial is left out: no page bears 10,000. Opening: from running the cell to the first chart.
"""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import CDPSession

from tests.benchmarks.pages import desk
from tests.benchmarks.rows import Row, by_size
from tests.real_lab import NotebookPage

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

Measured = dict[str, dict[int, list[list[float]]]]
"""For every view and size, round by round."""


def measure() -> list[Row]:
    busy: Measured = {view: {trials: [] for trials in SIZES} for view in VIEWS}
    opening: Measured = {view: {trials: [] for trials in SIZES} for view in VIEWS}
    with desk() as opened:
        for number in range(ROUNDS):
            for view in VIEWS:
                for trials in SIZES:
                    notebook = opened.open(f"{view}-{trials}-{number}", *_cells(view, trials))
                    opening_s, update_ms = _look(notebook)
                    opening[view][trials].append([opening_s])
                    busy[view][trials].append([update_ms])
                    opened.leave(notebook)
    tables = [
        *(by_size(f"main thread an update: {name}", "ms", busy[view]) for view, name in VIEWS.items()),
        *(by_size(f"opening: {name}", "s", opening[view]) for view, name in VIEWS.items()),
    ]
    return [row for table in tables for row in table]


def _cells(view: str, trials: int) -> tuple[str, ...]:
    """Prepare, show and update the view."""
    history = f"update_views.history({trials}, {UPDATES}); None"
    show = f"update_views.prepare({view!r}, {trials}, {UPDATES})"
    return SETUP, history, show, f"update_views.measure(pause_s={PAUSE_S}); None"


def _look(notebook: NotebookPage) -> tuple[float, float]:
    """Seconds until the first chart, and the page's milliseconds for each update."""
    page = notebook.page
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


def _busy_s(devtools: CDPSession) -> float:
    """Seconds that the page's main thread has spent in tasks."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))
