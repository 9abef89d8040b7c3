"""A study in marimo: real servers of `marimo edit` and `marimo run`, a real Chromium."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from jupyter_tune.core.study import Study
from tests.docs.pages import sections
from tests.endless import a_study
from tests.hosts.app_server import AppServer, app_server
from tests.hosts.pages import dashboard_on, errors_of, picture
from tests.processes import wait_until
from tests.real_lab import new_page, seen

HEAD = """import marimo

app = marimo.App(width="full")


@app.cell
def _():
    import math
    import time

    import jupyter_tune as jt

    return jt, math, time


@app.cell
def _(jt, math, time):
    def train(lr, width, act):
        for step in range(1, 10):
            time.sleep(0.1)
            jt.report(score=1 - abs(math.log10(lr) + 2.5) / 3 + width / 2000 - 0.5**step, step=step)

    ranges = {
        "lr": jt.Float(1e-4, 1e-1, log=True),
        "width": jt.Int(8, 256, log=True),
        "act": jt.Categorical(["relu", "tanh", "gelu"]),
    }
    return ranges, train
"""

TUNE = """

@app.cell
def _(jt, ranges, train):
    study = jt.tune(train, ranges, maximize="score", max_steps=9, trials={trials}, workers=2, name="{name}")
    study
    return (study,)
"""

CELL = """

@app.cell
def _({uses}):
    {line}
    return
"""

DARK = '# /// script\n# [tool.marimo.display]\n# theme = "dark"\n# ///\n'


# else `marimo edit` waits for the user to run the cells
CONFIG = "[runtime]\nauto_instantiate = true\n"


def serve(folder: Path, mode: str, text: str) -> AbstractContextManager[AppServer]:
    config = folder / "config" / "xdg_config_home" / "marimo" / "marimo.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG)
    (folder / "app.py").write_text(text)
    words = f"--yes {mode} app.py --headless --no-token --host=127.0.0.1 --port={{port}}"
    return app_server(folder, "marimo", *words.split())


def test_a_study_is_a_cells_value_and_is_steered_there(page: Page, tmp_path: Path) -> None:
    shown = CELL.format(uses="study", line="study.dashboard()")
    with serve(tmp_path, "edit", HEAD + TUNE.format(trials=10_000, name="edit") + shown) as marimo:
        errors = errors_of(page)
        page.goto(marimo.url)
        first, second = dashboard_on(page, 0), dashboard_on(page, 1)
        for dashboard in (first, second):
            expect(seen(dashboard).locator(".js-plotly-plot").first).to_be_visible()
        study = marimo.study("edit")

        # it follows
        counts = seen(first.get_by_test_id("counts"))
        before = counts.inner_text()
        expect(counts).not_to_have_text(before)

        # what is typed stays while news come, and is sent
        workers = seen(first.get_by_test_id("budget-workers"))
        workers.click()
        workers.press("Control+a")
        workers.press("1")
        ended = marimo.study("edit").ended_count
        wait_until(lambda: marimo.study("edit").ended_count > ended + 4, "trials to end meanwhile")
        expect(workers).to_have_value("1")
        workers.press("Enter")
        wait_until(lambda: marimo.study("edit").settings.workers == 1, "one worker")

        # a slider narrows, and a trial is enqueued
        low = seen(first.get_by_test_id("range-lr-low"))
        low.focus()
        for _ in range(40):
            low.press("ArrowRight")
        wait_until(lambda: lowest_lr(marimo.study("edit")) > 1e-4, "the narrowing")
        seen(second.get_by_test_id("add-trial")).locator("summary").click()
        second.get_by_test_id("add-width").fill("77")
        second.get_by_test_id("add-trial-send").click()
        wait_until(lambda: by_the_user(marimo.study("edit")) == [77], "the trial that was added")
        seen(first.get_by_test_id("chart-landscape"))
        picture(page, "marimo-edit")

        # a cell that runs again shows it anew; the page that comes again goes on with it
        second.evaluate("node => { node.isOld = true; }")
        page.locator(".cm-content").last.click()
        page.keyboard.press("Control+Enter")
        wait_until(lambda: not second.evaluate("node => node.isOld === true"), "the cell to show it anew")
        page.reload()
        for dashboard in (first, second):
            expect(seen(dashboard)).to_have_attribute("data-state", "running")
            counts = seen(dashboard.get_by_test_id("counts"))
            before = counts.inner_text()
            expect(counts).not_to_have_text(before)
        first.get_by_test_id("stop").click()
        for dashboard in (first, second):
            expect(seen(dashboard)).to_have_attribute("data-state", "ended")
        assert marimo.study("edit").opened_at == study.opened_at
        assert errors == []


def lowest_lr(study: Study) -> float:
    """Of new trials."""
    return float(study.ranges["lr"].low)


def by_the_user(study: Study) -> list[object]:
    """The widths of the trials that the user has added."""
    return [trial.params["width"] for trial in study.trials.values() if trial.source == "user"]


def test_visitors_of_an_app_follow_one_study(page: Page, chromium: Browser, tmp_path: Path) -> None:
    app = DARK + HEAD + CELL.format(uses="jt", line='jt.load_study("watched")')
    with serve(tmp_path, "run", app) as marimo:
        study = a_study("watched", "xy", dir=str(marimo.studies))
        errors = errors_of(page)
        page.goto(marimo.url)
        other = new_page(chromium)
        other.goto(marimo.url)
        mine, theirs = dashboard_on(page), dashboard_on(other)
        for dashboard in (mine, theirs):
            expect(seen(dashboard).locator(".js-plotly-plot").first).to_be_visible()
        surface = seen(mine).locator(".jt-card").first
        assert is_dark(surface.evaluate("node => getComputedStyle(node).backgroundColor"))
        picture(page, "marimo-run-dark")

        mine.get_by_test_id("pause").click()
        expect(theirs).to_have_attribute("data-state", "paused")
        other.context.close()
        mine.get_by_test_id("pause").click()
        wait_until(lambda: study.state == "running", "the study to go on")
        mine.get_by_test_id("stop").click()
        study.wait()
        expect(mine).to_have_attribute("data-state", "ended")
        assert errors == []


def is_dark(colour: str) -> bool:
    """Of rgb(28, 31, 34)."""
    return all(int(part) < 100 for part in re.findall(r"\d+", colour)[:3])


WAITS = """

