"""The clock and the model, which stop rules need beside the records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from jupyter_tune.core.events import GainEstimated, StopRequested
from jupyter_tune.core.stopping.gain import HORIZONS, LEAST_KNOWN
from jupyter_tune.core.study import Study
from jupyter_tune.driver import outlook
from tests.driver.scripted import Listener, ScriptedExecutor, Slots, a_loop, two_running

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


async def test_a_budget_of_hours_ends_a_study_whose_trials_say_nothing(tmp_path: Path) -> None:
    # two trials that never report: a second of each is 2 / 3600 hours
    loop, listener = a_loop(tmp_path, Slots(), budget=f"{2 / 3600} trial-hours")
    await two_running(loop, listener)
    await listener.until(lambda: any(isinstance(each.event, StopRequested) for each in listener.records))
    assert (loop.study.stop_reason or "").endswith("trial-hours spent")
    stopped = next(each for each in listener.records if isinstance(each.event, StopRequested))
    began = [trial.started_at or 0.0 for trial in loop.study.trials.values()]
    assert sum(stopped.at - at for at in began) == pytest.approx(2.0, abs=0.9)
    await loop.close()
