"""What the coming trials may gain, for the page: when the driver is asked, and what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_tune.client.connection import DriverGoneError
from jupyter_tune.core.events import StudyEnded
from jupyter_tune.errors import DriverError
from jupyter_tune.notebook import gains
from jupyter_tune.notebook.gains import Gains
from tests.notebook.test_landscapes import Handle


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock on."""
    time = [1000.0]
    monkeypatch.setattr("jupyter_tune.notebook.gains.time.monotonic", lambda: time[0])

    def pass_s(seconds: float) -> None:
        time[0] += seconds

    return pass_s


class View:
    def __init__(self, ended: int):
        self.handle = Handle()
        self.shown: list[Any] = []
        self.complaints: list[str] = []
        self.gains = Gains(self.handle, self.shown.append, self.complaints.append)
        self.end(ended)

    def end(self, trials: int) -> None:
        for _ in range(trials):
            self.handle.end_a_trial()
        self.gains.keep_up()


def test_nothing_is_asked_before_enough_trials_have_ended(now: Callable[[float], None]) -> None:
    view = View(ended=11)
    assert view.handle.asked == []
    view.end(1)
    assert [asked["trials"] for asked in view.handle.asked] == [[20]]


def test_it_is_asked_again_after_trials_have_ended_and_seldom(now: Callable[[float], None]) -> None:
    view = View(ended=12)
    view.end(1)
    assert len(view.handle.asked) == 1  # one at a time
    now(2.0)
    view.handle.answers[-1].set_result([[20.0, 0.004, 0.001, 0.02]])
    assert view.shown == [{"trials": 20, "mean": 0.004, "low": 0.001, "high": 0.02}]
    now(39.9)  # it took 2 s, and may take a 20th of the time
    view.end(1)
    assert len(view.handle.asked) == 1
    now(0.2)
    view.end(0)
    assert len(view.handle.asked) == 2
    view.handle.answers[-1].set_result([])
    assert view.shown[-1] is None
    now(1000.0)
    view.end(0)
    assert len(view.handle.asked) == 2  # nothing has ended since


def test_when_the_study_has_ended_it_is_asked_once_more_at_once(now: Callable[[float], None]) -> None:
    view = View(ended=12)
    now(2.0)
    view.handle.answers[-1].set_result([])
    view.handle.fold_in(StudyEnded("all trials are done"))
    for _ in range(2):
        view.end(0)
    assert len(view.handle.asked) == 2
    view.handle.answers[-1].set_exception(DriverGoneError())
    view.end(0)
    assert len(view.handle.asked) == 2  # another driver is asked after the pause
    now(1000.0)
    view.end(0)
    assert len(view.handle.asked) == 3


def test_a_failure_is_said_once_and_a_driver_that_is_gone_not_at_all(now: Callable[[float], None]) -> None:
    view = View(ended=12)
    view.handle.answers[-1].set_exception(DriverGoneError())
    assert view.complaints == []
    for _ in range(2):
        now(1000.0)
        view.end(1)
        view.handle.answers[-1].set_exception(DriverError("no model"))
    assert view.complaints == ["what the coming trials may gain is not known: no model"]
    assert len(view.handle.asked) == 3


def test_of_a_budget_only_what_is_left_is_ahead() -> None:
    study = View(ended=12).handle.fold.study
    assert gains.ahead(study) == 20
    study.settings = type(study.settings)("score", trials=15)
    assert gains.ahead(study) == 3
