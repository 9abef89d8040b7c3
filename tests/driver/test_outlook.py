"""The clock and the model, which stop rules need beside the records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from jupyter_tune.core.events import GainEstimated, StopRequested
from jupyter_tune.core.stopping.gain import HORIZONS, LEAST_KNOWN
from jupyter_tune.core.study import Study
from jupyter_tune.driver import outlook
from tests.driver.scripted import Listener, ScriptedExecutor, Slots, a_loop, all_suggested, runs, two_running

NOTHING = [[float(horizon), 0.0, 0.0, 0.0] for horizon in HORIZONS]


class Model:
    """Expects nothing more to gain, once it knows `enough` trials."""

    def __init__(self, enough: int):
        self.asked: list[int] = []
        self._enough = enough

    def __call__(self, study: Study, horizons: Sequence[int]) -> GainEstimated:
        known = study.ended_count
        self.asked.append(known)
        gains = NOTHING if known >= self._enough else [[float(each), 0.5, 0.1, 0.9] for each in horizons]
        return GainEstimated(known, 0.0, 0.3, gains)


def estimates(listener: Listener) -> list[GainEstimated]:
    return [record.event for record in listener.records if isinstance(record.event, GainEstimated)]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "SHARE", 0)


async def test_a_study_ends_once_the_model_expects_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model(enough=20)
    monkeypatch.setattr(outlook, "gain_of", model)
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=10**6, stop_when_converged=True)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert (loop.study.end_reason or "").startswith(
        "nothing left to gain: 20 more trials would improve score"
    )
    # nothing is asked before there is something to ask, nor twice about the same trials, nor after the end
    assert min(model.asked) >= LEAST_KNOWN
    assert sorted(set(model.asked)) == model.asked
    assert [each.known for each in estimates(listener)] == model.asked
    await loop.close()


async def test_without_such_a_rule_the_model_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model(enough=0)
    monkeypatch.setattr(outlook, "gain_of", model)
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=20)
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert (model.asked, estimates(listener)) == ([], [])
    await loop.close()


async def test_a_model_that_breaks_is_said_once_and_does_not_end_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(study: Study, horizons: Sequence[int]) -> GainEstimated:
        raise ZeroDivisionError("no spread")

    monkeypatch.setattr(outlook, "gain_of", broken)
    loop, listener = a_loop(tmp_path, ScriptedExecutor(), trials=30, price="1%/h")
    await loop.begin([])
    await listener.until(lambda: loop.study.is_ended)
    assert loop.study.end_reason == "all trials done"
    said = [text for text in listener.notices if "gain" in text]
    assert said == [
        "what the coming trials may gain is not known (ZeroDivisionError('no spread')); the study goes on"
    ]
    await loop.close()


def stops(listener: Listener) -> list[float]:
    """When a stop was recorded, in unix seconds."""
    return [record.at for record in listener.records if isinstance(record.event, StopRequested)]


class Timers:
    """A clock, and the event loop's timers by it: time passes when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.now = 1000.0
        self._loop = asyncio.get_running_loop()
        self._waiting: list[asyncio.TimerHandle] = []
        monkeypatch.setattr(self._loop, "call_later", self._call_later)

    def __call__(self) -> float:
        return self.now

    def _call_later(self, delay_s: float, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(self.now + delay_s, callback, args, self._loop)
        self._waiting.append(timer)
        return timer

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        due = [timer for timer in self._waiting if timer.when() <= self.now]
        self._waiting = [timer for timer in self._waiting if timer.when() > self.now]
        for timer in due:
            if not timer.cancelled():
                timer._run()


async def test_a_budget_of_hours_ends_a_study_whose_trials_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers, slots = Timers(monkeypatch), Slots()
    loop, listener = a_loop(tmp_path, slots, clock=timers, budget=f"{10 / 3600} trial-hours")
    await two_running(loop, listener)
    # three seconds of each, then one ends, another takes its place, and neither reports: two more of each
    timers.pass_by(3.0)
    slots.end(0)
    await runs(loop, listener, 2)
    timers.pass_by(1.9)
    await all_suggested(loop)
    assert stops(listener) == []
    timers.pass_by(0.2)
    await listener.until(lambda: bool(stops(listener)))
    assert stops(listener) == [1000.0 + 3.0 + 1.9 + 0.2]
    assert (loop.study.stop_reason or "").endswith("trial-hours spent")
    await loop.close()
