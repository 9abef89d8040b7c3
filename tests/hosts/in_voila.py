"""A study as an app: a real Voilà, a real Chromium."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Page, expect

from tests.browser.studies import study_cell
from tests.docs.pages import sections
from tests.endless import a_study
from tests.hosts.app_server import AppServer, app_server
from tests.hosts.pages import dashboard_on, picture
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import new_page, seen


def serve(folder: Path, *cells: str, options: str = "") -> AbstractContextManager[AppServer]:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, folder / "app.ipynb")
    words = f"app.ipynb --no-browser --Voila.ip=127.0.0.1 --port={{port}} {options}"
    return app_server(folder, "voila", *words.split())


def test_the_page_shows_the_study_while_it_runs_and_the_next_visitor_sees_the_same(
    page: Page, chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path, LOAD, study_cell("app")) as voila:
        # the page is there although the study never ends: the cell does not wait for it
        page.goto(voila.url)
        dashboard = dashboard_on(page)
        expect(seen(dashboard.get_by_test_id("chart-history")).locator(".js-plotly-plot")).to_be_visible()
        counts = seen(dashboard.get_by_test_id("counts"))
        before = counts.inner_text()
        expect(counts).not_to_have_text(before)
        dashboard.get_by_test_id("chip-act-gelu").click()
        wait_until(lambda: "gelu" not in str(voila.study("app").ranges["act"]), "the narrowing")
        picture(page, "voila-running")

        other = new_page(chromium)
        other.goto(voila.url)
        theirs = dashboard_on(other)
        expect(seen(theirs)).to_have_attribute("data-state", "running")
        expect(other.locator("body")).not_to_contain_text("exists already")
        theirs.get_by_test_id("stop").click()
        for shown in (dashboard, theirs):
            expect(seen(shown)).to_have_attribute("data-state", "ended")

        # of an ended study too the page has the live one, which has a model
        page.goto(voila.url)
        expect(seen(dashboard)).to_have_attribute("data-state", "ended")
        expect(dashboard.get_by_test_id("ways")).to_be_hidden()
        landscape = seen(dashboard.get_by_test_id("chart-landscape"))
        expect(landscape.locator(".heatmaplayer .hm").first).to_be_attached()
        picture(page, "voila-ended")
        assert voila.names() == ["app"]


CULLS = "--MappingKernelManager.cull_interval=1 --MappingKernelManager.cull_idle_timeout=2"
"""Voilà ends a kernel that has sent nothing for two seconds and has no page."""


def test_a_kernel_without_a_page_lives_as_long_as_its_study(page: Page, tmp_path: Path) -> None:
    with serve(tmp_path, LOAD, study_cell("left", trials=30, pause=0.1), options=CULLS) as voila:
        page.goto(voila.url)
        expect(seen(dashboard_on(page))).to_have_attribute("data-state", "running")
        page.goto("about:blank")
        wait_until(lambda: voila.study("left").is_ended, "the study to end")
        assert voila.study("left").end_reason == "all trials done"
        wait_until(lambda: "Culling" in voila.log.read_text(), "the kernel to be ended")


def test_the_code_of_the_page(page: Page, tmp_path: Path) -> None:
    with serve(tmp_path, *sections("hosts.md")["Voilà"], "%tune show digits") as voila:
        page.goto(voila.url)
        for place in (0, 1):
            expect(seen(dashboard_on(page, place))).to_have_attribute("data-state", "ended")
        assert voila.study("digits").ended_count == 40


def test_a_widget_has_its_place_in_a_layout(page: Page, tmp_path: Path) -> None:
    with serve(tmp_path, *sections("hosts.md")[""]) as voila:
        study = a_study("digits", "xy", dir=str(voila.studies))
        page.goto(voila.url)
        expect(page.locator("h1")).to_have_text("Digits")
        dashboard = dashboard_on(page)
        expect(seen(dashboard)).to_have_attribute("data-state", "running")
        dashboard.get_by_test_id("stop").click()
        study.wait()
        expect(dashboard).to_have_attribute("data-state", "ended")
