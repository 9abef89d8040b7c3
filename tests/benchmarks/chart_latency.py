"""From `report()` in a trial to the point in the page: a real Lab, a real kernel, Chromium.

The trials report curves between 0 and 1, as those of an accuracy, and the time as a second metric. The page
is looked at before every frame that follows a draw: a reading is seen once Plotly has been given it, or the
live layer has it, and its place is within the plotted area. Both sides read this machine's clock. What the
layer draws has to be the value that was reported, to a hundredth of the axis.

In turns: the kernel idle, a cell sleeping, a cell computing in Python, a cell in C code that does not let go
of the GIL. A round whose cell ended before the look did is done again; a row says how many were disturbed
nevertheless. First the trial's share: from `report()` to the driver's record of it; last how often the page
drew in a second, of all seconds the most.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from playwright.sync_api import Page

from jupyter_tune.core.events import TrialReported
from tests.benchmarks.pages import desk
from tests.benchmarks.rows import Row, percentile
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import Lab, NotebookPage

ROUNDS = 3
TRIES = 3
LOOK_S = 8.0
SETTLE_S = 1.0
BUSY_S = LOOK_S + 2 * SETTLE_S
IDLE = "kernel idle"
OFF = 0.01

# twenty reports a second of each, at irregular times: they fall anywhere between two updates of the page
STUDY = """%%tune --maximize score --workers 4 --sampler random --pruner none --name clock
x: Float(0.0, 1.0) = 0.5
import random, time
for step in range(1, 28):
    time.sleep(random.uniform(0.02, 0.08))
    report(score=(0.5 + x / 2) * (1 - 0.85 ** step), time=time.time(), step=step)
