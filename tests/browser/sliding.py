"""Dragging the thumb of a slider."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.real_lab import seen


def place(thumb: Locator) -> tuple[float, float]:
    box = seen(thumb).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, thumb: Locator, by: float, *, drop: bool = True) -> None:
    x, y = place(thumb)
    page.mouse.move(x, y)
    page.mouse.down()
    for part in (0.3, 0.7, 1.0):
        page.mouse.move(x + by * part, y)
    if drop:
        page.mouse.up()
