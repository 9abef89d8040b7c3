"""What several test folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_kernel import Kernel, tune_processes, wait_until


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running in this thread until its browser
    is closed, and asyncio tests need the thread without one. Before them the kernels, the slow ones."""

    def place(item: pytest.Item) -> int:
        if "browser" in item.path.parts:
            return 2
        return int("kernel" in getattr(item, "fixturenames", ()))

    items.sort(key=place)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel in an empty folder; after the test nothing of it or its studies may run."""
    started = Kernel(tmp_path)
    yield started
    started.close()
    wait_until(lambda: not tune_processes(tmp_path), "every process of the kernel's studies to end", 15)
