"""Advice, tags and notes as a person meets them: a real Lab, a real kernel, real trials."""

from __future__ import annotations

from playwright.sync_api import expect

from jupyter_tune.core.events import RangesNarrowed
from tests.browser.studies import study_of
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook, seen

CELL = """%%tune --maximize score -j 2 -n 10000 --sampler random --pruner none --name advised --tag data=toy
lr: Float(1e-4, 1e-1, log=True) = 1e-2
opt: Categorical(["sgd", "adam", "lion"]) = "sgd"
import time
time.sleep(0.1)
if opt == "lion":
    raise ValueError("no such optimiser")
report(score=-abs(lr - 1e-2))
"""


def test_a_click_acts_on_advice_and_a_note_is_kept(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("advised", LOAD, CELL, "import time\nwhile True: time.sleep(0.1)")
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    act = page.get_by_test_id("advice-failures-opt")
    expect(act).to_have_text("Leave out 'lion'")
    expect(page.get_by_test_id("advice")).to_contain_text("with 'lion' failed")
    seen(act).click()

    def narrowings() -> list[RangesNarrowed]:
        return [r.event for r in notebook.lab.records("advised") if isinstance(r.event, RangesNarrowed)]

    wait_until(lambda: bool(narrowings()), "the narrowing")
    assert [event.ranges["opt"] for event in narrowings()] == [["sgd", "adam"]]
    expect(act).to_have_count(0)
    expect(page.get_by_test_id("chip-opt-lion")).to_have_attribute("aria-pressed", "false")
    # it is a change like any other: the log has it, and Undo takes it back
    undo = page.get_by_test_id("undo")
    expect(undo).to_have_attribute("title", "Undo: opt narrowed to sgd, adam")
    undo.click()
    wait_until(lambda: len(narrowings()) == 2, "the undo")
    expect(page.get_by_test_id("chip-opt-lion")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("coming-gain")).to_contain_text("better")

    seen(page.get_by_test_id("study-edit-note")).click()
    page.get_by_test_id("study-note-field").fill("lion is not installed here")
    page.get_by_test_id("study-note-field").press("Control+Enter")
    expect(page.get_by_test_id("study-note")).to_have_text("lion is not installed here")
    seen(page.get_by_test_id("trial-0")).click()
    seen(page.get_by_test_id("trial-add-tag")).click()
    page.get_by_test_id("trial-tag").fill("baseline")
    page.get_by_test_id("trial-tag").press("Enter")
    expect(page.get_by_test_id("trial-tags")).to_contain_text("baseline")
    page.get_by_test_id("stop").click()
    expect(page.get_by_test_id("state")).to_have_text("ended")
    # after the end too
    seen(page.get_by_test_id("trial-edit-note")).click()
    page.get_by_test_id("trial-note-field").fill("what we ran before")
    page.get_by_test_id("trial-note-field").press("Control+Enter")
    expect(page.get_by_test_id("trial-note")).to_have_text("what we ran before")
    notebook.picture("advice")
    study = study_of(notebook, "advised")
    assert (study.notes, study.tags) == (
        {None: "lion is not installed here", 0: "what we ran before"},
        {None: {"data": "toy"}, 0: {"baseline": True}},
    )

    # what a person has chosen to see stays when the live dashboard takes the place of the saved one
    notebook.save()
    notebook.run(2, wait=False)
    page.reload()
    expect(page.get_by_test_id("ways")).to_contain_text("Connecting to the kernel")
    expect(page.get_by_test_id("study-note")).to_have_text("lion is not installed here")
    expect(page.get_by_test_id("study-tags")).to_contain_text("data=toy")
    seen(page.get_by_test_id("tag-filter")).select_option("baseline")
    rows = page.get_by_test_id("trials").locator("tbody tr")
    expect(rows).to_have_count(1)
    page.get_by_test_id("trial-0").click()
    expect(page.get_by_test_id("trial-note")).to_have_text("what we ran before")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    expect(page.get_by_test_id("trial-edit-note")).to_be_visible()
    expect(page.get_by_test_id("trial-note")).to_have_text("what we ran before")
    expect(rows).to_have_count(1)
