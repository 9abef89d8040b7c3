"""Help while a %%tune cell is written: a real Lab, a real kernel."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import NotebookPage, OpenNotebook

CELL = """%%tune --maximize score -n 4 --patence 3
lr: Float(1e-4, 1e-2, log=True)
width: Int(1, 9) = 3
import json
report(score=width, latency=1.0)
"""


def editor(notebook: NotebookPage, cell: int) -> Locator:
    return notebook.panel.locator(".jp-Cell").nth(cell).locator(".cm-content")


def place_cursor(notebook: NotebookPage, cell: int, line: int, column: int) -> None:
    notebook.page.evaluate(
        """([at, line, column]) => {
          const { content } = jupyterapp.shell.currentWidget;
          content.activeCellIndex = at;
          content.mode = 'edit';
          content.activeCell.editor.focus();
          content.activeCell.editor.setCursorPosition({ line, column });
        }""",
        [cell, line, column],
    )
    expect(editor(notebook, cell)).to_be_focused()


def completions(page: Page) -> Locator:
    return page.locator(".jp-Completer:visible .jp-Completer-item")


def complete(page: Page) -> None:
    """Press Tab until completions are shown: Lab drops them where the kernel takes more than a second."""

    def are_shown() -> bool:
        page.keyboard.press("Tab")
        with suppress(TimeoutError):
            completions(page).first.wait_for(timeout=3000)
        return completions(page).count() > 0

    wait_until(are_shown, "completions")


def test_an_option_that_there_is_not_is_marked_until_it_is_right(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("unknown", CELL, "%%timeit --patence\nx = 1")
    mark = notebook.panel.locator(".jt-mark-unknown")
    expect(mark).to_have_text("--patence")
    expect(mark).to_have_attribute("title", "--patence: no such option; did you mean --patience?")
    place_cursor(notebook, 0, 0, CELL.index("--patence") + len("--pat"))
    notebook.page.keyboard.type("i")
    expect(mark).to_have_count(0)


def stands_first(notebook: NotebookPage, offered: str) -> bool:
    return offered in notebook.sources()[0].partition("\n")[0]


def test_the_magic_line_is_completed_with_help(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("completed", "%%tune \nlr: Float(0, 1)\nreport(score=lr, latency=1.0)")
    page = notebook.page
    place_cursor(notebook, 0, 0, len("%%tune "))
    page.keyboard.type("--max")
    complete(page)
    item = completions(page).filter(has_text="--maximize")
    expect(item).to_contain_text("the metric to maximize, as named in report(...)")
    # nothing of the kernel's or of the words around, for which `max` is a function
    texts = completions(page).locator(".jp-Completer-match").all_inner_texts()
    assert all(text.startswith("--max") for text in texts), texts
    item.click()
    page.keyboard.type(" ")
    complete(page)
    expect(completions(page)).to_have_count(2)
    expect(completions(page).first).to_contain_text("score")
    page.keyboard.press("Escape")
    for typed, offered in (("lat", "latency"), (" --sampler so", "sobol"), (" --patie", "--patience")):
        page.keyboard.type(typed)
        complete(page)
        expect(completions(page)).to_have_count(1)
        expect(completions(page)).to_contain_text(offered)
        page.keyboard.press("Enter")
        wait_until(partial(stands_first, notebook, offered), f"{offered}, completed")
    wait_until(
        lambda: notebook.sources()[0].startswith("%%tune --maximize latency --sampler sobol --patience\n"),
        f"four completions, not {notebook.sources()[0]!r}",
    )


def test_the_body_is_completed_and_inspected_as_in_a_plain_cell(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("body", LOAD + "\nimport json as spelling", CELL)
    page = notebook.page
    notebook.run(0)
    place_cursor(notebook, 1, 5, 0)
    page.keyboard.type("spelling.")
    complete(page)
    expect(completions(page).filter(has_text="dumps")).to_have_count(1)
    expect(completions(page).filter(has_text="--")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.type("dumps(")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".jp-Tooltip")).to_contain_text("Serialize")


def test_a_range_and_an_option_explain_themselves_without_a_kernel(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("hover", CELL)
    page = notebook.page
    # the kernel has not loaded the package
    editor(notebook, 0).get_by_text("Float", exact=False).first.hover(position={"x": 12, "y": 6})
    help_card = page.locator(".jt-help")
    expect(help_card).to_contain_text("Float(low, high, *, log=False")
    expect(help_card.locator("dt")).to_have_count(5)
    notebook.picture("help-range")
    page.mouse.move(5, 5)
    expect(help_card).to_have_count(0)
    editor(notebook, 0).locator(".jt-mark-option").first.hover()
    expect(help_card).to_contain_text("--maximize METRIC")


def test_the_line_above_runs_the_cell_once_and_tunes_it(open_notebook: OpenNotebook) -> None:
    cell = CELL.replace(" --patence 3", " --name lens --sampler random")
    notebook = open_notebook("lens", LOAD, cell, "x = 1")
    page = notebook.page
    notebook.run(0)
    once = notebook.panel.get_by_test_id("lens-once")
    expect(once).to_have_count(1)
    once.click()
    expect(notebook.output(1)).to_contain_text("Once, without a study: lr=0.001, width=3")
    expect(notebook.output(1)).to_contain_text("step 1: score=3, latency=1")
    expect(notebook.prompt(1)).to_have_text(re.compile(r"\[\d+\]:"))
    assert notebook.sources()[1] == cell
    assert notebook.lab.records("lens") == []
    notebook.picture("lens-light")
    # with the keyboard
    notebook.panel.get_by_test_id("lens-tune").focus()
    page.keyboard.press("Enter")
    expect(notebook.output(1).locator(".jt-dashboard")).to_be_visible()
    wait_until(lambda: len(notebook.lab.records("lens")) > 0, "the study to start")
    # a study is not replaced without a question
    once.click()
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("in place of the study")
    dialog.get_by_role("button", name="Cancel").click()
    expect(notebook.output(1).locator(".jt-dashboard")).to_be_visible()


def test_the_line_above_can_be_turned_off(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("no-lens", CELL)
    lens = notebook.panel.locator(".jt-lens")
    expect(lens).to_be_visible()
    set_lens = """async shown => {
      const registry = jupyterapp.serviceManager.settings;
      await registry.save('jupyter-tune:editing-help', JSON.stringify({ lens: shown }));
    }"""
    notebook.page.evaluate(set_lens, False)
    try:
        notebook.page.reload()
        expect(notebook.panel.locator(".jt-mark-unknown")).to_be_visible()
        expect(lens).to_have_count(0)
    finally:
        notebook.page.evaluate(set_lens, True)


def test_the_example_is_inserted_below_the_active_cell(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("example", "before = 1", "after = 1")
    page = notebook.page
    page.evaluate(
        """async () => {
          jupyterapp.shell.currentWidget.content.activeCellIndex = 0;
          await jupyterapp.commands.execute('jupyter-tune:insert-example');
        }"""
    )
    wait_until(lambda: len(notebook.sources()) == 6, "the cells of the example")
    texts = notebook.sources()
    assert (texts[0], texts[5]) == ("before = 1", "after = 1")


def test_the_launcher_opens_the_example_as_a_notebook(open_notebook: OpenNotebook) -> None:
    page = open_notebook("launched", "x = 1").page
    page.evaluate("() => jupyterapp.commands.execute('launcher:create')")
    page.locator(".jp-LauncherCard:visible").get_by_text("Tuning Example").click()
    panel = page.locator(".jp-NotebookPanel:visible")
    expect(panel.locator(".jp-Cell")).to_have_count(4)
    expect(panel.locator(".jp-MarkdownCell .jp-RenderedMarkdown")).to_contain_text(
        "A small example of tuning"
    )
