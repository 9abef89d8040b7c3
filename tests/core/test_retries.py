from __future__ import annotations

import pytest

from jupyter_tune.core.commands import Close, Halt, Launch, Suggest
from jupyter_tune.core.events import Event, StopRequested, TrialEnded, TrialReopened, TrialStarted
from jupyter_tune.core.retries import CRASH, ERROR, LOST_BEFORE, MEMORY, TIMEOUT, further_attempts
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE, FAILED, LOST, WAITING
from tests.core.desk import Desk
from tests.core.studies import reported, study_of, suggested

CAUSES = (LOST, CRASH, MEMORY, ERROR, TIMEOUT, "")


@pytest.mark.parametrize(
    ("retries", "expected"),
    [
        (None, {LOST: LOST_BEFORE}),
        (0, {LOST: 1, CRASH: 1, MEMORY: 1}),
        (1, dict.fromkeys(CAUSES, 1)),
        (3, dict.fromkeys(CAUSES, 3)),
    ],
)
def test_what_is_no_fault_of_the_code_is_tried_once_more(retries: int | None, expected: dict[str, int]):
    settings = Settings("score", retries=retries)
    assert {cause: further_attempts(settings, cause) for cause in CAUSES} == dict.fromkeys(
        CAUSES, 0
    ) | expected


def failing(attempt: int, cause: str = ERROR, reason: str = "boom") -> list[Event]:
    return [TrialStarted(0, attempt), TrialEnded(0, attempt, FAILED, reason=reason, cause=cause)]


def test_a_failed_attempt_is_followed_by_another_until_the_retries_are_used():
    desk = Desk(workers=1, trials=1, retries=2)
    desk.tell(suggested(0))
    for attempt in (1, 2):
        [launch] = desk.tell(*failing(attempt))
        assert isinstance(launch, Launch)
        assert (launch.number, launch.attempt) == (0, attempt + 1)
    assert desk.tell(*failing(3)) == [Close("all trials done")]
    trial = desk.engine.study.trials[0]
    assert (trial.state, trial.reason, trial.retried) == (FAILED, "boom", ("boom", "boom"))


def test_a_loss_leaves_one_attempt_less_for_an_exception():
    lost: list[Event] = [suggested(0), TrialStarted(0, 1), TrialEnded(0, 1, LOST, reason="gone")]
    assert study_of(*lost, *failing(2), retries=1).trials[0].state == FAILED
    assert study_of(*lost, *failing(2), retries=2).trials[0].retried == ("gone", "boom")


def test_the_next_attempt_begins_with_an_empty_curve():
    study = study_of(
        suggested(0), TrialStarted(0, 1), reported(0, 1, 0.9), *failing(1)[1:], TrialStarted(0, 2), retries=1
    )
    assert study.trials[0].curve == {}


def test_a_failure_in_a_study_that_stops_is_not_tried_again():
    desk = Desk(workers=1, trials=5, retries=3)
    desk.tell(suggested(0), TrialStarted(0, 1), StopRequested("enough"))
    [halt] = desk.tell(TrialEnded(0, 1, FAILED, cause=ERROR))
    assert isinstance(halt, Halt)
    assert halt.attempt == 2


# out of memory


def test_a_trial_out_of_memory_waits_for_the_others_and_runs_alone():
    desk = Desk(workers=3, trials=9, retries=0)
    for number in (0, 1, 2):
        desk.tell(suggested(number), TrialStarted(number, 1))
    assert desk.tell(TrialEnded(0, 1, FAILED, reason="memory", cause=MEMORY)) == []
    assert desk.tell(TrialEnded(1, 1, COMPLETE, 0.5)) == []
    [launch] = desk.tell(TrialEnded(2, 1, COMPLETE, 0.5))
    assert isinstance(launch, Launch)
    assert (launch.number, launch.attempt, launch.workers) == (0, 2, 1)
    assert desk.tell(TrialStarted(0, 2)) == []
    assert [type(c) for c in desk.tell(TrialEnded(0, 2, COMPLETE, 0.5))] == [Suggest] * 3


def test_one_that_is_out_of_memory_alone_too_has_failed():
    study = study_of(suggested(0), *failing(1, MEMORY, "memory"), *failing(2, MEMORY, "memory"), retries=0)
    assert (study.trials[0].state, study.trials[0].reason) == (FAILED, "memory")


# by the user


def test_a_failed_trial_that_the_user_starts_again_has_all_its_retries():
    again: list[Event] = [TrialReopened(0, 1), *failing(2)]
    study = study_of(suggested(0), *failing(1), *again, retries=0)
    assert (study.trials[0].state, study.trials[0].attempt) == (FAILED, 2)
    study = study_of(suggested(0), *failing(1), *failing(2), TrialReopened(0, 2), *failing(3), retries=1)
    assert (study.trials[0].state, study.trials[0].retried) == (WAITING, ("boom",))


def test_a_failed_trial_that_is_started_again_shows_no_old_error_and_costs_no_budget():
    desk = Desk(workers=1, trials=2, retries=0)
    desk.tell(suggested(0), *failing(1))
    desk.tell(suggested(1), TrialStarted(1, 1))
    assert desk.tell(TrialReopened(0, 1)) == []
    trial = desk.engine.study.trials[0]
    assert (trial.state, trial.reason, trial.error, trial.ended_at) == (WAITING, "", "", None)
    [launch] = desk.tell(TrialEnded(1, 1, COMPLETE, 0.5))
    assert isinstance(launch, Launch)
    assert (launch.number, launch.attempt) == (0, 2)
    desk.tell(TrialStarted(0, 2))
    assert desk.tell(TrialEnded(0, 2, COMPLETE, 0.7)) == [Close("all trials done")]
    assert desk.engine.study.best_trial is desk.engine.study.trials[0]


def test_only_the_attempt_that_failed_is_started_again():
    study = study_of(suggested(0), *failing(1), TrialReopened(0, 7), retries=0)
    assert study.trials[0].state == FAILED
