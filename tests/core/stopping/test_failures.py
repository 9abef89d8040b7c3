from __future__ import annotations

from jupyter_tune.core.commands import Close, Suggest
from jupyter_tune.core.events import DriverStarted, StudyEnded, TrialReopened
from jupyter_tune.core.stopping import failed_as_a_whole, stop_reason
from jupyter_tune.core.trial import FAILED
from tests.core.desk import Desk


def test_so_many_failures_end_a_study_that_has_successes_too():
    desk = Desk(workers=1, max_failures=2)
    desk.run(0)
    assert desk.run(1, FAILED, error="Traceback\nValueError: nan") == [Suggest(2)]
    desk.run(2)
    said = "2 trials have failed, the last one: OSError: disk full"
    assert desk.run(3, FAILED, error="OSError: disk full") == [Close(said)]


def test_one_failure_is_one_trial():
    desk = Desk(workers=1, max_failures=1)
    assert desk.run(0, FAILED, reason="killed") == [Close("1 trial has failed, the last one: killed")]


def test_a_failed_trial_that_runs_again_has_not_failed():
    desk = Desk(workers=1, max_failures=2)
    desk.run(0)
    desk.run(1, FAILED, error="boom")
    desk.tell(TrialReopened(1, 1))
    desk.run(2, FAILED, error="boom")
    assert stop_reason(desk.engine.study) is None


def test_after_an_end_failures_count_anew():
    desk = Desk(workers=1, max_failures=1)
    desk.run(0, FAILED, error="boom")
    desk.tell(StudyEnded("1 trial has failed"), DriverStarted("again"))
    assert stop_reason(desk.engine.study) is None
    desk.run(1, FAILED, error="boom")
    assert stop_reason(desk.engine.study) == "1 trial has failed, the last one: boom"


def test_a_study_has_failed_as_a_whole_where_nothing_succeeded_or_its_failures_ended_it():
    desk = Desk(workers=1, max_failures=3)
    assert failed_as_a_whole(desk.engine.study) is None
    desk.run(0, FAILED, error="Traceback\nValueError: nan")
    assert failed_as_a_whole(desk.engine.study) == "every trial failed: ValueError: nan"
    desk.run(1)
    desk.run(2, FAILED, error="boom")
    assert failed_as_a_whole(desk.engine.study) is None
    desk.run(3, FAILED, error="boom")
    assert failed_as_a_whole(desk.engine.study) == "3 trials have failed, the last one: boom"
