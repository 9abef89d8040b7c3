"""What a study has found, written into its cell: a real Lab, a real kernel, real trials."""

from __future__ import annotations

import ast
from typing import Any

from playwright.sync_api import expect

from jupyter_tune.core.around_best import around_best
from jupyter_tune.core.study import Study
from tests.browser.studies import study_of
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import NotebookPage, OpenNotebook, seen

CELL = """%%tune --maximize score -n 8 --sampler random --seed 3 --name {name}
from typing import Annotated
lr: Float(1e-4, 1e-1, log=True) = 2e-3
width = Int(10, 1_000, default=500)
act: Annotated[str, Categorical(["relu", 'tanh'])] = "relu"
depth: Int(1, 4)
report(score=-abs(lr - 0.01) - width / 1e4 + (act == "tanh"))"""

ENDED = ".jt-dashboard[data-state=ended]"


def select(notebook: NotebookPage, cell: int) -> None:
    notebook.page.evaluate("at => { jupyterapp.shell.currentWidget.content.activeCellIndex = at; }", cell)


def tuned(open_notebook: OpenNotebook, name: str) -> tuple[NotebookPage, Study]:
    """A notebook with a study of CELL that has ended."""
    notebook = open_notebook(name, LOAD, CELL.format(name=name), "untouched = 1")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.page.locator(ENDED)).to_be_visible()
    return notebook, study_of(notebook, name)


def best_of(study: Study) -> dict[str, Any]:
    assert study.best_trial is not None
    return dict(study.best_trial.params)


def defaults_in(text: str) -> dict[str, Any]:
    """The defaults that Python reads in the cell."""
    defaults: dict[str, Any] = {}
    for node in ast.parse(text.partition("\n")[2]).body:
        match node:
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                defaults[name] = ast.literal_eval(value)
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call(keywords=keywords)):
                for argument in keywords:
                    if argument.arg == "default":
                        defaults[name] = ast.literal_eval(argument.value)
    return defaults


def test_the_best_values_become_the_defaults_and_the_next_study_begins_with_them(
    open_notebook: OpenNotebook,
) -> None:
    notebook, study = tuned(open_notebook, "applied")
    page, before = notebook.page, CELL.format(name="applied")
    best = best_of(study)
    seen(page.get_by_test_id("apply-best")).click()
    text = notebook.sources()[1]
    assert defaults_in(text) == best
    # the ranges are as they were
    assert "Float(1e-4, 1e-1, log=True) = " in text
    assert "width = Int(10, 1_000, default=" in text
    expect(page.locator(".jt-notices .jt-notice").last).to_contain_text("written as defaults")
    notebook.picture("apply-best")
    # again there is nothing to write, and no step of undo
    page.get_by_test_id("apply-best").click()
    expect(page.locator(".jt-notices .jt-notice").last).to_contain_text(
        "The defaults are the best values already."
    )
    select(notebook, 1)
    notebook.undo()
    assert notebook.sources()[1] == before
    page.get_by_test_id("apply-best").click()
    assert notebook.sources()[1] == text

    page.evaluate(
        """() => {
          const { sharedModel } = jupyterapp.shell.currentWidget.content.widgets[1].model;
          sharedModel.setSource(sharedModel.getSource().replace('--name applied', '--name second'));
        }"""
    )
    notebook.run(1)
    expect(page.locator(ENDED)).to_have_attribute("aria-label", "Study second")
    assert dict(study_of(notebook, "second").trials[0].params) == best
    # and it is a script as before: a parameter that is assigned needs the magic
    script = notebook.sources()[1].partition("\n")[2].partition("report(")[0]
    found: dict[str, Any] = {}
    exec("from jupyter_tune import *\n" + script, found)
    assert {**best, **{name: found[name] for name in ("lr", "act", "depth")}} == best


def test_the_toolbar_of_the_cell_narrows_the_ranges_around_the_best(open_notebook: OpenNotebook) -> None:
    notebook, study = tuned(open_notebook, "narrowed")
    page, before = notebook.page, CELL.format(name="narrowed")
    select(notebook, 1)
    toolbar = page.locator(".jp-cell-toolbar")
    button = toolbar.locator("[data-command='jupyter-tune:narrow-around-best']")
    expect(button).to_be_visible()
    notebook.picture("cell-toolbar")
    button.click()
    results = [(trial.params, trial.value or 0.0) for trial in study.ranked]
    ranges: dict[str, Any] = dict(around_best(study.space, study.objective, results).ranges)
    wait_until(lambda: notebook.sources()[1] != before, "the ranges")
    text = notebook.sources()[1]
    call = text.partition("lr: Float(")[2].partition(", log")[0]
    low, high = ast.literal_eval(f"({call})")
    # rounded, outwards
    assert 0.99 * ranges["lr"][0] < low <= ranges["lr"][0]
    assert ranges["lr"][1] <= high < 1.01 * ranges["lr"][1]
    width = text.partition("width = Int(")[2].partition(", default")[0]
    assert ast.literal_eval(f"[{width}]") == ranges["width"]
    # beside it may stand that the study has ended
    expect(page.locator(".Toastify__toast").filter(has_text="written as ranges")).to_be_visible()
    notebook.undo()
    assert notebook.sources()[1] == before
    # other cells have no such buttons
    select(notebook, 2)
    expect(page.locator("[data-command='jupyter-tune:apply-best']:visible")).to_have_count(0)
    visible = "id => jupyterapp.commands.isVisible(id)"
    assert not page.evaluate(visible, "jupyter-tune:apply-best")
    select(notebook, 1)
    for command in ("apply-best", "narrow-around-best", "copy-best"):
        assert page.evaluate(visible, f"jupyter-tune:{command}")
    # and the context menu has them
    page.locator(".jp-Cell").nth(1).locator(".cm-line").first.click(button="right")
    menu = page.locator(".lm-Menu")
    for label in ("Apply Best Values as Defaults", "Narrow Ranges Around Best", "Copy Best Values as Python"):
        expect(menu.get_by_text(label)).to_be_visible()
    notebook.picture("cell-menu")
    menu.get_by_text("Apply Best Values as Defaults").click()
    wait_until(lambda: defaults_in(notebook.sources()[1]) == best_of(study), "the defaults")


def test_a_saved_dashboard_writes_into_its_cell_and_one_shown_elsewhere_into_none(
    open_notebook: OpenNotebook,
) -> None:
    notebook, study = tuned(open_notebook, "reopened")
    page = notebook.page
    notebook.save()
    notebook.lab.end_kernels()
    expect(page.locator(".jt-dashboard.jt-saved")).to_be_visible()
    seen(page.get_by_test_id("apply-best")).click()
    assert defaults_in(notebook.sources()[1]) == best_of(study)
    page.evaluate(
        """() => {
          const { sharedModel } = jupyterapp.shell.currentWidget.content.widgets[1].model;
          sharedModel.setSource('%tune show reopened');
        }"""
    )
    page.get_by_test_id("apply-best").click()
    expect(page.locator(".jt-notices .jt-notice").last).to_contain_text("no %%tune cell")
    assert notebook.sources()[1] == "%tune show reopened"
