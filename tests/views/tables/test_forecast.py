from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.events import (
    Event,
    Record,
    StudyEnded,
    StudyPaused,
    TrialAdded,
    TrialEnded,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.forecast import Forecast
from tests.views.studies import SPACE, began, records, started, study

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
    running: list[Event] = [*TWO_OF_TEN, *started(2)]
    assert left_s(*running, trials=10, workers=1, now=1009.0) == pytest.approx(15.0)
    # one that takes far longer than the others says that trials may
    hung = left_s(*running, trials=10, workers=1, now=9999.0)
    assert hung is not None
    assert hung > 1000.0


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


def test_only_what_ended_has_saved_steps() -> None:
    reports: list[Event] = [TrialReported(n, 1, step, {"accuracy": 0.5}) for n in (2, 3) for step in (1, 2)]
    begun: list[Event] = [
        *started(2),
        *started(3),
        *reports,
        TrialSuggested(4, SPACE.defaults(), "gp"),
        TrialAdded(5, SPACE.defaults(), 0.9),
    ]
    ended: list[Event] = [TrialEnded(2, 1, "pruned"), TrialEnded(3, 1, "cancelled")]
    told, later = began(*TWO_OF_TEN, *begun, *ended, settings=Settings("accuracy", max_steps=9))
    forecast, steps = Forecast(told), []
    for record in later:
        told.apply(record)
        if isinstance(record.event, (TrialStarted, TrialEnded)):
            forecast.note(told.trials[record.event.number])
            steps.append((forecast.steps_done, forecast.steps_full))
    # 0 and 1 start, then end without a report; 2 and 3 start; 2 is pruned at step 2; 3 is cancelled
    assert steps == [(0, 0), (0, 0), (0, 9), (0, 18), (0, 18), (0, 18), (2, 27), (2, 27)]
    late = TrialReported(2, 1, 4, {"accuracy": 0.5})
    told.apply(Record(told.seq + 1, 1099.0, late))
    forecast.note(told.trials[2])
    afresh = Forecast(told)
    assert forecast.steps_done == afresh.steps_done == 4
    assert afresh.steps_full == 27


def test_without_a_longest_training_nothing_is_said_of_steps() -> None:
    assert Forecast(study(*TWO_OF_TEN, settings=Settings("accuracy"))).steps_full is None


def test_a_resumed_trial_has_saved_nothing_until_it_ends_again() -> None:
    resumed: list[Event] = [
        TrialReported(1, 1, 3, {"accuracy": 0.5}),
        TrialResumed(1, 1),
        TrialStarted(1, 2),
        TrialEnded(1, 2, "complete", 0.6),
    ]
    # 0 takes 2 s; 1 takes 2 s until it is pruned, and 1 s more
    settings = Settings("accuracy", trials=10, workers=1, max_steps=9)
    *first, pruned, late, again, started, ended = records(*TWO_OF_TEN, *resumed, settings=settings)
    told = Study.fold(first)
    forecast, said = Forecast(told), []
    for record in (pruned, late, again, started, ended):
        told.apply(record)
        forecast.note(told.trials[1])
        afresh = Forecast(told)
        said.append((forecast.steps_done, forecast.steps_full, forecast.left_s(record.at)))
        assert said[-1] == (afresh.steps_done, afresh.steps_full, afresh.left_s(record.at))
    assert said == [(0, 18, 16.0), (3, 18, 16.0), (0, 9, 18.0), (0, 9, 17.5), (3, 18, 8 * 2.5)]
