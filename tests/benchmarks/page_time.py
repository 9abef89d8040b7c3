"""What a study of 300 quick trials with 20 reports costs the page's main thread, by Chromium's own trace.

By the time that the thread has run, never by the clock on the wall: the machine may be busy. A busy or slow
machine still makes each task longer, so beside them stands a yardstick: the browser's own work on a fixed
number of labels, in the same page and trace.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.landscape import landscape
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.tables import Tables
from tests.browser.still import open_still, served
from tests.views import studies

TRIALS = 300
STEPS = 20
RECORDS_A_DELTA = 40
PAUSE_MS = 250
"""About as often as a kernel sends news: faster, and opening the page alone is a fifth of all."""
VIEW_S = 1.5
"""Seconds for which each view is shown."""

CATEGORIES = ["disabled-by-default-devtools.timeline", "blink.user_timing"]
"""Of Chromium's trace: tasks (RunTask), and the marks of scripts."""

YARDSTICK = """() => new Promise(done => setTimeout(() => {
  performance.mark('yardstick');
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  document.body.append(svg);
  for (let number = 0; number < 400; number++) {
    const label = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    label.textContent = String(number);
    svg.append(label);
    label.getBBox();
  }
  svg.remove();
  done();
}))"""

TraceEvent = dict[str, Any]


@dataclass(frozen=True)
class PageTime:
    """CPU times of the tasks of the page's main thread."""

    passed_s: float
    tasks_ms: tuple[float, ...]
    """The page's own, the shortest first."""
    yardsticks_ms: tuple[float, ...]

    @property
    def share(self) -> float:
        return sum(self.tasks_ms) / 1000 / self.passed_s

    @property
    def longest_ms(self) -> float:
        return self.tasks_ms[-1]


def page_time(browser: Browser, page: Page, folder: Path) -> PageTime:
    """Replays the study before the page, the views in turn; measured from the opening to the last delta."""
    settings = Settings("accuracy", trials=TRIALS, workers=4, max_steps=STEPS)
    opened, *later = studies.records(*studies.story(TRIALS, steps=STEPS), settings=settings)
    study = Study.fold([opened])
    tables = Tables(study)
    model = landscape(Study.fold([opened, *later]), "lr", "width")
    with served(folder) as address:
        browser.start_tracing(page=page, categories=CATEGORIES)
        began = seen_since = time.monotonic()
        open_still(page, folder, address, study, landscape=model, now=opened.at)
        tabs = page.get_by_role("tab").all()
        looked = 0
        for start in range(0, len(later), RECORDS_A_DELTA):
            news = later[start : start + RECORDS_A_DELTA]
            for record in news:
                study.apply(record)
                tables.note(record)
            delta = tables.delta(news[-1].at)
            assert delta is not None
            page.evaluate("delta => window.deliver({ type: 'delta', ...delta })", unpacked(delta))
            page.wait_for_timeout(PAUSE_MS)
            if time.monotonic() - seen_since > VIEW_S:
                looked += 1
                tabs[looked % len(tabs)].click()
                page.evaluate(YARDSTICK)
                seen_since = time.monotonic()
        passed_s = time.monotonic() - began
        return _read(json.loads(browser.stop_tracing())["traceEvents"], passed_s)


def _read(events: list[TraceEvent], passed_s: float) -> PageTime:
    marks = [event for event in events if event["name"] == "yardstick"]
    mains = {(mark["pid"], mark["tid"]) for mark in marks}
    tasks = [
        event
        for event in events
        if event["name"] == "RunTask" and "tdur" in event and (event["pid"], event["tid"]) in mains
    ]

    def is_yardstick(task: TraceEvent) -> bool:
        return any(task["ts"] <= mark["ts"] < task["ts"] + task["dur"] for mark in marks)

    own, yardsticks = (
        tuple(sorted(task["tdur"] / 1000 for task in tasks if is_yardstick(task) == wanted))
        for wanted in (False, True)
    )
    return PageTime(passed_s, own, yardsticks)
