"""Real executors running real processes."""

from __future__ import annotations

import pytest

from tests.trial_lab import lab, no_process_is_left, the_notebook_has_nothing_of_its_own

__all__ = ["lab", "no_process_is_left", "the_notebook_has_nothing_of_its_own"]


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
