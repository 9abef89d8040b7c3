from __future__ import annotations

import pytest

from jupyter_tune.core.amounts import Budget
from jupyter_tune.core.commands import Close, Halt
from jupyter_tune.core.events import DriverStarted, StudyEnded, TrialEnded, TrialStarted
from jupyter_tune.core.stopping import stop_reason
from jupyter_tune.core.stopping.budget import seconds_left, spent
from jupyter_tune.core.trial import CANCELLED, FAILED
from tests.core.desk import Desk
from tests.core.studies import reported, suggested


def test_a_budget_of_steps_counts_those_of_trials_at_work_too():
    desk = Desk(workers=2, budget="10 steps")
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 6, 0.1), suggested(1), TrialStarted(1, 1))
    assert stop_reason(desk.engine.study) is None
    assert desk.tell(reported(1, 4, 0.2)) == [
        Halt(0, 1, CANCELLED, "budget of 10 steps spent"),
        Halt(1, 1, CANCELLED, "budget of 10 steps spent"),
    ]


def test_hours_are_those_of_all_attempts_times_the_devices_of_a_trial():
    desk = Desk(workers=2, budget="0.5 gpu-hours", devices_per_trial=0.5, retries=1)
    # a record a second: trial 0 takes one, fails after one, and takes one more
    desk.tell(suggested(0), TrialStarted(0, 1), TrialEnded(0, 1, FAILED, error="boom"), TrialStarted(0, 2))
    desk.tell(TrialEnded(0, 2, "complete", 0.5), suggested(1), TrialStarted(1, 1), suggested(2))
    study = desk.engine.study
    assert spent(study, Budget.of("1 gpu-hour")) == pytest.approx(3 * 0.5 / 3600)
    assert spent(study, Budget.of("1 gpu-hour")) == spent(study, Budget.of("1 core-hour"))


def test_a_budget_of_hours_ends_the_study_in_words():
    desk = Desk(workers=1, budget="0.001 core-hours")
    desk = Desk(workers=1, budget="0.001 core-hours")
    answers = [desk.run(number) for number in range(4)]
    assert answers[-1] == [Close("budget of 0.001 core-hours spent")]


def test_what_is_left_lasts_as_long_as_the_trials_that_run_let_it():
    desk = Desk(workers=2, budget="1 core-hours", devices_per_trial=2.0)
    study, budget = desk.engine.study, Budget.of("1 core-hours")
    assert seconds_left(study, budget, study.last_at) is None
    desk.tell(suggested(0), suggested(1), TrialStarted(0, 1), TrialStarted(1, 1))
    assert seconds_left(study, budget, study.last_at) == pytest.approx((3600 - 2) / 4)
    assert seconds_left(study, budget, study.last_at + 10) == pytest.approx((3600 - 2) / 4 - 10)
    assert seconds_left(study, Budget.of("3 steps"), study.last_at) is None


def test_after_an_end_the_budget_counts_anew():
    desk = Desk(workers=1, budget="5 steps")
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 5, 0.1), TrialEnded(0, 1, CANCELLED))
    assert stop_reason(desk.engine.study) == "budget of 5 steps spent"
    desk.tell(StudyEnded("budget of 5 steps spent"), DriverStarted("again"))
    assert stop_reason(desk.engine.study) is None


def test_what_ran_for_a_driver_that_died_counts_until_it_was_last_heard_of():
    desk = Desk(workers=1, budget="1 core-hours")
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 1, 0.1), DriverStarted("again"))
    desk.tell(TrialStarted(0, 2), TrialEnded(0, 2, "complete", 0.5))
    assert spent(desk.engine.study, Budget.of("1 core-hours")) == pytest.approx(2 / 3600)
