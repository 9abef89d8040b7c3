"""The newest readings of trials that run stand over the learning curves where the axes say, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from playwright.sync_api import Locator, Page, expect

from jupyter_tune.core.events import TrialReported
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import RUNNING
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.tables import Tables
from tests.browser.still import open_still, served
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook, seen
from tests.views import studies

OFF_PX = 1.0
PAUSE_MS = 60
METRIC = "accuracy"

Reading: TypeAlias = tuple[int, int]
"""Trial and step."""
Readings: TypeAlias = Mapping[Reading, float]
Dot: TypeAlias = dict[str, Any]

# After every frame: where each dot stands on the axes, by the box of the plotted area and the ranges of the
# axes; and the last step that Plotly has of its trial.
SAMPLER = """() => {
  const node = document.querySelector('[data-testid=chart-curves]');
  const samples = [];
  const value = ({ type, range: [from, to] }, share) => {
    const along = from + share * (to - from);
    return type === 'log' ? 10 ** along : along;
  };
  const look = () => {
    const plot = node.querySelector('.js-plotly-plot');
    const area = plot?.querySelector('.nsewdrag')?.getBoundingClientRect();
    const dots = [];
    for (const curve of area && area.width > 0 ? node.querySelectorAll('.jt-live [data-trial]') : []) {
      const dot = curve.querySelector('circle:last-child').getBoundingClientRect();
      if (dot.width === 0) continue;
      const { xaxis, yaxis } = plot._fullLayout;
      const trial = Number(curve.dataset.trial);
      const across = ((dot.left + dot.right) / 2 - area.left) / area.width;
      const down = ((dot.top + dot.bottom) / 2 - area.top) / area.height;
      let drawn = 0;
      for (const { mode, customdata = [], x } of plot.data)
        if (mode === 'lines')
          for (const at of x.keys()) if (customdata[at] === trial) drawn = Math.max(drawn, x[at]);
      dots.push({
        trial,
        drawn,
        step: value(xaxis, across),
        low: value(yaxis, 1 - down - OFF / area.height),
        high: value(yaxis, 1 - down + OFF / area.height)
      });
    }
    samples.push(dots);
  };
  const again = () => requestAnimationFrame(() => setTimeout(() => { look(); again(); }));
  const now = () => {
    samples.length = 0;
    look();
    return samples[0];
  };
  window.live = { take: () => samples.splice(0), now };
  again();
}""".replace("OFF", str(OFF_PX))


def is_at(dot: Dot, reading: Reading, readings: Readings) -> bool:
    trial, step = reading
    return (
        dot["trial"] == trial
        and abs(dot["step"] - step) < 0.2
        and dot["low"] <= readings[reading] <= dot["high"]
    )


def strays(samples: list[list[Dot]], readings: Readings) -> list[Dot]:
    """The dots that stand at no reading of their trial."""
    return [
        dot
        for dots in samples
        for dot in dots
        if not any(is_at(dot, reading, readings) for reading in readings if reading[0] == dot["trial"])
    ]


def zoom_in(curves: Locator) -> None:
    """Drag a box over the middle of the chart; again where the page moved, or drew, under the pointer."""

    def drag() -> bool:
        curves.scroll_into_view_if_needed()
        area = curves.locator(".nsewdrag").first.bounding_box()
        assert area is not None
        mouse = curves.page.mouse
        x, y, width, height = (area[key] for key in ("x", "y", "width", "height"))
        mouse.move(x + 0.1 * width, y + 0.1 * height)
        mouse.down()
        mouse.move(x + 0.5 * width, y + 0.5 * height, steps=4)
        mouse.move(x + 0.9 * width, y + 0.9 * height, steps=4)
        mouse.up()
        curves.page.wait_for_timeout(1000)
        zoomed = "node => node.querySelector('.js-plotly-plot')._fullLayout.xaxis.autorange === false"
        return bool(curves.evaluate(zoomed))

    wait_until(drag, "the chart to be zoomed")


class Replay:
    """A study told to a page bit by bit."""

    def __init__(self, page: Page, folder: Path, address: str, *, trials: int):
        settings = Settings(METRIC, trials=2 * trials, workers=4, max_steps=30)
        self.opened, *self.later = studies.records(*studies.story(trials, steps=30), settings=settings)
        self.page = page
        self.study = Study.fold([self.opened])
        self.tables = Tables(self.study)
        open_still(page, folder, address, self.study, now=self.opened.at)

    def tell(self, records: int) -> None:
        for record in self.later[:records]:
            self.study.apply(record)
            self.tables.note(record)
        now = self.later[:records][-1].at
        del self.later[:records]
        delta = self.tables.delta(now)
        assert delta is not None
        self.page.evaluate("delta => window.deliver({ type: 'delta', ...delta })", unpacked(delta))
        self.page.wait_for_timeout(PAUSE_MS)

    @property
    def readings(self) -> Readings:
        return {
            (number, step): value
            for number, trial in self.study.trials.items()
            for step, value in trial.curve.items()
        }

    @property
    def newest(self) -> set[Reading]:
        return {(trial.number, trial.last_step) for trial in self.study.in_state(RUNNING) if trial.curve}

    def stands(self) -> bool:
        """Whether each running trial has its dot at its newest reading, and no other trial has one."""
        dots, readings = self.page.evaluate("() => window.live.now()"), self.readings
        newest = self.newest
        return len(dots) == len(newest) and all(
            any(is_at(dot, reading, readings) for dot in dots) for reading in newest
        )


def test_the_newest_readings_stand_where_the_axes_say_whatever_happens_to_the_chart(
    page: Page, tmp_path: Path
) -> None:
    with served(tmp_path) as address:
        replay = Replay(page, tmp_path, address, trials=40)
        replay.tell(40)
        curves = seen(page.get_by_test_id("chart-curves"))
        expect(curves.locator(".jt-live [data-trial]").first).to_be_attached()
        page.evaluate(SAMPLER)
        ahead = 0
        for change in (
            lambda: None,
            lambda: page.set_viewport_size({"width": 1000, "height": 1500}),
            lambda: page.evaluate("document.body.setAttribute('data-jp-theme-light', 'false')"),
            lambda: zoom_in(curves),
            lambda: page.set_viewport_size({"width": 1300, "height": 1500}),
            lambda: curves.locator(".nsewdrag").first.dblclick(),
        ):
            change()
            for _ in range(12):
                replay.tell(2)
            wait_until(replay.stands, "the dots to stand at the newest readings")
            samples = page.evaluate("() => window.live.take()")
            assert not strays(samples, replay.readings)
            ahead += sum(dot["step"] > dot["drawn"] + 0.5 for dots in samples for dot in dots)
        # most of them before Plotly had drawn them
        assert ahead > 0
        while replay.later:
            replay.tell(30)
        expect(curves.locator(".jt-live [data-trial]")).to_have_count(0)


def test_a_curve_that_runs_can_be_clicked_and_is_marked(page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        replay = Replay(page, tmp_path, address, trials=8)
        while not any(len(trial.curve) > 8 for trial in replay.study.in_state(RUNNING)):
            replay.tell(1)
        trial = max(replay.study.in_state(RUNNING), key=lambda running: len(running.curve))
        curves = seen(page.get_by_test_id("chart-curves"))
        page.evaluate(SAMPLER)
        wait_until(replay.stands, "the dots to stand at the newest readings")
        own = curves.locator(f".jt-live [data-trial='{trial.number}']")
        # the line is Plotly's, also under the dot
        expect(curves.locator(".scatterlayer .js-line").first).to_be_attached()

        def is_selected() -> bool:
            box = own.locator("circle").last.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + box["width"] / 2 - 3, box["y"] + box["height"] / 2)
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            return page.get_by_test_id("detail").is_visible()

        wait_until(is_selected, "the trial to be selected")
        expect(own).to_have_class("jt-live-selected")
        expect(own.locator(".jt-live-ring")).to_be_visible()


CELL = f"""%%tune --maximize {METRIC} -j 3 --name live -n 10000 --sampler random --pruner none
x: Float(0.0, 1.0) = 0.5
import time
for step in range(1, 31):
    time.sleep(0.05)
    report({METRIC}=(0.5 + x / 2) * (1 - 0.9 ** step), step=step)
