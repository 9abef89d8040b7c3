"""The panel of all studies of the server, without kernels; test_walk.py has it while a kernel is held."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import expect

from jupyter_tune.core.study import Study
from tests.browser.studies import entry, show_panel, study_cell
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import Lab, OpenNotebook


def folded(lab: Lab, name: str) -> Study:
    return Study.fold(iter(lab.records(name)))


def has_ended(lab: Lab, name: str) -> bool:
    return bool(lab.records(name)) and folded(lab, name).is_ended


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
    # the model is drawn beside the server, and comes a few seconds later
    expect(dashboard.get_by_test_id("chart-landscape").locator(".hm image").first).to_be_attached()
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
