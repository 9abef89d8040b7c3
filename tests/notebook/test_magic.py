"""%tune without a kernel: which study it means, and what it leaves open."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jupyter_tune.launch import launcher
from jupyter_tune.notebook import magic
from jupyter_tune.notebook.magic import TuneMagics
from tests.endless import a_study
from tests.processes import wait_until

CELL = "lr: Float(0.0, 1.0) = 0.5\nreport(score=lr)"


class Handle:
    """A study that only remembers what was asked of it."""

    def __init__(self, name: str):
        self.name = name
        self.path = Path(name)
        self.notices: list[tuple[str, str]] = []
        self.stopped = 0

    def disk(self) -> str:
        return "nothing"

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def magics(monkeypatch: pytest.MonkeyPatch) -> TuneMagics:
    def start(plan: Any) -> tuple[Handle, Any]:
        return Handle(plan.name), SimpleNamespace(notices=[])

    monkeypatch.setattr(launcher, "start", start)
    monkeypatch.setattr(launcher, "load_study", Handle)
    monkeypatch.setattr(magic, "show_new", lambda handle: lambda: None)
    names: dict[str, Any] = {}
    return TuneMagics(
        cast(Any, SimpleNamespace(user_ns=names, push=names.update, compile=SimpleNamespace(flags=0)))
    )


def test_without_a_name_the_study_is_meant_that_this_notebook_started_last(magics: TuneMagics) -> None:
    def started(name: str) -> Handle:
        magics.tune_cell(f"--maximize score --name {name}", CELL)
        return cast(Handle, magics._shell.user_ns["study"])

    first = started("first")
    second = started("second")
    magics.tune_line("stop")
    assert (first.stopped, second.stopped) == (0, 1)
    magics.tune_line("status somebody-elses")
    magics.tune_line("stop")
    assert (first.stopped, second.stopped) == (0, 2)
    again = started("first")
    magics.tune_line("stop")
    assert (again.stopped, second.stopped) == (1, 2)


@pytest.mark.usefixtures("nothing_stays")
def test_a_list_of_studies_leaves_no_connection(capsys: pytest.CaptureFixture[str]) -> None:
    def connections() -> int:
        return sum(thread.name == "jupyter_tune client" for thread in threading.enumerate())

    study = a_study("endless")
    before = connections()
    TuneMagics(cast(Any, None)).tune_line("list")
    assert "endless" in capsys.readouterr().out
    wait_until(lambda: connections() == before, "the connection of the list to end")
    study.stop()
    study.wait()
