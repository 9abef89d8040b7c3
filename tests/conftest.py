"""What several test folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from jupyter_tune.client.connection import Connection
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.launch import launcher
from jupyter_tune.payload.user_modules import UserModules
from tests.processes import tune_processes, wait_until
from tests.real_kernel import Kernel

TAKE_MINUTES = {"notebook/test_kernel.py", "browser/test_saved_matrix.py", "browser/test_dashboard.py"}

# on a busy machine no deadline holds, and a worker's neighbour makes it busy
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running in this thread until its browser
    is closed, and asyncio tests need the thread without one. Before them the kernels, the slow ones.
    Where workers share the run, the files that take minutes go first, so that none is alone at the end."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        rank = int("kernel" in getattr(item, "fixturenames", ()))
        return 2 if "browser" in item.path.parts else rank, "/".join(item.path.parts[-2:]) not in TAKE_MINUTES

    items.sort(key=place)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel in an empty folder; after the test nothing of it or its studies may run."""
    started = Kernel(tmp_path)
    yield started
    started.close()
    wait_until(lambda: not tune_processes(tmp_path), "every process of the kernel's studies to end")


@pytest.fixture
def bare_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials inherit nothing of this process, nor load what it has loaded, which depends on other tests."""
    monkeypatch.setattr("jupyter_tune.payload.packing.snapshot", lambda dumps: ({}, []))
    monkeypatch.setattr("jupyter_tune.payload.packing.sources", lambda imported: UserModules({}, {}, {}, []))
    monkeypatch.setattr("jupyter_tune.launch.launcher.loaded_libraries", list)


@pytest.fixture
def nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare_notebook: None) -> Iterator[None]:
    """Studies go to the test's folder; whatever the test started ends with its handles."""
    monkeypatch.setenv("JUPYTER_TUNE_DIR", str(tmp_path))
    opened: list[StudyHandle] = []
    real_follow = StudyHandle.follow.__func__  # type: ignore[attr-defined]

    def follow(cls: Any, path: Path, connection: Connection) -> StudyHandle:
        opened.append(real_follow(cls, path, connection))
        return opened[-1]

    monkeypatch.setattr(StudyHandle, "follow", classmethod(follow))
    yield
    for handle in opened:
        handle.close()
    launcher.cool_down()
    wait_until(lambda: not tune_processes(tmp_path), "every process of the test's studies to end")
