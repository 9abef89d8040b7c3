"""What several test folders share."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest
from distributed import LocalCluster

from jupyter_tune.client.connection import Connection
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.ports import Executor
from jupyter_tune.executors.local.devices import FAKE
from jupyter_tune.executors.local.executor import LocalExecutor
from jupyter_tune.executors.local.leases import FOLDER_VARIABLE
from jupyter_tune.journal.running import RUNNING_VARIABLE
from jupyter_tune.launch import warm
from tests.bare import take_over_nothing
from tests.dask_clusters import local_cluster
from tests.processes import tune_processes, wait_until
from tests.real_kernel import LOAD_WITHOUT_A_MODEL, Kernel, kernel_in
from tests.trial_lab import Lab

_LEASES = tempfile.mkdtemp(prefix="jupyter_tune-tests-")
_COUNT = itertools.count()
_ENVIRON = frozenset(os.environ)
SET_BY_DASK = frozenset(
    {
        "PYTHONHASHSEED",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MALLOC_TRIM_THRESHOLD_",
    }
)

TAKE_MINUTES = {
    "notebook/test_kernel.py",
    "notebook/test_tuning.py",
    "notebook/test_sagemaker.py",
    "browser/test_saved_matrix.py",
    "browser/test_dashboard.py",
    "browser/test_walk.py",
    "browser/test_axes.py",
    "browser/test_editing_help.py",
    "browser/test_source_sliders.py",
    "browser/test_apply_best.py",
    "browser/test_looks.py",
    "browser/test_steering.py",
}

# other workers make the machine busy, so deadlines would fail at random
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order: other tests, tests with kernels, tests with browsers.

    Browser tests are last because Playwright keeps an event loop running in this thread until its browser is
    closed, and asyncio tests need a thread without one. In each group the files that take minutes come first,
    so that no worker is alone with one at the end.
    """

    def place(item: pytest.Item) -> tuple[int, bool]:
        rank = int(not {"kernel", "shared_kernel"}.isdisjoint(getattr(item, "fixturenames", ())))
        return 2 if "browser" in item.path.parts else rank, "/".join(item.path.parts[-2:]) not in TAKE_MINUTES

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def leases_of_the_session() -> Iterator[None]:
    """Studies of this process's tests do not wait for those of other processes, nor list them, and find no
    GPU."""
    os.environ[FOLDER_VARIABLE] = _LEASES
    os.environ[RUNNING_VARIABLE] = f"{_LEASES}/running"
    os.environ[FAKE] = "0"
    yield
    shutil.rmtree(_LEASES, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies of a test do not wait for those of others, nor list them."""
    own = f"{_LEASES}/{next(_COUNT)}"
    monkeypatch.setenv(FOLDER_VARIABLE, own)
    monkeypatch.setenv(RUNNING_VARIABLE, f"{own}/running")


@pytest.fixture(autouse=True)
def nothing_of_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask sets these in the process that starts a cluster, and leaves them there."""
    for name in SET_BY_DASK - _ENVIRON:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel of the test's own, in an empty folder."""
    with kernel_in(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def kernel_of_the_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel_in(tmp_path_factory.mktemp("kernel")) as started:
        started.run(LOAD_WITHOUT_A_MODEL)
        yield started


@pytest.fixture
def shared_kernel(kernel_of_the_file: Kernel, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel that the tests of a file use one after the other, each in an empty folder: to start one takes
    seconds. It knows the magics, and what earlier tests have defined; their studies have ended. A test that
    restarts its kernel needs one of its own."""
    kernel_of_the_file.work_in(tmp_path)
    yield kernel_of_the_file
    kernel_of_the_file.run("%tune stop --all")
    kernel_of_the_file.run("if globals().get('study') is not None: study.wait()")


@pytest.fixture
def no_process_is_left() -> Iterator[None]:
    """After the test, this process has no more descendants than before."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not left, f"left behind: {left}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """Three workers with one thread each, which hold no study between two tests."""
    with local_cluster(3) as started:
        yield started


@pytest.fixture
def executor() -> Executor:
    """What runs the trials of `lab`; the contract of executors has each kind in turn."""
    return LocalExecutor()


@pytest.fixture
async def lab(executor: Executor, tmp_path: Path, no_process_is_left: None) -> AsyncIterator[Lab]:
    """A lab, none of whose processes is left."""
    lab = Lab(executor, tmp_path, {})
    yield lab
    await lab.executor.close()
    assert all(len(lab.ends(f.number, f.attempt)) == 1 for f in lab.facts), "not one end per launch"


@pytest.fixture
def bare_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials inherit nothing from this process, whose state depends on other tests."""
    take_over_nothing(monkeypatch)


@pytest.fixture
def nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare_notebook: None) -> Iterator[None]:
    """Studies are written to the test's folder, and end with the test."""
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
    warm.cool_down()
    wait_until(lambda: not tune_processes(tmp_path), "every process of the test's studies to end")