"""

KERNELS = {
    IDLE: "pass",
    "a cell sleeps": f"import time\ntime.sleep({BUSY_S})",
    "a cell computes": f"import time\nend = time.time() + {BUSY_S}\nwhile time.time() < end: sum(range(999))",
    "a cell holds the GIL for a second at a time": (
        f"import time\nlong = range(10**6)\nbegan = time.time()\nsum(long)\n"
        "long = range(int(10**6 / (time.time() - began)))\n"
        f"while time.time() < began + {BUSY_S}: sum(long)"
    ),
}

WATCH = """() => {
  const node = document.querySelector('[data-testid=chart-curves]');
  const layer = node.querySelector('.jt-live');
  const seen = new Map();
  const draws = { plotly: [], layer: [] };
  window.watched = { seen, draws };
  let data = null;
  let changed = true;
  if (layer)
    new MutationObserver(() => {
      changed = true;
      draws.layer.push(Date.now() / 1000);
    }).observe(layer, { subtree: true, childList: true, attributes: true });
  const look = () => {
    const plot = node.querySelector('.js-plotly-plot');
    const now = Date.now() / 1000;
    const { xaxis, yaxis } = plot?._fullLayout ?? {};
    const note = (trial, step, value, x = xaxis.d2p(step), y = yaxis.d2p(value)) => {
      const isWithin = x >= -0.5 && y >= -0.5 && x <= xaxis._length + 0.5 && y <= yaxis._length + 0.5;
      const key = `${trial} ${step}`;
      if (isWithin && !seen.has(key)) seen.set(key, [now, value, yaxis.range[1] - yaxis.range[0]]);
    };
    if (plot && plot.data !== data) {
      data = plot.data;
      draws.plotly.push(now);
      for (const { mode, customdata = [], x, y } of data)
        if (mode === 'lines')
          customdata.forEach((trial, at) => {
            if (trial !== null && y[at] !== null) note(trial, x[at], y[at]);
          });
    }
    if (changed)
      for (const curve of layer?.querySelectorAll('[data-trial]') ?? []) {
        const path = curve.querySelector('path').getAttribute('d') ?? '';
        const end = curve.querySelector('[transform]')?.getAttribute('transform') ?? '';
        for (const text of [...path.split(/[ML]/), end.replace(/[^-\\d.,]/g, '')].filter(Boolean)) {
          const [x, y] = text.split(',').map(Number);
          note(curve.dataset.trial, Math.round(xaxis.p2d(x)), yaxis.p2d(y), x, y);
        }
      }
    changed = false;
    requestAnimationFrame(look);
  };
  look();
}"""

Report: TypeAlias = tuple[int, int]
"""Trial and step."""


@dataclass(frozen=True)
class Watched:
    """What the page has seen: when, which value, on an axis of which length; and when it drew."""

    seen: dict[Report, tuple[float, float, float]]
    draws: dict[str, list[float]]


@dataclass
class State:
    """What was measured in one state of the kernel, by rounds: milliseconds, and draws in each second."""

    to_page: list[list[float]] = field(default_factory=list)
    to_driver: list[list[float]] = field(default_factory=list)
    draws: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    disturbed: int = 0


def measure() -> list[Row]:
    with desk() as opened:
        states = _look(opened.open("clock", LOAD, STUDY, *KERNELS.values()))
    rows = [Row.of(f"report to driver, {IDLE}, median", "ms", states[IDLE].to_driver)]
    for name, statistic in (("median", percentile(50)), ("p95", percentile(95))):
        idle = None
        for state, measured in states.items():
            disturbed = f", {measured.disturbed} of {ROUNDS} rounds disturbed" if measured.disturbed else ""
            label = f"report to page, {state}, {name}{disturbed}"
            row = Row.of(label, "ms", measured.to_page, statistic=statistic, beside=idle)
            idle = idle or row
            rows.append(row)
    draws = states[IDLE].draws.items()
    return rows + [
        Row.of(f"draws of {what}, {IDLE}", "a second", each, statistic=max) for what, each in draws
    ]


def _look(notebook: NotebookPage) -> dict[str, State]:
    page = notebook.page
    notebook.run(0)
    time.sleep(SETTLE_S)
    notebook.run(1)
    page.wait_for_function(
        "document.querySelector('[data-testid=chart-curves] .js-plotly-plot')?.data?.length"
    )
    page.get_by_test_id("chart-curves").scroll_into_view_if_needed()
    page.evaluate(WATCH)
    states = {state: State() for state in KERNELS}
    for _ in range(ROUNDS):
        for cell, (state, measured) in enumerate(states.items(), 2):
            for _ in range(TRIES):
                began, ended, disturbed = _look_for_a_while(notebook, cell, is_busy=state != IDLE)
                if not disturbed:
                    break
            measured.disturbed += disturbed
            _note(measured, notebook, began, ended)
    page.get_by_test_id("stop").click()
    wait_until(lambda: "ended" in page.get_by_test_id("state").inner_text().lower(), "the study's end")
    return states


def _look_for_a_while(notebook: NotebookPage, cell: int, *, is_busy: bool) -> tuple[float, float, bool]:
    """From when until when the page was looked at, and whether the kernel was not as it should be."""
    notebook.run(cell, wait=not is_busy)
    notebook.page.get_by_test_id("chart-curves").scroll_into_view_if_needed()

    def is_as_it_should() -> bool:
        return ("*" in notebook.prompt(cell).inner_text()) == is_busy

    wait_until(is_as_it_should, "the cell's prompt to say what the kernel does")
    time.sleep(SETTLE_S)
    began = time.time()
    time.sleep(LOOK_S)
    ended = time.time()
    disturbed = not is_as_it_should()
    notebook.page.evaluate("() => window.__run")
    return began, ended, disturbed


def _note(measured: State, notebook: NotebookPage, began: float, ended: float) -> None:
    """What became of the reports of this while. Raises AssertionError if one never comes to the page."""
    reports = {report: at for report, at in _reports(notebook.lab).items() if began < at[0] < ended}
    wait_until(lambda: reports.keys() <= _watched(notebook.page).seen.keys(), "every report to be seen")
    watched = _watched(notebook.page)
    for report, (_, _, reported) in reports.items():
        _, value, span = watched.seen[report]
        assert abs(value - reported) <= OFF * span, f"{report} stands at {value}, was reported as {reported}"
    measured.to_page.append([1000 * (watched.seen[report][0] - at[0]) for report, at in reports.items()])
    measured.to_driver.append([1000 * (at[1] - at[0]) for at in reports.values()])
    for what, times in watched.draws.items():
        seconds = Counter(int(at - began) for at in times if began < at < ended)
        measured.draws[what].append([float(seconds[second]) for second in range(int(LOOK_S))])


def _watched(page: Page) -> Watched:
    seen, draws = page.evaluate("() => [[...watched.seen], watched.draws]")
    return Watched({_report(key): tuple(found) for key, found in seen}, draws)


def _report(key: str) -> Report:
    trial, step = map(int, key.split())
    return trial, step


def _reports(lab: Lab) -> dict[Report, tuple[float, float, float]]:
    """Of every report when it was made, when the driver took it into the journal, and its value."""
    events: list[tuple[Any, float]] = [(record.event, record.at) for record in lab.records("clock")]
    return {
        (event.number, event.step): (event.metrics["time"], at, event.metrics["score"])
        for event, at in events
        if isinstance(event, TrialReported)
    }
