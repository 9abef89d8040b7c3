"""Which way the supervisor starts its children."""

from __future__ import annotations

import pytest

from jupyter_tune.errors import TuneError
from jupyter_tune.executors.local.processes import ON_LINUX
from jupyter_tune.executors.local.starts import FORK, SPAWN, START_VARIABLE, start_method
from tests.trial_lab import Lab

pytestmark = pytest.mark.usefixtures("bare_notebook")


def test_a_fork_where_it_is_safe_unless_the_user_chooses_otherwise() -> None:
    assert start_method({}) == start_method({START_VARIABLE: ""}) == (FORK if ON_LINUX else SPAWN)
    assert start_method({START_VARIABLE: SPAWN}) == SPAWN
    assert start_method({START_VARIABLE: FORK}) == FORK


async def test_a_way_that_does_not_exist_is_refused_before_anything_starts(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(START_VARIABLE, "forkserver")
    with pytest.raises(TuneError, match=r"JUPYTER_TUNE_START: .*'forkserver'; use fork or spawn"):
        await lab.open("report(accuracy=1)")


@pytest.mark.parametrize(("method", "is_there"), [(FORK, 1.0), (SPAWN, 0.0)])
async def test_a_forked_trial_finds_loaded_what_the_supervisor_has_and_a_spawned_one_does_not(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, method: str, is_there: float
) -> None:
    monkeypatch.setenv(START_VARIABLE, method)
    lab.options["preload"] = ["numpy"]
    await lab.run("import sys\nreport(accuracy='numpy' in sys.modules)")
    assert lab.reports()[0].metrics["accuracy"] == is_there
