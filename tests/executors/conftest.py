"""Real executors running real processes, and the law that none of them is left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_tune.executors.local import LocalExecutor
from tests.executors.lab import Lab


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not left, f"left behind: {left}"


@pytest.fixture(autouse=True)
def the_notebook_has_nothing_of_its_own(bare_notebook: None) -> None:
    """For every test here, but for those of what is inherited."""


@pytest.fixture(params=[LocalExecutor])
async def lab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lab]:
    """Every kind of executor in turn."""
    lab = Lab(request.param(), tmp_path, {})
    yield lab
    await lab.executor.close()
    assert all(len(lab.ends(f.number, f.attempt)) == 1 for f in lab.facts), "not one end per launch"


@pytest.fixture
def orphan_cell() -> str:
    """A cell that leaves a daemon in its own session, and reports the daemon's pid."""
    return (
        "import os, time\n"
        "ours, theirs = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.write(theirs, str(os.getpid()).encode())\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "daemon = int(os.read(ours, 20))\n"
        "report(accuracy=daemon)\n"
    )
