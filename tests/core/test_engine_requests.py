from __future__ import annotations

from dataclasses import replace

from jupyter_tune.core.commands import Close, Halt, Launch, Suggest
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    BudgetChanged,
    EnqueueWithdrawn,
    Event,
    HaltRequested,
    RangesNarrowed,
    StudyPaused,
    StudyResumed,
    TrialEnded,
    TrialEnqueued,
    TrialReopened,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, LOST, PRUNED
from jupyter_tune.pruners.none import NoPruner
from tests.core.desk import Again, Desk, Never
from tests.core.studies import reported, suggested

# the queue


def test_the_queue_is_served_once_and_in_order():
    desk = Desk(workers=1, trials=10)
    desk.tell(TrialEnqueued({"x": 0.1}), TrialEnqueued({"x": 0.2}))
    given = []
    for number, enqueued in enumerate([None, 2, 3, None]):
        source = "user" if enqueued else "random"
        suggestion = replace(suggested(number, source), enqueued=enqueued)
        desk.tell(suggestion, TrialStarted(number, 1))
        given += desk.tell(TrialEnded(number, 1, COMPLETE, 0.5))
    first, second = Suggest(1, {"x": 0.1}, "user", 2), Suggest(2, {"x": 0.2}, "user", 3)
    assert given == [first, second, Suggest(3), Suggest(4)]


def test_commands_in_flight_share_the_queue_out():
    desk = Desk(workers=1, trials=10)
    desk.tell(TrialEnqueued({"x": 0.1}), TrialEnqueued({"x": 0.2}), TrialEnqueued({"x": 0.3}))
    first, second = Suggest(1, {"x": 0.1}, "user", 2), Suggest(2, {"x": 0.2}, "user", 3)
    assert desk.tell(BudgetChanged(10, 3)) == [first, second]
    # whichever of the two is ready first
    desk.tell(TrialSuggested(2, {"x": 0.2, "y": 0.5}, "user", enqueued=3))
    assert desk.tell(BudgetChanged(10, 4)) == [Suggest(3, {"x": 0.3}, "user", 4)]


def test_a_trial_in_the_making_with_withdrawn_values_becomes_the_next_of_the_queue():
    desk = Desk(workers=1, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1))
    desk.tell(TrialEnqueued({"x": 0.1}), TrialEnqueued({"x": 0.2}), BudgetChanged(10, 2))
    assert desk.engine.command_for(1) == Suggest(1, {"x": 0.1}, "user", 4)
    assert desk.tell(EnqueueWithdrawn(4)) == []
    assert desk.engine.command_for(1) == Suggest(1, {"x": 0.2}, "user", 5)
    desk.tell(EnqueueWithdrawn(5))
    assert desk.engine.command_for(1) == Suggest(1)


# halts


def test_a_running_trial_is_halted_as_requested_and_once():
    desk = Desk(workers=1, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 1, 0.5))
    assert desk.tell(HaltRequested(0, PRUNED)) == [Halt(0, 1, PRUNED, "pruned by the user")]
    assert desk.engine.go_on() == []
    assert desk.tell(TrialEnded(0, 1, PRUNED)) == [Suggest(1)]
    assert desk.engine.study.trials[0].value == 0.5


def test_a_waiting_trial_is_ended_and_not_launched():
    desk = Desk(workers=1, trials=10)
    desk.tell(StudyPaused(), suggested(0))
    assert desk.tell(HaltRequested(0, CANCELLED)) == [Halt(0, 1, CANCELLED, "cancelled by the user")]
    assert desk.tell(StudyResumed()) == []
    assert desk.tell(TrialEnded(0, 1, CANCELLED)) == [Suggest(1, {"x": 0.5, "y": 0.5}, "default")]


def test_a_halt_asked_for_outlives_the_attempt_and_the_driver():
    desk = Desk(workers=1, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 1, 0.5), HaltRequested(0, PRUNED))
    second = Halt(0, 2, PRUNED, "pruned by the user")
    assert desk.tell(TrialEnded(0, 1, LOST)) == [second]
    assert Engine(desk.engine.study, NoPruner()).go_on() == [second]


def test_what_is_to_be_pruned_and_has_no_reading_is_cancelled():
    desk = Desk(workers=1, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1))
    assert desk.tell(HaltRequested(0, PRUNED)) == [Halt(0, 1, CANCELLED, "cancelled by the user")]


