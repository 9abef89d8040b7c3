"""A kernel that cannot send: what the dashboard says meanwhile."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.studies import hold, study_cell
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook, seen


def test_a_page_says_that_the_kernel_is_silent_until_it_is_heard_again(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook("busy", LOAD, study_cell("busy", pause=1.0), "while True: pass", hold(25))
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    silence = page.get_by_test_id("silence")
    seen(page.get_by_test_id("state"))

    # a cell that only computes is no reason to be silent
    notebook.run(2, wait=False)
    expect(notebook.prompt(2)).to_contain_text("*")
    before = len(notebook.lab.records("busy"))
    wait_until(lambda: len(notebook.lab.records("busy")) > before + 5, "the study to go on")
    expect(silence).to_be_hidden()
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    expect(notebook.prompt(2)).not_to_contain_text("*")

    notebook.run(3, wait=False)
    expect(silence).to_contain_text(re.compile(r"not answered for \d+ s: this view is \d+ s old"))
    page.get_by_test_id("stop").click()
    expect(silence).to_contain_text("Stop is queued")
    notebook.picture("silence")
    expect(silence).to_be_hidden()
    expect(page.locator(".jp-OutputArea").get_by_text("stopped by the user").first).to_be_visible()
