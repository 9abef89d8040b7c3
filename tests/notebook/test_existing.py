"""What a cell that is run again offers in place of the study that exists: real studies, a page that asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.launch import launcher
from jupyter_tune.launch.option import TUNE
from jupyter_tune.launch.options import make_settings
from jupyter_tune.launch.plan import Plan, make_plan
from jupyter_tune.launch.recipes import recipe_of
from jupyter_tune.notebook import live
from jupyter_tune.notebook.existing import Instead
from jupyter_tune.views.saved.dashboard import DASHBOARD
from tests.endless import a_study
from tests.notebook.test_live import Output
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("nothing_stays", "front_end")

OPTIONS: dict[str, Any] = {"maximize": "score", "sampler": "random", "trials": 2}


# a lambda travels by its code: no trial imports what a test of notebooks does
quick: Callable[..., float] = lambda x: x  # noqa: E731


def the_cell_again(name: str, folder: Path) -> Plan:
    settings = make_settings(OPTIONS, TUNE)
    space = jt.Space(x=jt.Float(0, 1))
    work = {"kind": "function", "function": quick}
    return make_plan({"name": name, "dir": str(folder)}, space, settings, work, {})


class Again:
    """A study, shown once more by the cell that was run again; `started` are those it started instead."""

    def __init__(self, study: StudyHandle, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(live, "display", lambda obj, **kwargs: Output(obj))
        monkeypatch.setattr(live, "lasting_picture", lambda *_: {"text/plain": "drawn"})
        self.started: list[StudyHandle] = []
        live.show(study, Instead(recipe_of(the_cell_again(study.name, study.path.parent)), self._begin))
        self.view = live._views[study]
        assert self.view._dashboard is not None
        self.board = self.view._dashboard
        self.output = self.view._displays[-1]
        self.said: list[str] = []
        self.board.send = lambda content, buffers=None: self.said.append(content.get("text", ""))

    def _begin(self, plan: Plan) -> StudyHandle:
        self.started.append(launcher.start(plan)[0])
        return self.started[-1]

    def ask(self, do: str, **fields: Any) -> None:
        self.board._handle_custom_msg({"type": do, **fields}, [])

    @property
    def shown_model(self) -> str:
        assert isinstance(self.output, Output)
        return str(self.output.shown[DASHBOARD]["model"])


def ended(name: str) -> StudyHandle:
    study = jt.tune(quick, jt.Space(x=jt.Float(0, 1)), name=name, **OPTIONS)
    study.wait()
    return study


def test_a_study_is_replaced_from_its_page_and_its_file_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    study = ended("toy")
    again = Again(study, monkeypatch)
    assert again.board.instead == {"name": "toy-2"}
    again.ask("replace")
    again.ask("replace")  # a second click
    wait_until(lambda: again.board.instead == {}, "the new study")
    [new] = again.started
    new.wait()
    assert new.name == "toy"
    assert study.name.startswith("toy-20")
    views = live._views
    wait_until(
        lambda: new in views and again.output in views[new]._displays, "the new study in the cell's output"
    )
    board = live._views[new]._dashboard
    assert board is not None
    assert again.shown_model == board.model_id
    assert again.output not in again.view._displays
    wait_until(lambda: any("%tune show toy shows it" in text for text in again.said), "the notice")
    again.ask("replace")
    wait_until(lambda: any("run its cell again" in text for text in again.said), "the refusal")


def test_a_study_is_started_under_another_name_and_a_name_that_is_taken_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = ended("toy-2")
    again = Again(study, monkeypatch)
    assert again.board.instead == {"name": "toy-3"}
    for name, complaint in (("toy-2", "'toy-2' exists already"), ("a/b", "a/b"), ("", "name")):
        again.said.clear()
        again.ask("start", name=name)
        wait_until(lambda: bool(again.said), "the refusal")
        assert complaint in again.said[0]
    again.ask("start", name="toy-3")
    wait_until(lambda: again.board.instead == {}, "the new study")
    [new] = again.started
    new.wait()
    assert (new.name, study.name) == ("toy-3", "toy-2")


def test_a_running_study_is_not_replaced_from_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    study = a_study("busy")
    again = Again(study, monkeypatch)
    again.ask("replace")
    wait_until(lambda: any("stop it first" in text for text in again.said), "the refusal")
    assert (again.started, study.state) == ([], "running")
    assert again.board.instead == {"name": "busy-2"}, "the offer stands"
    study.stop()
    study.wait()