@app.cell
def _(jt, ranges, train):
    waits = jt.tune(train, ranges, maximize="score", trials=2, name="waits")
    waits.wait()
    print(waits.name, waits.state, len(waits.trials))
    return


@app.cell
async def _(jt, ranges, train):
    awaits = jt.tune(train, ranges, maximize="score", trials=2, name="awaits")
    await awaits
    print(awaits.name, awaits.state, len(awaits.trials))
    return
"""


def test_a_cell_waits_for_a_study(page: Page, tmp_path: Path) -> None:
    with serve(tmp_path, "run", HEAD + WAITS) as marimo:
        page.goto(marimo.url)
        wait_until(lambda: len(marimo.names()) == 2, "both studies to begin")
        expected = ("waits ended 2", "awaits ended 2")
        # what a cell of an app prints is the server's
        wait_until(lambda: all(line in marimo.log.read_text() for line in expected), "both to be waited for")


def test_the_code_of_the_page(page: Page, tmp_path: Path) -> None:
    (app,) = sections("hosts.md")["marimo"]
    with serve(tmp_path, "run", app) as marimo:
        errors = errors_of(page)
        page.goto(marimo.url)
        page.get_by_role("button", name="Tune").click()
        dashboard = dashboard_on(page)
        expect(seen(dashboard)).to_have_attribute("data-state", "ended")
        # the cell that awaits the study has its table
        expect(page.locator("marimo-table")).to_be_attached()
        (name,) = marimo.names()
        assert marimo.study(name).ended_count == 40
        assert errors == []
