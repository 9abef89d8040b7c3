"""Two people in one notebook, each in their own browser, with jupyter-collaboration: `make test-together`.

The package changes how JupyterLab keeps every document, so it has an environment of its own.
"""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from jupyter_tune.core.events import RangesNarrowed
from tests.browser.sliding import drag
from tests.browser.studies import study_cell
from tests.processes import wait_until
from tests.real_kernel import LOAD
from tests.real_lab import Lab, NotebookPage, new_page


def changes(lab: Lab) -> int:
    """How many times a range was changed."""
    return sum(isinstance(record.event, RangesNarrowed) for record in lab.records("shared"))


def test_both_see_one_study_and_steer_it(lab: Lab, chromium: Browser) -> None:
    pages = new_page(chromium), new_page(chromium)
    one = lab.open(pages[0], "shared", LOAD, study_cell("shared"))
    other = NotebookPage(lab, pages[1], "shared")
    other.wait_for_kernel()
    for cell in (0, 1):
        one.run(cell)
    dashboards = [notebook.output(1).locator(".jt-dashboard:not(.jt-saved)") for notebook in (one, other)]
    for dashboard in dashboards:
        expect(dashboard).to_have_attribute("data-state", "running")

    # each by the sliders of the dashboard, seen by both
    for count, (person, slider, by) in enumerate([(1, "range-lr-high", -60), (0, "range-width-low", 60)], 1):
        thumb = dashboards[person].get_by_test_id(slider).first
        before = thumb.get_attribute("aria-valuenow") or ""
        drag(pages[person], thumb, by)
        for dashboard in dashboards:
            expect(dashboard.get_by_test_id(slider).first).not_to_have_attribute("aria-valuenow", before)
        assert changes(lab) == count

    # by a slider of the source, whose text both have
    text = one.sources()[1]
    assert other.sources()[1] == text
    drag(pages[1], other.panel.get_by_test_id("source-width-high"), -15)
    wait_until(lambda: other.sources()[1] != text, "the other text")
    wait_until(lambda: one.sources()[1] == other.sources()[1], "one text")
    assert "width: Int(8, 256, log=True)" not in one.sources()[1]

    for place, notebook in enumerate((one, other)):
        notebook.picture(f"together-{place}")
    dashboards[1].get_by_test_id("stop").click()
    for dashboard in dashboards:
        expect(dashboard).to_have_attribute("data-state", "ended")
    for page in pages:
        page.context.close()
    lab.end_kernels()
