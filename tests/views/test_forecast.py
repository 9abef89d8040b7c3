from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.events import (
    Event,
    Settings,
    StudyEnded,
    StudyPaused,
    TrialAdded,
    TrialEnded,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.views.forecast import Forecast
from tests.views.studies import SPACE, study

# the study opens at 1000 s, and every event takes one second
TWO_OF_TEN: list[Event] = [
    *(TrialSuggested(n, SPACE.defaults(), "random") for n in range(2)),
    TrialStarted(0, 1),
    TrialStarted(1, 1),
    TrialEnded(0, 1, "complete", 0.5),
    TrialEnded(1, 1, "pruned"),
]


def left_s(*events: Event, now: float = 1006.0, **settings: Any) -> float | None:
    return Forecast(study(*events, settings=Settings("accuracy", **settings))).left_s(now)


def test_what_is_left_takes_as_long_as_what_ended() -> None:
    # 8 trials of 2 s on 2 workers
    assert left_s(*TWO_OF_TEN, trials=10, workers=2) == pytest.approx(8.0)


def test_running_trials_have_part_of_their_time_behind_them() -> None:
    running: list[Event] = [*TWO_OF_TEN, TrialSuggested(2, SPACE.defaults(), "gp"), TrialStarted(2, 1)]
    assert left_s(*running, trials=10, workers=1, now=1009.0) == pytest.approx(15.0)
    assert left_s(*running, trials=10, workers=1, now=9999.0) == pytest.approx(14.0)


def test_results_from_elsewhere_do_not_count() -> None:
    added = TrialAdded(2, SPACE.defaults(), 0.9)
    assert left_s(*TWO_OF_TEN, added, trials=10, workers=2) == pytest.approx(8.0)


def test_the_timeout_cuts_it_short() -> None:
    assert left_s(*TWO_OF_TEN, trials=1000, timeout_s=60.0) == pytest.approx(54.0)
    assert left_s(timeout_s=60.0, now=2000.0) == 0.0


@pytest.mark.parametrize(
    ("events", "settings"),
    [
        ([], {"trials": 10}),
        (TWO_OF_TEN, {}),
        ([*TWO_OF_TEN, StudyPaused()], {"trials": 10}),
        ([*TWO_OF_TEN, StudyEnded("by hand")], {"trials": 10}),
    ],
)
def test_unknown_is_none(events: list[Event], settings: dict[str, Any]) -> None:
    assert left_s(*events, **settings) is None


def test_an_ended_study_takes_no_more_time() -> None:
    assert Forecast(study(StudyEnded("by hand"))).elapsed_s(9999.0) == 1.0
