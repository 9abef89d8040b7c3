"""A person steers a running study from its dashboard: a real Lab, a real kernel, real trials."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from jupyter_tune.core.events import BudgetChanged, TrialEnqueued
from jupyter_tune.core.trial import PRUNED, RUNNING
from tests.browser.studies import study_cell, study_of
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook, seen


def test_a_click_on_the_landscape_is_tried_next(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("try", LOAD, study_cell("try", pause=0.2, sampler="gp"))
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    landscape = seen(page.get_by_test_id("chart-landscape"))
    expect(landscape.locator(".heatmaplayer .hm").first).to_be_attached()
    # of the map, not of the axes: these reach beyond it where the best trial lies on its edge
    box = landscape.locator(".heatmaplayer image").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.07 * box["height"])
    page.get_by_test_id("try-here").click()
    wait_until(
        lambda: any(t.source == "user" for t in study_of(notebook, "try").trials.values()), "the trial"
    )
    (asked,) = (r.event for r in notebook.lab.records("try") if isinstance(r.event, TrialEnqueued))
    yours = next(t for t in study_of(notebook, "try").trials.values() if t.source == "user")
    # the upper right corner: both parameters near their largest values
    assert {name: yours.params[name] for name in asked.params} == asked.params
    lr, width = asked.params["lr"], asked.params["width"]
    assert isinstance(lr, float)
    assert lr > 0.03
    assert isinstance(width, int)
    assert width > 150
    expect(seen(page.get_by_test_id(f"trial-{yours.number}"))).to_contain_text("you")
    page.get_by_test_id("stop").click()


def test_budget_halt_and_undo(open_notebook: OpenNotebook) -> None:
    # nobody but the person ends a trial
    cell = study_cell("steer", steps=10_000, pause=0.5, pruner="none")
    notebook = open_notebook("steer", LOAD, cell)
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    workers = page.get_by_test_id("budget-workers")
    workers.fill("3")
    workers.press("Enter")
    wait_until(lambda: len(study_of(notebook, "steer").in_state(RUNNING)) == 3, "a third worker")
    assert any(isinstance(r.event, BudgetChanged) for r in notebook.lab.records("steer"))

    wait_until(lambda: any(t.curve for t in study_of(notebook, "steer").in_state(RUNNING)), "a report")
    running = max(study_of(notebook, "steer").in_state(RUNNING), key=lambda trial: trial.number)
    page.get_by_test_id(f"trial-{running.number}").click()
    wait_until(lambda: bool(study_of(notebook, "steer").trials[running.number].curve), "its first report")
    page.get_by_test_id("prune").click()
    wait_until(lambda: study_of(notebook, "steer").trials[running.number].state == PRUNED, "the pruning")
    assert study_of(notebook, "steer").trials[running.number].reason == "pruned by the user"

    page.get_by_test_id("undo").click()
    wait_until(lambda: study_of(notebook, "steer").settings.workers == 2, "the budget to be as before")
    page.get_by_test_id("stop").click()


def test_two_views_of_a_study_stay_in_step(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("twice", LOAD, study_cell("twice"), "%tune show twice")
    for cell in range(3):
        notebook.run(cell)
    views = notebook.page.get_by_test_id("jupyter-tune-dashboard")
    expect(views).to_have_count(2)
    first, second = views.nth(0), views.nth(1)

    first.get_by_test_id("pause").click()
    for view in (first, second):
        expect(seen(view.get_by_test_id("state"))).to_have_text(re.compile("paused", re.I))
    second.get_by_test_id("chip-act-gelu").click()
    expect(seen(first.get_by_test_id("chip-act-gelu"))).to_have_attribute("aria-pressed", "false")
    first.get_by_test_id("undo").click()
    expect(seen(second.get_by_test_id("chip-act-gelu"))).to_have_attribute("aria-pressed", "true")
    second.get_by_test_id("stop").click()
    # also once its end has left the lasting picture in place of the view
    expect(seen(first.get_by_test_id("stop"))).to_be_disabled()
