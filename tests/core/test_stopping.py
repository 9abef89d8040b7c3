from __future__ import annotations

import pytest

from jupyter_tune.core.commands import Close, Halt, Suggest
from jupyter_tune.core.events import (
    StopRequested,
    StudyPaused,
    TrialAdded,
    TrialEnded,
    TrialStarted,
)
from jupyter_tune.core.stopping import SAME_FAILURES, stop_reason, timeout_reached
from jupyter_tune.core.trial import CANCELLED, FAILED
from tests.core.desk import Desk
from tests.core.studies import suggested


@pytest.mark.parametrize(("direction", "target", "value"), [("maximize", 0.9, 0.95), ("minimize", 0.1, 0.1)])
def test_the_target_ends_the_study(direction, target, value):
    desk = Desk(workers=2, direction=direction, target=target)
    desk.tell(suggested(1), TrialStarted(1, 1))
    assert desk.run(0, value=value) == [Halt(1, 1, CANCELLED, f"target {target:g} reached")]
    assert desk.tell(TrialEnded(1, 1, CANCELLED)) == [Close(f"target {target:g} reached")]


def test_short_of_the_target_the_study_goes_on():
    assert Desk(workers=1, target=0.9).run(0, value=0.89) == [Suggest(1)]


def test_patience_ends_a_study_that_gets_no_better():
    desk = Desk(workers=1, patience=2)
    desk.run(0, value=0.9)
    assert desk.run(1, value=0.8) == [Suggest(2)]
    assert desk.run(2, value=0.9) == [Close("no better trial in the last 2")]


def test_results_from_elsewhere_do_not_use_up_patience():
    desk = Desk(workers=1, patience=2)
    for number in range(5):
        desk.tell(TrialAdded(number + 10, {"x": 0.1, "y": 0.1}, 0.9 - number / 10))
    assert stop_reason(desk.engine.study) is None


def test_a_study_in_which_every_trial_fails_alike_is_given_up():
    desk = Desk(workers=1, trials=100)
    desk.tell(TrialAdded(50, {"x": 0.1, "y": 0.1}, 0.9))
    for i in range(SAME_FAILURES - 1):
        desk.run(i, FAILED, error="Traceback ...\nNameError: modle")
        assert stop_reason(desk.engine.study) is None
    desk.run(SAME_FAILURES - 1, FAILED, error="Traceback ... elsewhere\nNameError: modle")
    assert stop_reason(desk.engine.study) == "every trial failed: NameError: modle"


def test_different_failures_are_no_reason_to_give_up():
    desk = Desk(workers=1, trials=100)
    for i in range(2 * SAME_FAILURES):
        desk.run(i, FAILED, error=["ValueError: nan", "KeyError: 'x'"][i % 2])
    assert stop_reason(desk.engine.study) is None


def test_failures_that_differ_in_their_numbers_are_alike():
    desk = Desk(workers=1, trials=100)
    for i in range(SAME_FAILURES):
        desk.run(i, FAILED, error=f"RuntimeError: mat1 and mat2 shapes differ (4x{i + 7} and 64x10)")
    said = "every trial failed: RuntimeError: mat1 and mat2 shapes differ (4x7 and 64x10)"
    assert stop_reason(desk.engine.study) == said


def test_without_an_error_the_reason_counts():
    desk = Desk(workers=1, trials=100)
    for i in range(SAME_FAILURES):
        desk.run(i, FAILED, reason="killed by SIGSEGV")
    assert stop_reason(desk.engine.study) == "every trial failed: killed by SIGSEGV"


def test_a_withdrawn_suggestion_takes_no_success_away():
    desk = Desk(workers=1, trials=20)
    desk.run(0)
    desk.tell(suggested(1), TrialEnded(1, 1, CANCELLED))
    for number in range(2, 8):
        desk.run(number, FAILED, error="boom")
    assert stop_reason(desk.engine.study) is None


def test_one_success_is_reason_to_go_on():
    desk = Desk(workers=1, trials=100)
    desk.run(0)
    for i in range(1, 2 * SAME_FAILURES):
        desk.run(i, FAILED, error="ValueError: nan")
    assert stop_reason(desk.engine.study) is None


def test_a_stop_cancels_what_runs_and_what_waits_and_then_closes():
    desk = Desk(workers=2, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1), StudyPaused(), suggested(1))
    halts = desk.tell(StopRequested("enough"))
    assert halts == [Halt(0, 1, CANCELLED, "enough"), Halt(1, 1, CANCELLED, "enough")]
    assert desk.tell(TrialEnded(1, 1, CANCELLED)) == []
    assert desk.tell(TrialEnded(0, 1, CANCELLED)) == [Close("enough")]


def test_a_suggestion_that_arrives_after_the_stop_is_cancelled():
    desk = Desk(workers=1, trials=10)
    assert desk.tell(StopRequested("enough")) == []
    assert desk.tell(suggested(0)) == [Halt(0, 1, CANCELLED, "enough")]
    assert desk.tell(TrialEnded(0, 1, CANCELLED)) == [Close("enough")]


def test_of_several_rules_the_first_that_holds_gives_the_reason():
    desk = Desk(workers=1, target=0.5, patience=1)
    desk.run(0, value=0.9)
    desk.run(1, value=0.8)
    assert stop_reason(desk.engine.study) == "target 0.5 reached"
    desk.tell(timeout_reached(90.0))
    assert stop_reason(desk.engine.study) == "timeout of 90 s reached"
