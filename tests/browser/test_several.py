"""The page of a study of several metrics and of constraints, as a person sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_tune.core.study import Study
from tests.browser.still import THEMES, open_still, served
from tests.core.studies import study_of, suggested
from tests.core.test_front import ended
from tests.real_lab import seen

POINTS = [(1.0, 5.0), (2.0, 5.0), (1.0, 1.0), (9.0, 99.0)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    with served(tmp_path) as address:
        yield tmp_path, address


def two() -> Study:
    events = [event for number, point in enumerate(POINTS) for event in ended(number, *point)]
    return study_of(*events, suggested(4), also=(("cost", "minimize"),), subject_to=("cost < 50",))


@pytest.mark.parametrize("theme", THEMES)
def test_header_chart_and_table_tell_the_front_from_the_infeasible(
    page: Page, folder: tuple[Path, str], theme: str
) -> None:
    open_still(page, *folder, two(), theme=theme)
    header = page.locator("header.jt-header")
    expect(header).to_contain_text("maximize score, minimize cost, subject to cost < 50")
    expect(header).to_contain_text("1 infeasible")
    expect(page.get_by_test_id("front-count")).to_have_text("2")
    expect(page.get_by_test_id("front-words")).to_have_text("trials on the front of score and cost")
    expect(page.get_by_test_id("front-ends")).to_have_text("best score2trial 1best cost1trial 2")
    expect(page.get_by_test_id("best-value")).to_be_hidden()
    front = seen(page.get_by_test_id("chart-front"))
    # two on the front, one that is feasible; the infeasible one costs so much that it is an arrow
    expect(front.locator(".scatterlayer .points path:visible")).to_have_count(4)
    for standing in ("on the front", "feasible", "infeasible"):
        expect(front.locator(".legendtext", has_text=re.compile(f"^{standing}$"))).to_be_visible()
    rows = page.get_by_test_id("trials").locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("on the front")
    expect(rows.nth(3)).to_contain_text("infeasible")
    expect(page.get_by_test_id("chart-curves")).to_be_hidden()


def test_a_selected_trial_says_what_it_violates_and_by_how_much(page: Page, folder: tuple[Path, str]) -> None:
    open_still(page, *folder, two())
    page.get_by_test_id("trial-3").click()
    detail = page.get_by_test_id("detail")
    expect(detail).to_contain_text("infeasible")
    expect(detail).to_contain_text("cost < 50, by 49")
    expect(detail).to_contain_text("99")


def test_the_front_says_what_is_under_the_pointer_and_a_click_selects_it(
    page: Page, folder: tuple[Path, str]
) -> None:
    open_still(page, *folder, two())
    front = seen(page.get_by_test_id("chart-front"))
    diamonds = front.locator('.scatterlayer .points path[style*="rgb(204, 121, 167)"]')
    expect(diamonds).to_have_count(2)
    box = diamonds.last.bounding_box()
    assert box is not None
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*place, steps=3)
    # Plotly knows what was clicked by what it shows under the pointer
    label = front.locator(".hoverlayer .hovertext").first
    expect(label).to_contain_text("on the front")
    expect(label).to_contain_text("cost: ")
    page.mouse.click(*place)
    expect(page.get_by_test_id("detail")).to_contain_text("on the front")


def test_the_history_shows_the_metric_that_is_chosen(page: Page, folder: tuple[Path, str]) -> None:
    open_still(page, *folder, two())
    history = seen(page.get_by_test_id("chart-history"))
    expect(history.locator(".ytitle")).to_have_text("score")
    page.get_by_test_id("history-metric").select_option("cost")
    expect(history.locator(".ytitle")).to_have_text("cost")


def test_the_table_is_sorted_by_each_metric_with_its_best_on_top(
    page: Page, folder: tuple[Path, str]
) -> None:
    open_still(page, *folder, two())
    rows = page.get_by_test_id("trials").locator("tbody tr")
    page.get_by_role("button", name="cost", exact=True).click()
    expect(rows.nth(0)).to_have_attribute("data-testid", "trial-2")
    # the cheapest would lead, were it not for the infeasible, which come after all that count
    expect(rows.nth(3)).to_have_attribute("data-testid", "trial-3")
