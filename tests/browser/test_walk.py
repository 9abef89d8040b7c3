"""The whole product in one session, in JupyterLab and in Notebook 7."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page, expect

from tests.browser.sliding import drag
from tests.browser.studies import entry, hold, show_panel, study_of
from tests.processes import wait_until
from tests.real_lab import Lab, Notebook7, NotebookPage, seen


@pytest.fixture(params=[Lab, Notebook7], ids=["lab", "notebook-7"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with contextlib.closing(request.param(tmp_path_factory.mktemp("walk"))) as started:
        yield started


def errors_of(page: Page) -> list[str]:
    """Errors in the page's console from now on."""
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url')})")

    def hear_of(error: Error) -> None:
        # Notebook 7.6 throws one at each start, also without extensions: all of the stack is its own
        places = re.findall(r"https?://\S+", error.stack or "")
        if not places or not all("/static/notebook/" in place for place in places):
            errors.append(f"{error}\n{error.stack}")

    page.on("console", hear)
    page.on("pageerror", hear_of)
    return errors


def test_from_the_example_to_the_notebook_opened_again(host: Lab, page: Page) -> None:
    errors = errors_of(page)
    notebook = host.open(page, "walk", "")
    page.evaluate("() => jupyterapp.commands.execute('jupyter-tune:insert-example')")
    wait_until(lambda: len(notebook.sources()) == 4, "the cells of the example")
    tuned = notebook.panel.locator(".jp-Cell").nth(2)

    # a study that goes on until it is stopped, from a narrower range
    magic = tuned.locator(".cm-line").first
    magic.get_by_text("20", exact=True).first.dblclick()
    page.keyboard.type("10000 --name walk")
    drag(page, tuned.get_by_test_id("source-width-high"), -10)
    narrowed = notebook.sources()[2]
    assert narrowed.startswith("%%tune --maximize accuracy --trials 10000 --name walk --max-steps 20\n"), (
        narrowed
    )
    declared = re.search(r"width: Int\(2, (\d+), log=True\)", narrowed)
    assert declared is not None, narrowed
    assert 2 < int(declared[1]) < 64
    for cell in (1, 2):
        notebook.run(cell)
    dashboard = notebook.output(2).locator(".jt-dashboard")
    expect(dashboard).to_have_attribute("data-state", "running")
    wait_until(lambda: study_of(notebook, "walk").best_value is not None, "a first result")

    # the panel follows it, and stops it, while a cell holds the interpreter
    page.evaluate(
        "text => jupyterapp.shell.currentWidget.content.widgets[3].model.sharedModel.setSource(text)",
        hold(600),
    )
    notebook.run(3, wait=False)
    expect(notebook.prompt(3)).to_contain_text("*")
    show_panel(page)
    card = entry(page, "walk")
    expect(card.get_by_test_id("study-state")).to_have_text("running")
    before = card.get_by_test_id("study-progress").inner_text()
    expect(card.get_by_test_id("study-progress")).not_to_have_text(before)
    expect(page).to_have_title(re.compile(r"^\(\d+ %\) "))
    if host.module == "jupyterlab":  # Notebook 7 has no status bar
        expect(page.get_by_test_id("jupyter-tune-status")).to_contain_text("walk")
    notebook.picture(f"walk-{host.module}-held")
    card.get_by_test_id("panel-pause").click()
    expect(card.get_by_test_id("study-state")).to_have_text("paused")
    card.get_by_test_id("panel-unpause").click()
    expect(card.get_by_test_id("study-state")).to_have_text("running")
    card.get_by_test_id("panel-stop").click()
    expect(card.get_by_test_id("study-state")).to_have_text("ended")
    # the kernel has said nothing all the while
    expect(notebook.prompt(3)).to_contain_text("*")
    expect(page.locator(".Toastify__toast").first).to_contain_text("Study walk has ended")
    expect(card.get_by_test_id("study-best")).to_contain_text("accuracy")
    expect(page.get_by_test_id("jupyter-tune-status").locator("visible=true")).to_have_count(0)
    expect(page).not_to_have_title(re.compile(r"^\(\d+ %\) "))
    kernel = host.api("GET", "api/sessions")[0]["kernel"]["id"]
    host.api("POST", f"api/kernels/{kernel}/interrupt")
    expect(dashboard).to_have_attribute("data-state", "ended")

    best = study_of(notebook, "walk").best_trial
    assert best is not None
    seen(dashboard.get_by_test_id("apply-best")).click()
    wait_until(
        lambda: f"= {best.params['width']}\n" in notebook.sources()[2], "the best width as the default"
    )
    applied = notebook.sources()
    notebook.picture(f"walk-{host.module}-applied")
    notebook.save()
    assert errors == []

    # without a server the page rightly reports errors
    page.goto("about:blank")
    host.stop()
    host.start()
    errors.clear()
    notebook = NotebookPage(host, page, "walk")
    notebook.wait_for_kernel()
    assert notebook.sources() == applied
    saved = notebook.output(2).locator(".jt-dashboard")
    expect(seen(saved)).to_have_attribute("data-state", "ended")
    expect(saved.get_by_test_id("best-trial")).to_contain_text(f"trial {best.number}")
    expect(saved.locator(".js-plotly-plot").first).to_be_visible()
    notebook.picture(f"walk-{host.module}-again")
    assert errors == []
