"""The dashboard shows what a study has of its machine; two studies share two GPUs that are not there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from jupyter_tune.core.trial import RUNNING
from jupyter_tune.executors.local.devices import FAKE
from tests.browser.studies import study_cell, study_of
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import OpenNotebook, seen


def test_gpus_of_running_trials_and_what_others_wait_for_are_shown(open_notebook: OpenNotebook) -> None:
    first, second = (study_cell(name, steps=10_000, pause=0.5, pruner="none") for name in ("has", "waits"))
    notebook = open_notebook("machine", f"import os\nos.environ[{FAKE!r}] = '2'\n{LOAD}", first, second)
    for cell in range(3):
        notebook.run(cell)
    page = notebook.page
    wait_until(lambda: len(study_of(notebook, "has").in_state(RUNNING)) == 2, "a trial on each GPU")
    dashboards = page.get_by_test_id("jupyter-tune-dashboard")
    seen(dashboards.first.get_by_test_id("counts"))
    slots = dashboards.first.get_by_test_id("slots")
    expect(slots).to_have_text(
        re.compile(r"trial \d\s*GPU 0 · 34 % · 5.0 of 80 GB\s*trial \d\s*GPU 1 · 41 % · 5.0 of 80 GB")
    )
    # what is out of sight is not drawn
    seen(dashboards.last.get_by_test_id("counts"))
    waits = dashboards.last.get_by_test_id("waits")
    expect(waits).to_have_text(re.compile(r"2 trials wait for a free GPU; study has \(process \d+\) holds 2"))
    notebook.picture("machine-waits")
    expect(dashboards.first.get_by_role("columnheader", name="Slot")).to_be_visible()
    notebook.save()
    page.reload()
    expect(dashboards).to_have_count(2)
    seen(dashboards.last.get_by_test_id("counts"))
    expect(waits).to_contain_text("2 trials wait")
    dashboards.first.get_by_test_id("stop").click()
    seen(dashboards.last.get_by_test_id("counts"))
    expect(waits).to_be_hidden()
    dashboards.last.get_by_test_id("stop").click()
