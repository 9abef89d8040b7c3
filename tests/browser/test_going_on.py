"""The end takes nothing away: an ended study goes on from its page, and so does a cell that is run again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.studies import study_of
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook, seen

# nothing varies: no driver has a model to load, and each way on starts a driver
CELL = """%%tune --maximize score -j 2 --max-steps 2 --sampler random --pruner none -n 3 --name on
x: Float(0.5, 0.5)
import time
for step in (1, 2):
    time.sleep(0.2)
    report(score=x * step, step=step)
"""


def test_every_button_of_an_ended_study_does_what_it_says(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("on", LOAD, CELL, "study.name, len(study.trials)")
    output = notebook.output(1)
    notebook.run(0)
    notebook.run(1)
    state = output.get_by_test_id("state")
    expect(state).to_have_text("ended")

    def trials(name: str = "on") -> int:
        return len(study_of(notebook, name).trials)

    def ended_with(count: int, name: str = "on") -> None:
        expect(output.locator(".jt-name")).to_have_text(name)
        wait_until(lambda: trials(name) == count and study_of(notebook, name).is_ended, f"{count} trials")
        expect(state).to_have_text("ended")
        expect(output.get_by_test_id("counts")).to_contain_text(f"{count} of {count}")

    # a Stop is taken back
    output.get_by_test_id("more-trials").click()
    output.get_by_test_id("stop").click()
    wait_until(lambda: study_of(notebook, "on").is_ended, "the stop")
    assert trials() < 23
    output.get_by_test_id("go-on").click()
    ended_with(23)
    seen(output.get_by_test_id("trial-0")).click()
    seen(output.get_by_test_id("run-again")).click()
    ended_with(24)

    # run again, the cell starts nothing, and offers to
    notebook.run(1)
    expect(output).to_contain_text("exists already and is ended")
    field = output.get_by_test_id("new-name")
    expect(field).to_have_value("on-2")
    output.get_by_test_id("start-new").click()
    ended_with(3, "on-2")
    expect(output.get_by_test_id("again")).to_be_hidden()
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("('on-2', 3)")
    assert trials() == 24

    notebook.run(1)
    notebook.picture("run-again")
    output.get_by_test_id("replace").click()
    ended_with(3)
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("('on', 3)")
    [kept] = notebook.lab.studies.glob("on-20*.tune.db")
    assert trials(kept.name.removesuffix(".tune.db")) == 24
