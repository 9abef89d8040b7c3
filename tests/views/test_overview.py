from __future__ import annotations

import json
import math

import pytest

from jupyter_tune.core.events import StopRequested, StudyEnded, StudyPaused, StudyTagged, TrialReported
from jupyter_tune.core.settings import Settings
from jupyter_tune.views.overview import SPARK, VERSION, Overview, overview, overview_from_json
from tests.views.studies import started, story, study, whole

LOSS = Settings("loss", "minimize", trials=30, workers=2)


def again(found: Overview) -> Overview | None:
    """What comes back from the text in a file."""
    return overview_from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))


@pytest.mark.parametrize("trials", [0, 1, 7, 300])
def test_it_comes_back_from_a_file_as_it_was(trials):
    found = overview(study(*story(trials), StudyTagged({"task": "a", "sizes": [1, 2]})), ends_at=12.5)
    assert again(found) == found
    assert found.trials == trials
    assert (found.ends_at, found.tags) == (12.5, {"task": "a", "sizes": [1, 2]})


def test_the_line_ends_at_the_best_value_and_never_gets_worse():
    long = overview(study(*story(300)))
    assert len(long.spark) == SPARK
    assert long.spark == sorted(long.spark)
    assert long.spark[-1] == long.best
    short = study(*whole(0, value=3.0), *whole(1, "failed"), *whole(2, value=1.0), settings=LOSS)
    assert overview(short).spark == [3.0, 3.0, 1.0]
    assert overview(study(*whole(0, "failed"))).spark == []


def test_a_trial_that_violates_a_constraint_is_in_no_line():
    settings = Settings("accuracy", subject_to=("width <= 8",))
    found = overview(study(*whole(0, value=0.9), settings=settings))
    assert (found.best, found.spark) == (None, [])


def test_what_ran_for_the_code_before_an_edit_is_not_done():
    found = overview(study(*whole(0, value=1.0), *started(1), settings=LOSS))
    assert (found.trials, found.done, found.budget, found.counts["running"]) == (2, 1, 30, 1)


def test_the_live_trial_with_the_best_reading_leads():
    reports = [TrialReported(number, 1, 1, {"loss": value}) for number, value in [(0, 0.5), (1, 0.25)]]
    events = [*started(0), *started(1), *started(2), *reports]
    found = overview(study(*events, TrialReported(2, 1, 1, {"loss": math.nan}), settings=LOSS))
    assert found.leader == (1, 0.25)
    assert again(found) == found
    assert overview(study(*started(0), settings=LOSS)).leader is None


@pytest.mark.parametrize(
    ("events", "state", "reason"),
    [
        ([], "running", ""),
        ([StudyPaused()], "paused", ""),
        ([StudyPaused(), StopRequested("stopped by the user")], "stopping", "stopped by the user"),
        ([StudyEnded("done")], "ended", "done"),
    ],
)
def test_the_state_is_that_of_the_records(events, state, reason):
    found = overview(study(*started(0), *events))
    assert (found.state, found.reason) == (state, reason)


def test_a_value_that_json_lacks_comes_back():
    found = overview(study(*whole(0, value=math.inf), settings=LOSS))
    assert found.best == math.inf
    assert again(found) == found
    assert found.loss == math.inf


@pytest.mark.parametrize(
    "change",
    [
        {"version": VERSION + 1},
        {"best": "<img src=x onerror=alert(1)>"},
        {"best": True},
        {"spark": [0.5, "1"]},
        {"spark": [0.5] * (SPARK + 1)},
        {"counts": {"complete": 1}},
        {"counts": None},
        {"state": "starting"},
        {"leader": [1]},
        {"leader": [1, None]},
        {"name": "more"},
        {"seq": 1.5},
        {"opened_at": math.nan},
        {"metric": 3},
    ],
    ids=str,
)
def test_nothing_is_believed_of_a_file_that_says_something_odd(change):
    told = overview(study(*story(9))).to_json()
    assert overview_from_json({**told, **change}) is None
    del told["metric"]
    assert overview_from_json(told) is None
    assert overview_from_json([told]) is None
    assert overview_from_json(None) is None
