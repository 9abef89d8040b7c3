"""What a test sees on the page of a host."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.real_lab import PICTURES

TALL = {"width": 1400, "height": 2200}


def dashboard_on(page: Page, place: int = 0) -> Locator:
    """The dashboards of a page are counted from the top; also those in shadow roots."""
    return page.get_by_test_id("jupyter-tune-dashboard").nth(place)


def errors_of(page: Page) -> list[str]:
    """Uncaught errors of the page from now on, and what its console calls an error."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    return errors


def picture(page: Page, name: str) -> None:
    """Keeps what the page shows, under out/browser/."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    page.set_viewport_size(TALL)  # type: ignore[arg-type]
    page.screenshot(path=PICTURES / f"{name}.png")
    if before is not None:
        page.set_viewport_size(before)
