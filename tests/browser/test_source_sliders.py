"""Sliders in the source of a %%tune cell: a real Lab, a real kernel, real trials."""

from __future__ import annotations

import math
import re

from playwright.sync_api import expect

from jupyter_tune.core.events import RangesNarrowed
from tests.browser.sliding import drag, place
from tests.browser.studies import study_cell, study_of
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import NotebookPage, OpenNotebook, seen

CELL = """%%tune --maximize score -n 4
lr: Float(1e-4, 1e-1,
          log=True) = 1e-2
width = Int(10, 1_000)
act: Categorical(["relu", 'tanh', "gelu"]) = "gelu"
n = 3
free: Float(0, n) = 1
report(score=lr)"""


def expect_source(notebook: NotebookPage, cell: int, text: str) -> None:
    wait_until(
        lambda: notebook.sources()[cell] == text, f"the text to be {text!r}, not {notebook.sources()[cell]!r}"
    )


def number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    assert found is not None, text
    return float(found[1].replace("_", ""))


def test_a_drag_rewrites_a_number_as_one_step_of_undo(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("drag", CELL)
    page = notebook.page
    high = page.get_by_test_id("source-lr-high")
    drag(page, high, -15, drop=False)
    # a preview: the text on the screen, not the text of the cell
    expect(page.locator(".jt-source-number")).to_have_count(1)
    assert notebook.sources()[0] == CELL
    page.mouse.up()
    expect(page.locator(".jt-source-number")).to_have_count(0)
    changed = notebook.sources()[0]
    written = re.search(r"1e-4, (\S+),\n", changed)
    assert written is not None, changed
    assert re.fullmatch(r"\d(\.\d)?e-[23]", written[1]), written[1]
    assert 1e-3 < float(written[1]) < 1e-1
    # nothing else has changed
    assert changed.replace(written[1], "1e-1") == CELL
    # two drags in quick succession are two steps
    drag(page, page.get_by_test_id("source-width-low"), 20)
    drag(page, page.get_by_test_id("source-width-high"), 30)
    last = notebook.sources()[0]
    assert number(last, r"Int\((\S+),") > 10
    assert number(last, r"Int\(\S+, (\S+)\)") > 1000
    notebook.undo()
    assert "1_000)" in notebook.sources()[0]
    notebook.undo()
    assert notebook.sources()[0] == changed
    notebook.undo()
    assert notebook.sources()[0] == CELL


def test_escape_takes_a_drag_back(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("escape", CELL)
    drag(notebook.page, notebook.page.get_by_test_id("source-lr-low"), 15, drop=False)
    expect(notebook.page.locator(".jt-source-number")).to_have_count(1)
    notebook.page.keyboard.press("Escape")
    expect(notebook.page.locator(".jt-source-number")).to_have_count(0)
    notebook.page.mouse.up()
    assert notebook.sources()[0] == CELL


def test_what_others_type_during_a_drag_stays_whole(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("together", CELL)
    page = notebook.page
    drag(page, page.get_by_test_id("source-lr-high"), -15, drop=False)
    page.evaluate(
        """() => {
          const { sharedModel } = jupyterapp.shell.currentWidget.content.widgets[0].model;
          const at = sharedModel.getSource().indexOf('lr:');
          sharedModel.updateSource(at, at, '# a remark\\nmomentum: Float(0, 1) = 0.5\\n');
        }"""
    )
    x, y = place(page.get_by_test_id("source-lr-high"))
    page.mouse.move(x - 5, y)
    page.mouse.up()
    text = notebook.sources()[0]
    assert "# a remark\nmomentum: Float(0, 1) = 0.5\nlr: Float(1e-4, " in text
    assert number(text, r"lr: Float\(1e-4, (\S+),\n") != 0.1
    assert text.endswith(CELL.split("log=True)")[1])


def test_keys_move_a_thumb_and_type_nothing(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("keys", CELL, "untouched")
    page = notebook.page
    thumb = page.get_by_test_id("source-lr-high")
    thumb.focus()
    for key in ("d", "d", "x", "a", "Enter", "Shift+Enter", "z"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert notebook.sources() == [CELL, "untouched"]
    expect(thumb).to_be_focused()
    expect(thumb).to_have_attribute("aria-valuetext", "0.1")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(thumb).not_to_have_attribute("aria-valuetext", "0.1")
    # a burst of keys is one change, made when they pause
    wait_until(lambda: notebook.sources()[0] != CELL, "the change")
    expect(thumb).to_be_focused()
    assert 0.05 < number(notebook.sources()[0], r"1e-4, (\S+),\n") < 0.1
    notebook.undo()
    assert notebook.sources()[0] == CELL
    thumb.focus()
    page.keyboard.press("End")
    wait_until(lambda: "Float(1e-4, 1.0," in notebook.sources()[0], "the upper end of the track")
    page.keyboard.press("Home")
    wait_until(lambda: "Float(1e-4, 1e-4," in notebook.sources()[0], "the other thumb")
    # the default went along with the range
    assert "log=True) = 1e-4" in notebook.sources()[0]
    page.keyboard.press("Escape")
    expect(page.locator(".jp-Cell .cm-content").first).to_be_focused()


def test_chips_turn_choices_off_and_on(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("chips", CELL)
    page = notebook.page
    page.get_by_test_id("source-act-tanh").click()
    expect_source(notebook, 0, CELL.replace(", 'tanh'", ""))
    page.get_by_test_id("source-act-gelu").click()
    expect_source(notebook, 0, CELL.replace(", 'tanh', \"gelu\"", "").replace('"gelu"', '"relu"'))
    # the last one stays
    page.get_by_test_id("source-act-relu").click()
    expect(page.get_by_test_id("source-act-relu")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("source-act-tanh").click()
    expect_source(notebook, 0, CELL.replace(', "gelu"', "").replace('"gelu"', '"relu"'))
    notebook.undo()
    notebook.undo()
    notebook.undo()
    assert notebook.sources()[0] == CELL
    pressed = page.locator(".jt-source-chip[aria-pressed=true]")
    expect(pressed).to_have_count(3)


def test_expressions_other_cells_and_read_only_ones_have_none(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("none", CELL, CELL.partition("\n")[2], "%%time\nlr: Float(0, 1)")
    page = notebook.page
    shown = page.locator(".jt-source")
    expect(shown).to_have_count(3)
    expect(page.get_by_test_id("source-free")).to_have_count(0)
    page.evaluate(
        """() => {
          const { model } = jupyterapp.shell.currentWidget.content.widgets[0];
          model.sharedModel.setMetadata('editable', false);
        }"""
    )
    expect(shown).to_have_count(0)
    page.evaluate(
        """() => {
          const { model } = jupyterapp.shell.currentWidget.content.widgets[0];
          model.sharedModel.setMetadata('editable', true);
        }"""
    )
    expect(shown).to_have_count(3)
    # while the text is unfinished, and after it
    editor = page.locator(".jp-Cell .cm-content").first
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nx: Int(1, ")
    expect(shown).to_have_count(3)
    page.keyboard.type("9)")
    expect(page.get_by_test_id("source-x")).to_have_count(1)


def test_a_drag_steers_the_study_that_runs(open_notebook: OpenNotebook) -> None:
    cell = study_cell("source", steps=3, pause=0.2)
    notebook = open_notebook("steered", LOAD, cell)
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    star = page.get_by_test_id("source-lr").locator(".jt-source-star")
    expect(star).to_be_visible()
    drag(page, page.get_by_test_id("source-lr-high"), -20)

    def requests() -> list[RangesNarrowed]:
        return [r.event for r in notebook.lab.records("source") if isinstance(r.event, RangesNarrowed)]

    wait_until(lambda: bool(requests()), "the request")
    events = requests()
    high = number(notebook.sources()[1], r"Float\(1e-4, (\S+), log")
    assert len(events) == 1
    assert list(events[0].ranges["lr"]) == [1e-4, high]
    # the dashboard shows it too
    expect(seen(page.get_by_test_id("range-lr-high").first)).to_have_attribute("aria-valuenow", str(high))

    # beyond what was declared: the text has it, and the study is not asked for more than it can
    drag(page, page.get_by_test_id("source-width-high"), 15)
    expect(page.locator(".jt-source-words:visible")).to_contain_text("cannot search beyond")
    assert number(notebook.sources()[1], r"Int\(8, (\S+), log") > 256
    page.get_by_test_id("source-act-tanh").click()

    wait_until(lambda: requests()[-1].ranges["act"] == ["relu", "gelu"], "the choices")
    notebook.picture("source-sliders-steered")
    page.get_by_test_id("stop").click()
    expect(page.locator(".jt-dashboard[data-state=ended]")).to_be_visible()
    notebook.picture("source-sliders-ended")

    # the marks stay, and agree with the journal
    lr = page.get_by_test_id("source-lr")
    trials = study_of(notebook, "source").trials.values()
    complete = [t for t in trials if t.state == "complete" and t.value is not None]
    best = max(complete, key=lambda trial: trial.value or 0).params["lr"]
    assert isinstance(best, float)

    def said() -> float:
        found = re.search(r"best so far ([-\u2212.\de]+)", lr.get_attribute("aria-label") or "")
        return float(found[1].replace("\u2212", "-")) if found else 0.0

    wait_until(lambda: abs(said() / best - 1) < 1e-3, "the mark of the best trial")
    left, right = (
        place(page.get_by_test_id("source-lr-low"))[0],
        place(page.get_by_test_id("source-lr-high"))[0],
    )
    at, _ = place(star)
    low, high = (
        number(notebook.sources()[1], r"Float\((\S+),"),
        number(notebook.sources()[1], r"Float\(1e-4, (\S+),"),
    )
    share = math.log(best / low) / math.log(high / low)
    assert abs(left + share * (right - left) - at) < 1.5
    values = {t.params["lr"] for t in trials if low / 10 <= float(str(t.params["lr"])) <= high * 10}
    assert lr.locator(".jt-source-tick").count() == min(100, len(values))

    # and go with the output that they come from
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-cell-output')")
    expect(star).to_be_hidden()
    expect(lr.locator(".jt-source-tick")).to_have_count(0)