"""


def test_in_lab_they_do_so_also_after_a_reload_and_are_gone_after_the_end(
    open_notebook: OpenNotebook, page: Page
) -> None:
    notebook = open_notebook("live", LOAD, CELL)
    notebook.run(0)
    notebook.run(1)

    def look(change: str) -> None:
        curves = seen(page.get_by_test_id("chart-curves"))
        expect(curves.locator(".jt-live [data-trial]").first).to_be_attached()
        page.evaluate("sampler => { if (!window.live) eval(sampler)() }", SAMPLER)
        if change == "zoomed":
            zoom_in(curves)
        page.evaluate("() => window.live.take()")
        samples: list[list[Dot]] = []
        while sum(map(len, samples)) < 100:
            page.wait_for_timeout(PAUSE_MS)
            samples += page.evaluate("() => window.live.take()")
        events = [record.event for record in notebook.lab.records("live")]
        readings = {
            (event.number, event.step): event.metrics[METRIC]
            for event in events
            if isinstance(event, TrialReported)
        }
        assert not strays(samples, readings), change

    look("opened")
    look("zoomed")
    page.set_viewport_size({"width": 1000, "height": 1500})
    look("narrower")
    notebook.save()
    page.reload()
    look("reloaded")
    page.get_by_test_id("stop").click()
    expect(page.get_by_test_id("state")).to_have_text("ended")
    expect(page.get_by_test_id("chart-curves").locator(".jt-live [data-trial]")).to_have_count(0)
