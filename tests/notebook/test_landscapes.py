"""The model's picture in a view: what is asked of the driver, and when."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.client.connection import DriverGoneError
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.events import Event, Record, StudyOpened, TrialEnded, TrialStarted, TrialSuggested
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import DriverError, SpaceError
from jupyter_tune.notebook import landscapes
from jupyter_tune.notebook.landscapes import Landscapes
from jupyter_tune.wire.requests import Request

SPACE = Space({name: Float(0.0, 1.0) for name in "xyz"})


class Handle(StudyHandle):
    """A study whose driver answers when the test says so."""

    def __init__(self, space: Space = SPACE) -> None:
        super().__init__(Path("test.tune.db"))
        self.begin(Study(StudyOpened("test", space, Settings("score"))))
        self.asked: list[dict[str, Any]] = []
        self.answers: list[Future[Any]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.is_gone = False

    def outlook(self, x: str | None = None, y: str | None = None) -> tuple[str, str | None]:
        found = super().outlook(x, y)
        self.meanwhile()
        return found

    def send(self, request: Request) -> Future[Any]:
        if self.is_gone:
            raise DriverError("gone")
        self.asked.append(dataclasses.asdict(request))
        self.answers.append(Future())
        return self.answers[-1]

    def answer(self) -> None:
        self.answers[-1].set_result(self.asked[-1])

    def end_a_trial(self) -> None:
        number = self.snapshot().highest + 1
        begun = TrialSuggested(number, SPACE.defaults(), "random"), TrialStarted(number, 1)
        self.fold_in(*begun, TrialEnded(number, 1, "complete", 0.5))

    def fold_in(self, *events: Event) -> None:
        for event in events:
            self.fold.apply([Record(self.fold.study.seq + 1, 0.0, event)])


class View:
    def __init__(self, handle: Handle):
        self.shown: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.landscapes = Landscapes(handle, self.shown.append, self.complaints.append)


@pytest.fixture
def handle() -> Handle:
    return Handle()


@pytest.fixture
def view(handle: Handle) -> View:
    return View(handle)


def look(x: str, y: str | None, /, **at: float) -> dict[str, Any]:
    return {"x": x, "y": y, "at": at or None, "target": None}


def test_of_what_is_asked_while_one_is_drawn_the_last_is_asked_for_next(handle: Handle, view: View) -> None:
    for z in (0.1, 0.2, 0.3):
        view.landscapes.want("x", "y", {"z": z})
    assert handle.asked == [look("x", "y", z=0.1)]
    handle.answer()
    assert handle.asked[1:] == [look("x", "y", z=0.3)]
    handle.answer()
    assert len(handle.asked) == 2
    assert view.shown == handle.asked
    assert view.landscapes.axes == ("x", "y")


def test_a_request_that_comes_while_a_bad_one_is_refused_is_not_lost(handle: Handle, view: View) -> None:
    view.landscapes.want("x", "y", {"z": 7.0})
    view.landscapes.want("y", "z", None)
    handle.answers[0].set_exception(SpaceError("z: 7.0 is outside 0.0 to 1.0"))
    assert view.complaints == ["the landscape could not be drawn: z: 7.0 is outside 0.0 to 1.0"]
    assert handle.asked[1:] == [look("y", "z")]


def test_a_request_that_comes_while_another_is_sent_is_not_mixed_into_it(handle: Handle, view: View) -> None:
    def ask_again() -> None:
        handle.meanwhile = lambda: None
        view.landscapes.want("x", "z", {"y": 0.2})

    handle.meanwhile = ask_again
    view.landscapes.want("x", "y", {"z": 0.1})
    handle.answer()
    assert handle.asked == [look("x", "y", z=0.1), look("x", "z", y=0.2)]


def test_a_driver_that_leaves_with_the_answer_is_no_complaint_and_the_next_is_asked(
    handle: Handle, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landscapes, "LANDSCAPE_S", 0.0)
    view.landscapes.want("x", "y", {"z": 0.1})
    handle.answers[0].set_exception(DriverGoneError())
    assert view.complaints == []
    view.landscapes.keep_up()
    assert handle.asked == [look("x", "y", z=0.1)] * 2


def test_what_was_refused_is_wanted_no_more(
    handle: Handle, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landscapes, "LANDSCAPE_S", 0.0)
    view.landscapes.want("x", "no_such", None)
    assert handle.asked == []
    assert "no_such" in view.complaints[0]
    view.landscapes.keep_up()
    assert handle.asked == [look("x", "y")]


def test_it_is_drawn_anew_after_an_end_and_not_too_often(
    handle: Handle, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landscapes, "LANDSCAPE_S", 0.0)
    view.landscapes.keep_up()
    handle.answer()
    view.landscapes.keep_up()
    assert len(handle.asked) == 1, "no trial has ended since"
    handle.end_a_trial()
    monkeypatch.setattr(landscapes, "LANDSCAPE_S", 1e9)
    view.landscapes.keep_up()
    handle.answer()
    assert len(handle.asked) == 2
    handle.end_a_trial()
    view.landscapes.keep_up()
    assert len(handle.asked) == 2, "too soon"
    view.landscapes.keep_up(at_once=True)
    assert len(handle.asked) == 3


def test_a_driver_that_is_gone_is_said_once_for_each_request(handle: Handle, view: View) -> None:
    handle.is_gone = True
    view.landscapes.want("x", "y", None)
    view.landscapes.want("x", "y", None)
    assert view.complaints == ["the landscape could not be drawn: gone"] * 2


def test_nothing_is_asked_where_nothing_varies() -> None:
    handle = Handle(Space(x=Float(0.5, 0.5)))
    view = View(handle)
    view.landscapes.keep_up()
    assert handle.asked == []
    assert view.complaints == []
