"""One JupyterLab server and one Chromium for the whole suite.

On a failure the page's picture is kept under out/browser/.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import real_lab
from tests.real_lab import PICTURES, Lab, new_page


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with contextlib.closing(Lab(tmp_path_factory.mktemp("lab"))) as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with real_lab.chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    opened = new_page(chromium)
    yield opened
    if getattr(request.node, "failed", False):
        PICTURES.mkdir(parents=True, exist_ok=True)
        opened.screenshot(path=PICTURES / f"failed-{re.sub(r'[^a-z0-9]+', '-', request.node.name)}.png")
    opened.context.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if outcome.get_result().failed:
        item.failed = True  # type: ignore[attr-defined]


@pytest.fixture
def open_notebook(lab: Lab, page: Page) -> Iterator[Any]:
    """`open_notebook(name, *cells)`: written, opened in Lab, its kernel idle."""
    yield partial(lab.open, page)
    lab.end_kernels()
