"""The menu of a chart: scales, filters, and files that are really saved."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from jupyter_tune.core.events import Event
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.tables import Tables
from tests.browser.still import open_still, served
from tests.real_lab import PICTURES, seen
from tests.views import studies


def diverged(*more: Event) -> Study:
    """Losses of which one is beyond the axis of the others; two trials are pruned."""
    losses = [0.5, 0.4, 0.31, 0.3, 0.2, 0.12, 0.1, 0.05, 1e9]
    events = [event for number, loss in enumerate(losses) for event in studies.whole(number, value=loss)]
    events += [event for number in (9, 10) for event in studies.whole(number, "pruned", value=0.6)]
    return studies.study(*events, *more, settings=Settings("loss", "minimize", trials=60, workers=2))


@pytest.fixture
def history(page: Page, tmp_path: Path) -> Iterator[Locator]:
    """The history of that study, in its card."""
    with served(tmp_path) as address:
        open_still(page, tmp_path, address, diverged())
        card = page.get_by_role("region", name="Optimization history")
        expect(seen(card).locator(".scatterlayer .trace").first).to_be_attached()
        yield card


def tool(card: Locator, name: str) -> Locator:
    """That item of the menu, which is opened if it is not."""
    opened = card.locator("details.jt-chart-tools")
    if opened.get_attribute("open") is None:
        opened.locator("summary").focus()
        card.page.keyboard.press("Enter")
    return opened.get_by_role("button", name=name)


def await_axis(card: Locator, condition: str) -> None:
    """Until that is true of `axis`, the y axis that is drawn."""
    page = card.page
    page.wait_for_function(
        f"card => (axis => {condition})(card.querySelector('.jt-plot')._fullLayout.yaxis)",
        arg=card.element_handle(),
    )


def test_a_log_axis_and_hidden_trials_stay_while_the_study_runs(history: Locator) -> None:
    page = history.page
    pruned = history.locator(".legendtext").filter(has_text="pruned")
    expect(pruned).to_have_count(1)
    await_axis(history, "axis.type === 'linear'")
    tool(history, "Log y axis").press("Enter")
    await_axis(history, "axis.type === 'log'")
    tool(history, "Hide pruned trials").press(" ")
    expect(pruned).to_have_count(0)
    # one more trial is complete
    tables = unpacked(Tables(diverged(*studies.whole(11, value=0.07))).snapshot(2000.0))
    page.evaluate("tables => window.deliver({ type: 'snapshot', ...tables })", {**tables, "seq": 1})
    expect(page.get_by_test_id("counts")).to_contain_text("10")
    await_axis(history, "axis.type === 'log'")
    expect(pruned).to_have_count(0)
    # a value that has no logarithm: the linear axis is back, and the menu says why
    tables = unpacked(Tables(diverged(*studies.whole(11, value=-1.0))).snapshot(2000.0))
    page.evaluate("tables => window.deliver({ type: 'snapshot', ...tables })", {**tables, "seq": 2})
    await_axis(history, "axis.type === 'linear'")
    log = tool(history, "Log y axis")
    expect(log).to_be_disabled()
    expect(log).to_have_attribute("title", "A logarithmic axis needs all values shown to be greater than 0")
    page.keyboard.press("Escape")
    expect(history.locator("details.jt-chart-tools")).not_to_have_attribute("open", "")


def test_show_all_stretches_the_axis_to_what_lies_beyond(history: Locator) -> None:
    await_axis(history, "axis.range[1] < 1")
    show_all = tool(history, "Show all (1 value beyond the axis)")
    show_all.click()
    expect(show_all).to_have_attribute("aria-pressed", "true")
    await_axis(history, "axis.range[1] > 1e9")


def saved(card: Locator, item: str) -> tuple[str, bytes]:
    with card.page.expect_download() as download:
        tool(card, item).click()
    expect(card.locator("details.jt-chart-tools")).not_to_have_attribute("open", "")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_chart_is_saved_as_png_svg_and_csv(history: Locator) -> None:
    plot = history.locator(".jt-plot").bounding_box()
    assert plot is not None
    name, content = saved(history, "Save as PNG")
    assert name == "mnist-history.png"
    picture = Image.open(io.BytesIO(content))
    assert picture.size == (2 * round(plot["width"]), 2 * round(plot["height"]))
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24) or ()}
    assert {(255, 255, 255), (0, 114, 178)} <= colours, "its ground, and the marks of complete trials"

    name, content = saved(history, "Save as SVG")
    assert name == "mnist-history.svg"
    text = content.decode()
    assert text.startswith("<svg")
    assert all(word in text for word in (">loss<", ">trial<", ">complete<"))

    name, content = saved(history, "Save data as CSV")
    assert name == "mnist-history.csv"
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["series", "trial", "trial", "loss"]
    complete = [(int(row[1]), float(row[3])) for row in rows if row[0] == "complete"]
    assert (7, 0.05) in complete
    assert (8, 1e9) in complete
    assert len(complete) == 9
    assert [row[1] for row in rows if row[0] == "pruned"] == ["9", "10"]


def test_a_drag_along_an_axis_keeps_the_trials_that_pass_there(page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        open_still(page, tmp_path, address, diverged())
        page.get_by_role("tab", name="Parallel").click()
        chart = seen(page.get_by_test_id("chart-parallel"))
        area = chart.locator(".nsewdrag").first
        expect(area).to_be_attached()
        clear = chart.get_by_test_id("clear-brush")
        expect(clear).to_be_hidden()
        box = area.bounding_box()
        assert box is not None
        # the metric's axis is the last, a little before the end of the area; the best losses are below
        axes = page.evaluate(
            "() => document.querySelector('[data-testid=chart-parallel] .jt-plot').layout.xaxis"
        )
        last, ends = len(axes["tickvals"]) - 1, axes["range"]
        x = box["x"] + box["width"] * (last - ends[0]) / (ends[1] - ends[0])
        page.mouse.move(x, box["y"] + box["height"] - 1)
        page.mouse.down()
        page.mouse.move(x + 3, box["y"] + box["height"] * 0.9, steps=4)
        expect(page.locator(".jt-brush")).to_be_visible()
        page.mouse.move(x + 5, box["y"] + box["height"] * 0.6, steps=4)
        page.mouse.up()
        expect(page.locator(".jt-brush")).to_have_count(0)
        expect(clear).to_be_visible()
        words = clear.inner_text()
        kept = int(words.split(" of ")[0])
        assert words == f"{kept} of 9 trials: show all"
        assert 0 < kept < 9
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.locator(".jt-explore").screenshot(path=PICTURES / "brush.png")
        # it stays while the study goes on
        tables = unpacked(Tables(diverged(*studies.whole(11, value=0.07))).snapshot(2000.0))
        page.evaluate("tables => window.deliver({ type: 'snapshot', ...tables })", {**tables, "seq": 1})
        expect(clear).to_contain_text("of 10 trials")
        area.dblclick(position={"x": 20, "y": 20})
        expect(clear).to_be_hidden()


def test_the_parameters_of_slices_and_parallel_coordinates_are_chosen(page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        open_still(page, tmp_path, address, diverged())
        page.get_by_role("tab", name="Slice").click()
        slices = seen(page.get_by_test_id("chart-slice"))
        titles = slices.locator(".g-xtitle, .g-x2title, .g-x3title")
        expect(titles).to_have_text(["lr", "width", "act"])
        page.get_by_test_id("shows-width").click()
        expect(titles).to_have_text(["lr", "act"])
        expect(slices.locator(".scatterlayer .trace .point")).not_to_have_count(0)

        # the choice is that of both views, and marks are of the axes that were
        page.get_by_role("tab", name="Parallel").click()
        parallel = seen(page.get_by_test_id("chart-parallel"))
        expect(parallel.locator(".xtick text")).to_have_text(["lr", "act", "loss"])
        page.get_by_test_id("shows-width").click()
        expect(parallel.locator(".xtick text")).to_have_text(["lr", "width", "act", "loss"])
        for name in ("lr", "width", "act"):
            page.get_by_test_id(f"shows-{name}").click()
        expect(parallel.locator(".xtick text")).to_have_text(["act", "loss"])
        last = page.get_by_test_id("shows-act")
        expect(last).to_have_attribute("title", "At least one parameter stays on")
        expect(last).to_have_attribute("aria-pressed", "true")
