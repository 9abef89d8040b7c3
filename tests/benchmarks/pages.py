"""A real Lab in a real browser for the benchmarks: opened in an empty folder, and gone without a trace."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from tests.real_lab import Lab, NotebookPage, chromium, new_page


class Desk:
    """A Lab server, and the browser that its notebooks are opened in."""

    def __init__(self, lab: Lab, browser: Browser):
        self.lab = lab
        self.browser = browser

    def open(self, name: str, *cells: str) -> NotebookPage:
        """A notebook of these cells on a page of its own, its kernel idle."""
        return self.lab.open(new_page(self.browser), name, *cells)

    def leave(self, notebook: NotebookPage) -> None:
        """Close its page and end its kernel, before another one is opened."""
        notebook.page.context.close()
        self.lab.end_kernels()


@contextlib.contextmanager
def desk() -> Iterator[Desk]:
    """Raises AssertionError if at the end a process of its studies goes on."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        contextlib.closing(Lab(Path(folder))) as lab,
        chromium() as browser,
    ):
        yield Desk(lab, browser)