def test_a_trial_that_the_pruner_halts_is_not_halted_again():
    desk = Desk(Never(), workers=1)
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 1, 0.1))
    assert desk.tell(HaltRequested(0, CANCELLED)) == []


def test_a_trial_that_the_user_pruned_does_not_go_on_again():
    desk = Desk(Again(), workers=1, trials=10)
    halt: list[Event] = [HaltRequested(0, PRUNED), TrialEnded(0, 1, PRUNED, checkpoint=True)]
    assert desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 3, 0.5), *halt) == [Suggest(1)]


# budget


def test_more_workers_start_at_once_and_fewer_as_trials_end():
    desk = Desk(workers=1, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1))
    assert desk.tell(BudgetChanged(10, 3)) == [Suggest(1), Suggest(2)]
    desk.tell(suggested(1), TrialStarted(1, 1), suggested(2), TrialStarted(2, 1))
    assert desk.tell(BudgetChanged(10, 1)) == []
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.5)) == []
    assert desk.tell(TrialEnded(2, 1, COMPLETE, 0.5)) == []
    assert desk.tell(TrialEnded(1, 1, COMPLETE, 0.5)) == [Suggest(3)]


def test_a_launch_says_how_many_share_the_processors():
    desk = Desk(workers=1, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1), BudgetChanged(10, 4))
    [launch] = desk.tell(suggested(1))
    assert isinstance(launch, Launch)
    assert launch.workers == 4


def test_what_is_in_the_making_counts_as_committed():
    desk = Desk(workers=2, trials=10)
    desk.tell(suggested(0))
    assert (desk.engine.study.spent, desk.engine.committed) == (1, 2)


# pause


def test_a_pause_stops_launches_and_suggestions_but_not_what_runs():
    desk = Desk(workers=2, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1))
    assert desk.tell(StudyPaused()) == []
    assert desk.tell(suggested(1)) == []
    assert desk.tell(reported(0, 1, 0.5)) == []
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.5)) == []
    resumed = desk.tell(StudyResumed())
    assert [type(command) for command in resumed] == [Launch, Suggest]


def test_a_suggestion_that_waits_is_withdrawn_when_the_ranges_move_away_from_it():
    desk = Desk(workers=2, trials=3)
    desk.tell(StudyPaused(), suggested(0, "default"), suggested(1))
    ranges = desk.engine.study.ranges.ranges()
    ranges["x"] = [0.8, 0.9]
    assert desk.tell(RangesNarrowed(1, ranges)) == []
    answer = desk.tell(StudyResumed())
    assert [(type(command), command.number) for command in answer] == [(Halt, 1), (Launch, 0)]
    # what never started costs no budget
    answer = desk.tell(TrialEnded(1, 1, CANCELLED))
    assert answer == [Suggest(2)]
    desk.tell(TrialStarted(0, 1), suggested(2), TrialStarted(2, 1))
    answer = desk.tell(TrialEnded(0, 1, COMPLETE, 0.5))
    assert answer == [Suggest(3)]


def test_a_smaller_budget_lets_running_trials_finish():
    desk = Desk(workers=2, trials=10)
    desk.tell(suggested(0), suggested(1), TrialStarted(0, 1), TrialStarted(1, 1))
    assert desk.tell(BudgetChanged(1, 2)) == []
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.5)) == []
    assert desk.tell(TrialEnded(1, 1, COMPLETE, 0.5)) == [Close("all trials done")]


def test_a_waiting_trial_that_is_being_ended_is_not_started_meanwhile():
    desk = Desk(workers=2, trials=9)
    for number in range(6):
        desk.run(number, FAILED, error="boom")
    # five that failed alike are left, and with the next one four
    assert desk.tell(TrialReopened(0, 1)) == [Halt(0, 2, CANCELLED, "every trial failed: boom")]
    [launch] = desk.tell(TrialReopened(1, 1))
    assert (type(launch), launch.number) == (Launch, 1)


def test_a_request_that_comes_before_the_end_is_recorded_gives_more_to_do():
    desk = Desk(workers=1, trials=1, retries=0)
    assert desk.run(0, FAILED, error="boom") == [Close("all trials done")]
    assert desk.tell(TrialReopened(0, 1)) == [Launch(0, 2, {"x": 0.5, "y": 0.5}, trial_seed(0, 0))]
    assert desk.tell(TrialStarted(0, 2), TrialEnded(0, 2, COMPLETE, 0.5)) == [Close("all trials done")]
    assert desk.tell(BudgetChanged(2, 1)) == [Suggest(1)]
