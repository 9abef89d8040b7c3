"""The dashboard in a host that has the anywidget protocol and nothing of JupyterLab, as VS Code has."""

from __future__ import annotations

import comm
import pytest
from playwright.sync_api import Page, expect

from tests.endless import a_study
from tests.hosts.bare_host import THEMES, BareHost, HostComm
from tests.hosts.pages import errors_of, picture
from tests.real_lab import seen


@pytest.mark.usefixtures("nothing_stays")
def test_two_views_follow_and_steer_a_study_and_close_apart(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comm, "create_comm", HostComm)
    study = a_study("bare", "xy", sampler="gp")
    board = study.dashboard()
    errors = errors_of(page)
    host = BareHost(page, board.comm)
    first, second = host.show("first"), host.show("second")
    for view in (first, second):
        expect(seen(view).locator(".js-plotly-plot").first).to_be_visible()
    counts = seen(first.get_by_test_id("counts"))
    before = counts.inner_text()
    first.get_by_test_id("budget-workers").fill("3")
    first.get_by_test_id("budget-workers").press("Enter")
    host.wait_for(lambda: study.snapshot().settings.workers == 3, "a third worker")
    expect(counts).not_to_have_text(before)
    assert host.binary_messages > 0

    low = seen(second.get_by_test_id("range-x-low"))
    low.focus()
    for _ in range(20):
        low.press("ArrowRight")
    host.wait_for(lambda: float(study.snapshot().ranges["x"].low) > 0, "the narrowing")
    expect(first.get_by_test_id("range-x-low")).to_have_attribute("aria-valuenow", "0.2")

    for theme, variables in THEMES.items():
        host.wear(theme)
        card = first.locator(".jt-card").first
        expect(card).to_have_css("background-color", rgb(variables["editor-background"]))
        expect(card).to_have_css("color", rgb(variables["editor-foreground"]))
        seen(first.get_by_test_id("chart-history"))
        picture(page, f"bare-{theme}")

    # a view that is disposed of leaves nothing, and the other goes on
    host.close("second")
    expect(second.locator("*")).to_have_count(0)
    first.get_by_test_id("pause").click()
    host.wait_for(lambda: study.state == "paused", "the pause")
    expect(first.get_by_test_id("state")).to_have_text("paused")
    host.close("first")
    page.evaluate("() => close_model()")
    assert page.evaluate("() => [...model.callbacks.values()].flat().length") == 0
    assert page.evaluate("() => violations") == []
    assert errors == []
    board.close()
    study.stop()
    study.wait()


def rgb(colour: str) -> str:
    """As the browser writes #rrggbb."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgb({red}, {green}, {blue})"
