from __future__ import annotations

import pytest

from jupyter_tune.core.events import (
    AttemptsFound,
    DriverStarted,
    Event,
    Record,
    TrialEnded,
    TrialReopened,
    TrialResumed,
    TrialStarted,
)
from jupyter_tune.core.trial import CANCELLED, COMPLETE, ENDED, FAILED, LOST, PRUNED, RUNNING, WAITING
from tests.core.studies import BY_STATE, completed, reported, study_of, suggested

PAUSED: list[Event] = [
    *BY_STATE[RUNNING],
    reported(0, 1, 0.5),
    reported(0, 3, 0.6),
    TrialEnded(0, 1, PRUNED, reason="behind", checkpoint=True),
]


def test_a_resumed_trial_waits_with_its_curve_and_its_place_in_the_rungs():
    study = study_of(*PAUSED, TrialResumed(0, 1), max_steps=27, min_steps=1)
    trial = study.trials[0]
    assert (trial.state, trial.curve, trial.metrics) == (WAITING, {1: 0.5, 3: 0.6}, {"score": 0.6})
    assert study.rungs == {1: {0: 0.5}, 3: {0: 0.6}, 9: {}}
    assert (trial.value, trial.started_at, trial.ended_at, trial.reason) == (None, None, None, "")
    assert (trial.attempt, trial.resumed) == (1, True)


def test_the_next_attempt_of_a_resumed_trial_goes_on_with_the_curve():
    again: list[Event] = [TrialResumed(0, 1), TrialStarted(0, 2)]
    more = [reported(0, 3, 0.7, 2), reported(0, 4, 0.8, 2)]
    study = study_of(*PAUSED, *again, *more, max_steps=27, min_steps=1)
    assert study.trials[0].curve == {1: 0.5, 3: 0.7, 4: 0.8}
    assert study.rungs[3] == {0: 0.6}, "a step reported again is not judged again"
    assert study.steps_done == 4


@pytest.mark.parametrize("loss", [TrialEnded(0, 2, LOST), DriverStarted("d")])
def test_the_attempt_after_a_lost_one_of_a_resumed_trial_goes_on_with_the_curve_too(loss):
    begun = [TrialResumed(0, 1), TrialStarted(0, 2), reported(0, 9, 0.9, 2), loss]
    study = study_of(*PAUSED, *begun, TrialStarted(0, 3), max_steps=27, min_steps=1)
    assert study.trials[0].state == RUNNING
    assert study.trials[0].curve == {1: 0.5, 3: 0.6, 9: 0.9}
    assert study.rungs == {1: {0: 0.5}, 3: {0: 0.6}, 9: {0: 0.9}}


def test_facts_of_the_attempt_that_was_pruned_are_dropped_once_it_is_resumed():
    study = study_of(*PAUSED, TrialResumed(0, 1), TrialEnded(0, 1, CANCELLED), TrialStarted(0, 1))
    assert study.trials[0].state == WAITING
    study = study_of(*PAUSED, TrialResumed(0, 1), TrialStarted(0, 2), reported(0, 9, 0.9))
    assert study.trials[0].curve == {1: 0.5, 3: 0.6}


def test_a_resumed_trial_may_end_in_every_way():
    for state in sorted(ENDED):
        end = TrialEnded(0, 2, state)
        study = study_of(*PAUSED, TrialResumed(0, 1), TrialStarted(0, 2), reported(0, 4, 0.4, 2), end)
        trial = study.trials[0]
        assert trial.state == state
        assert trial.value == (0.6 if state in (COMPLETE, PRUNED) else None)
        assert study.counts[PRUNED] == int(state == PRUNED)
        assert not study.resumable, "this attempt left no checkpoint"


def test_a_resumed_trial_cancelled_before_its_start_keeps_its_curve_and_its_cost():
    study = study_of(*PAUSED, TrialResumed(0, 1), TrialEnded(0, 2, CANCELLED, reason="stop"))
    trial = study.trials[0]
    assert (trial.state, trial.curve, trial.value) == (CANCELLED, {1: 0.5, 3: 0.6}, None)
    assert study.spent == 1


