"""One Chromium for all hosts. On a failure the page's picture is kept under out/browser/."""

from tests.browser.conftest import chromium, page, pytest_runtest_makereport

__all__ = ["chromium", "page", "pytest_runtest_makereport"]
