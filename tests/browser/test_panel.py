"""The panel of all studies of the server: what it shows, and what it does while kernels are busy or gone."""

from __future__ import annotations

import re
from functools import partial

from playwright.sync_api import Locator, Page, expect

from jupyter_tune.core.study import Study
from tests.browser.studies import study_cell
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import Lab, OpenNotebook

# unlike time.sleep it keeps the interpreter to itself: no thread of the kernel runs meanwhile
HOLD = "import ctypes; _ = ctypes.PyDLL(None).sleep(30)"


def show_panel(page: Page) -> None:
    page.evaluate("() => window.jupyterapp.commands.execute('jupyter-tune:show-panel')")
    expect(page.get_by_test_id("jupyter-tune-panel")).to_be_visible()


def entry(page: Page, name: str) -> Locator:
    return page.locator(f'[data-testid="panel-study"][data-path="studies/{name}.tune.db"]')


def folded(lab: Lab, name: str) -> Study:
    return Study.fold(iter(lab.records(name)))


def has_ended(lab: Lab, name: str) -> bool:
    return bool(lab.records(name)) and folded(lab, name).is_ended


def test_a_study_is_followed_and_stopped_while_its_kernel_is_held(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("held", LOAD, study_cell("held", pause=0.3), HOLD)
    page, lab = notebook.page, notebook.lab
    notebook.run(0)
    notebook.run(1)
    show_panel(page)
    card = entry(page, "held")
    expect(card.get_by_test_id("study-state")).to_have_text("running")
    expect(page.get_by_test_id("jupyter-tune-status")).to_contain_text("held")
    expect(page).to_have_title(re.compile(r"^\(\d+ %\) "))
    notebook.picture("panel-running")

    notebook.run(2, wait=False)
    expect(notebook.prompt(2)).to_contain_text("*")
    done = len(lab.records("held"))
    wait_until(lambda: len(lab.records("held")) > done + 5, "the study to go on")
    before = card.get_by_test_id("study-progress").inner_text()
    expect(card.get_by_test_id("study-progress")).not_to_have_text(before)
    card.get_by_test_id("panel-pause").click()
    expect(card.get_by_test_id("study-state")).to_have_text("paused")
    card.get_by_test_id("panel-unpause").click()
    expect(card.get_by_test_id("study-state")).to_have_text("running")
    card.get_by_test_id("panel-stop").click()
    expect(card.get_by_test_id("study-state")).to_have_text("ended")
    # the kernel has said nothing all the while
    expect(notebook.prompt(2)).to_contain_text("*")
    expect(page.locator(".Toastify__toast").first).to_contain_text("Study held has ended")
    study = folded(lab, "held")
    assert study.is_ended
    assert study.best_value is not None
    expect(card.get_by_test_id("study-best")).to_contain_text("score")
    expect(page.get_by_test_id("jupyter-tune-status")).to_be_hidden()
    expect(page).not_to_have_title(re.compile(r"^\(\d+ %\) "))
    notebook.picture("panel-ended")


def test_a_study_is_opened_from_its_file_and_deleted_without_a_kernel(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("kept", LOAD, study_cell("kept", trials=6))
    page, lab = notebook.page, notebook.lab
    notebook.run(0)
    notebook.run(1)
    wait_until(partial(has_ended, lab, "kept"), "the study to end")
    lab.end_kernels()
    show_panel(page)
    card = entry(page, "kept")
    card.get_by_test_id("open-dashboard").click()
    dashboard = page.locator(".jt-study-file").get_by_test_id("jupyter-tune-dashboard")
    expect(dashboard).to_be_visible()
    study = folded(lab, "kept")
    assert study.best_trial is not None
    expect(dashboard.get_by_test_id("best-trial")).to_contain_text(f"trial {study.best_trial.number}")
    expect(dashboard.get_by_test_id("stop")).to_be_hidden()
    notebook.picture("study-file")

    card.get_by_test_id("open-notebook").click()
    expect(page.locator(".jp-NotebookPanel:visible")).to_be_visible()
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == 1

    card.get_by_test_id("panel-delete").click()
    page.locator(".jp-Dialog").get_by_role("button", name="Delete").click()
    expect(card).to_have_count(0)
    assert not (lab.studies / "kept.tune.db").exists()


def test_studies_are_compared_in_one_chart(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("compared", LOAD, study_cell("one", trials=5), study_cell("two", trials=5))
    page, lab = notebook.page, notebook.lab
    for cell in range(3):
        notebook.run(cell)
    for name in ("one", "two"):
        wait_until(partial(has_ended, lab, name), f"{name} to end")
    show_panel(page)
    for name in ("one", "two"):
        entry(page, name).get_by_role("checkbox").check()
    page.get_by_test_id("panel-compare").click()
    table = page.get_by_test_id("compare-table")
    expect(table).to_contain_text("one")
    expect(table).to_contain_text("two")
    expect(page.get_by_test_id("comparison").locator(".scatterlayer .trace").first).to_be_visible()
    notebook.picture("compared")