def test_resumable_are_the_pruned_trials_that_left_a_checkpoint():
    assert study_of(*PAUSED).resumable == {0}
    assert study_of(*PAUSED, TrialResumed(0, 1)).resumable == set()
    without = TrialEnded(0, 1, PRUNED)
    assert study_of(*BY_STATE[RUNNING], reported(0, 1, 0.5), without).resumable == set()
    failed = TrialEnded(0, 1, FAILED, checkpoint=True)
    assert study_of(*BY_STATE[RUNNING], failed).resumable == set()


def test_a_resumed_trial_costs_no_second_place_in_the_budget_and_no_patience():
    before = study_of(*completed(1, 0.9), *PAUSED)
    assert (before.spent, before.finished_since_best) == (2, 1)
    after = study_of(*completed(1, 0.9), *PAUSED, TrialResumed(0, 1))
    assert (after.spent, after.finished_since_best) == (2, 0)
    end = TrialEnded(0, 2, PRUNED)
    again = study_of(*completed(1, 0.9), *PAUSED, TrialResumed(0, 1), TrialStarted(0, 2), end)
    assert (again.spent, again.finished_since_best) == (2, 1)


def test_the_time_of_the_attempts_before_is_kept():
    study = study_of(*PAUSED, TrialResumed(0, 1), TrialStarted(0, 2))
    # records are a second apart: started at 3, pruned at 6
    assert study.trials[0].before_s == 3.0


def test_a_snapshot_does_not_see_a_resume():
    study = study_of(*PAUSED)
    copy = study.snapshot()
    study.apply(Record(9, 9.0, TrialResumed(0, 1)))
    assert (copy.trials[0].state, copy.trials[0].value, copy.resumable) == (PRUNED, 0.6, {0})
    assert not copy.live


def test_a_trial_that_lost_an_attempt_before_it_started_counts_once_however_often_it_waits_again():
    begun: list[Event] = [suggested(0), TrialEnded(0, 1, LOST)]
    begun += [TrialEnded(0, 2, CANCELLED), TrialReopened(0, 2)]
    study = study_of(*begun, retries=1)
    assert study.spent == 1
    assert study.trials[0].attempt == 2, "the number of an attempt is not given twice"
    again = study_of(*begun, TrialEnded(0, 3, CANCELLED), TrialReopened(0, 3), retries=1)
    assert (again.spent, again.trials[0].attempt) == (1, 3)


def test_an_attempt_that_is_found_again_goes_on_as_if_its_driver_had_never_changed():
    events = [*BY_STATE[RUNNING], reported(0, 1, 0.5), reported(0, 2, 0.6), suggested(1)]
    left = study_of(*events, DriverStarted("d"), DriverStarted("e"))
    assert left.trials[0].state == WAITING
    assert left.adrift == {(0, 1): 3, (1, 1): 0}, "a start and two reports; of trial 1 nothing"
    found = study_of(*events, DriverStarted("d"), AttemptsFound([[0, 1], [1, 1]]), reported(0, 3, 0.7))
    trial = found.trials[0]
    assert (trial.state, trial.attempt, trial.curve) == (RUNNING, 1, {1: 0.5, 2: 0.6, 3: 0.7})
    assert trial.started_at == study_of(*events).trials[0].started_at
    assert found.trials[1].state == WAITING, "its start is not recorded yet"
    assert found.adrift == {(1, 1): 0}


@pytest.mark.parametrize(
    "after",
    [[TrialStarted(0, 2)], [TrialEnded(0, 2, CANCELLED)], [TrialStarted(0, 2), TrialEnded(0, 2, LOST)]],
)
def test_an_attempt_that_is_found_too_late_changes_nothing(after):
    events = [*BY_STATE[RUNNING], DriverStarted("d"), *after]
    late = study_of(*events, AttemptsFound([[0, 1]])).trials[0]
    assert late == study_of(*events).trials[0]
    assert (0, 1) not in study_of(*events, DriverStarted("e")).adrift
