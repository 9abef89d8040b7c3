from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jupyter_tune.core.commands import Close, Command, Halt, Launch, Resume, Suggest
from jupyter_tune.core.engine import SAME_FAILURES, Engine, trial_seed
from jupyter_tune.core.events import (
    BudgetChanged,
    DriverStarted,
    EnqueueWithdrawn,
    Event,
    HaltRequested,
    RangesNarrowed,
    Record,
    Settings,
    StopRequested,
    StudyEnded,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    TrialAdded,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.ports import Pruner
from jupyter_tune.core.steering import undoing
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, ENDED, FAILED, LOST, PRUNED
from jupyter_tune.pruners.asha import AshaPruner
from jupyter_tune.pruners.median import MedianPruner
from jupyter_tune.pruners.none import NoPruner
from tests.core.simulation import Simulation
from tests.core.studies import SPACE, reported, suggested


class Desk:
    """An engine with somebody at it: `tell` records an event and gives the answer."""

    def __init__(self, pruner: Pruner | None = None, **settings: Any):
        self._record = Record(1, 0.0, StudyOpened("test", SPACE, Settings("score", **settings)))
        self.engine = Engine(Study.fold([self._record]), pruner or NoPruner())
        self.first = self.engine.go_on()

    def tell(self, *events: Event) -> list[Command]:
        """The answer to the last of `events`."""
        answer: list[Command] = []
        for event in events:
            self._record = Record(self._record.seq + 1, self._record.at + 1, event)
            answer = self.engine.handle(self._record)
        return answer

    def run(
        self, number: int, state: str = COMPLETE, value: float | None = 0.5, error: str = "", reason: str = ""
    ) -> list[Command]:
        """A whole trial, from suggestion to end."""
        value = value if state == COMPLETE else None
        end = TrialEnded(number, 1, state, value, reason=reason, error=error)
        return self.tell(suggested(number), TrialStarted(number, 1), end)


class Never:
    """A pruner that keeps nobody, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def objection(self, study: Study, number: int) -> str:
        self.asked += 1
        return "too slow"

    def resumes(self, study: Study) -> list[int]:
        return []


class Always(Never):
    def objection(self, study: Study, number: int) -> str:
        self.asked += 1
        return ""


# from suggestion to end


def test_a_study_begins_with_as_many_suggestions_as_slots():
    desk = Desk(workers=3, trials=10)
    assert desk.first == [Suggest(0, {"x": 0.5, "y": 0.5}, "default"), Suggest(1), Suggest(2)]


def test_no_more_is_suggested_than_the_budget_holds():
    assert len(Desk(workers=8, trials=2).first) == 2


def test_a_suggestion_is_launched_with_the_trials_own_seed():
    desk = Desk(workers=1, seed=7)
    params: Params = {"x": 0.5, "y": 0.5}
    assert desk.tell(suggested(0, "default")) == [Launch(0, 1, params, trial_seed(7, 0))]


def test_the_seed_of_a_trial_depends_on_study_and_number_only():
    seeds = {trial_seed(study, number) for study in range(30) for number in range(30)}
    assert len(seeds) == 900
    assert trial_seed(0, 0) == trial_seed(0, 0)
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_nothing_is_asked_twice():
    desk = Desk(workers=2, trials=10)
    assert desk.engine.go_on() == []
    assert [type(c) for c in desk.tell(suggested(0))] == [Launch]
    assert desk.engine.go_on() == []
    assert desk.tell(TrialStarted(0, 1)) == []


def test_a_slot_that_gets_free_is_filled():
    desk = Desk(workers=1, trials=10)
    assert desk.run(0) == [Suggest(1)]


def test_the_end_of_the_last_trial_closes_the_study():
    desk = Desk(workers=1, trials=2)
    desk.run(0)
    assert desk.run(1) == [Close("all trials done")]
    assert desk.tell(StudyEnded("all trials done")) == []
    assert desk.engine.go_on() == []


def test_a_grid_does_not_begin_with_the_defaults():
    assert Desk(sampler="grid").first == [Suggest(0)]


def test_results_from_elsewhere_cost_no_budget_and_keep_the_defaults_first():
    desk = Desk(workers=0, trials=1)
    desk.tell(TrialAdded(0, {"x": 0.1, "y": 0.1}, 0.9))
    assert desk.tell(BudgetChanged(1, 1)) == [Suggest(1, {"x": 0.5, "y": 0.5}, "default")]


def test_the_defaults_lie_in_the_ranges_as_narrowed():
    desk = Desk(workers=0, trials=1)
    desk.tell(RangesNarrowed(1, {"x": [0.8, 0.9]}))
    [command] = desk.tell(BudgetChanged(1, 1))
    assert isinstance(command, Suggest)
    assert command.given == {"x": 0.8, "y": 0.5}


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


# what somebody wants of a trial


def test_a_running_trial_is_ended_as_somebody_wants_it_and_once():
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


def test_who_the_pruner_halts_is_not_halted_again():
    desk = Desk(Never(), workers=1)
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 1, 0.1))
    assert desk.tell(HaltRequested(0, CANCELLED)) == []


def test_who_was_pruned_by_somebody_does_not_go_on_again():
    desk = Desk(Again(), workers=1, trials=10)
    halt: list[Event] = [HaltRequested(0, PRUNED), TrialEnded(0, 1, PRUNED, checkpoint=True)]
    assert desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 3, 0.5), *halt) == [Suggest(1)]


# another budget


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


def test_a_smaller_budget_ends_the_study_after_what_runs():
    desk = Desk(workers=1, trials=10)
    desk.tell(suggested(0), TrialStarted(0, 1))
    assert desk.tell(BudgetChanged(1, 1)) == []
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.5)) == [Close("all trials done")]


def test_what_is_in_the_making_counts_as_committed():
    desk = Desk(workers=2, trials=10)
    desk.tell(suggested(0))
    assert (desk.engine.study.spent, desk.engine.committed) == (1, 2)


# attempts


def test_a_lost_trial_is_launched_again():
    desk = Desk(workers=1, trials=1)
    desk.tell(suggested(0), TrialStarted(0, 1))
    [launch] = desk.tell(TrialEnded(0, 1, LOST))
    assert isinstance(launch, Launch)
    assert (launch.number, launch.attempt, launch.seed) == (0, 2, trial_seed(0, 0))


def test_an_attempt_lost_before_it_started_is_launched_again():
    desk = Desk(workers=1, trials=1)
    desk.tell(suggested(0))
    [launch] = desk.tell(TrialEnded(0, 1, LOST))
    assert isinstance(launch, Launch)
    assert launch.attempt == 2


def test_an_old_attempts_end_starts_nothing():
    desk = Desk(workers=1, trials=1)
    desk.tell(suggested(0), TrialStarted(0, 1), TrialEnded(0, 1, LOST), TrialStarted(0, 2))
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.9)) == []


# pruning


def test_a_report_that_the_pruner_refuses_halts_the_trial_once():
    desk = Desk(Never(), workers=1)
    desk.tell(suggested(0), TrialStarted(0, 1))
    assert desk.tell(reported(0, 1, 0.1)) == [Halt(0, 1, PRUNED, "too slow")]
    assert desk.tell(reported(0, 2, 0.1)) == []


def test_a_halt_may_lose_the_race():
    desk = Desk(Never(), workers=1, trials=1)
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 1, 0.1))
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.9)) == [Close("all trials done")]
    assert desk.engine.study.trials[0].state == COMPLETE


def test_the_pruner_is_asked_once_for_every_step_forward():
    pruner = Always()
    desk = Desk(pruner, workers=1)
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 1, 0.1), reported(0, 3, 0.1))
    assert pruner.asked == 2
    again: list[Event] = [reported(0, 3, 0.2), reported(0, 2, 0.1), TrialReported(0, 1, 4, {"loss": 1.0})]
    desk.tell(*again)
    assert pruner.asked == 2


def test_reports_of_ended_trials_ask_no_pruner():
    pruner = Always()
    desk = Desk(pruner, workers=1)
    desk.run(0)
    desk.tell(reported(0, 9, 0.1))
    assert pruner.asked == 0


@pytest.mark.parametrize("pruner", [Never(), AshaPruner(), MedianPruner()])
def test_a_trial_that_the_user_asked_for_is_never_pruned_by_the_pruner(pruner: Pruner):
    desk = Desk(pruner, workers=9, trials=20, max_steps=9, min_steps=1)
    for number in range(6):
        desk.tell(suggested(number), TrialStarted(number, 1), reported(number, 1, 0.9))
        desk.tell(TrialEnded(number, 1, COMPLETE, 0.9))
    desk.tell(suggested(6, "user"), TrialStarted(6, 1))
    for step in range(1, 9):
        assert not [c for c in desk.tell(reported(6, step, 0.1)) if isinstance(c, Halt)]
    [halt] = [c for c in desk.tell(HaltRequested(6, PRUNED)) if isinstance(c, Halt)]
    assert halt == Halt(6, 1, PRUNED, "pruned by the user")


def test_a_trial_that_the_user_asked_for_is_a_rival_of_the_others():
    desk = Desk(AshaPruner(), workers=9, trials=20, max_steps=9, min_steps=1)
    for number, source in enumerate(["user", "user", "user"]):
        desk.tell(suggested(number, source), TrialStarted(number, 1), reported(number, 1, 0.9))
    desk.tell(suggested(3), TrialStarted(3, 1))
    assert [c for c in desk.tell(reported(3, 1, 0.1)) if isinstance(c, Halt)]


# resuming


class Again(Always):
    """A pruner that would have every pruned trial go on, the last one first."""

    def resumes(self, study: Study) -> list[int]:
        return sorted(study.resumable, reverse=True)


def pruned(number: int, *, checkpoint: bool = True) -> list[Event]:
    """A whole trial that is pruned at step 3."""
    report = reported(number, 3, 0.5)
    return [
        suggested(number),
        TrialStarted(number, 1),
        report,
        TrialEnded(number, 1, PRUNED, checkpoint=checkpoint),
    ]


def test_a_pruned_trial_that_is_among_the_best_again_goes_on_before_anything_new():
    desk = Desk(Again(), workers=1, trials=10)
    assert desk.tell(*pruned(0)) == [Resume(0, 1)]
    seed = trial_seed(0, 0)
    assert desk.tell(TrialResumed(0, 1)) == [Launch(0, 2, {"x": 0.5, "y": 0.5}, seed, resumed_from=3)]
    assert desk.tell(TrialStarted(0, 2), TrialEnded(0, 2, COMPLETE)) == [Suggest(1)]


def test_without_a_checkpoint_nothing_is_resumed():
    desk = Desk(Again(), workers=1, trials=10)
    assert desk.tell(*pruned(0, checkpoint=False)) == [Suggest(1)]


def test_a_resume_is_asked_for_once_and_holds_its_slot():
    desk = Desk(Again(), workers=1, trials=10)
    desk.tell(*pruned(0))
    assert desk.engine.go_on() == []
    assert desk.tell(BudgetChanged(10, 2)) == [Suggest(1)]


def test_free_slots_are_shared_by_resumes_and_suggestions():
    desk = Desk(Again(), workers=0, trials=10)
    desk.tell(*pruned(0), *pruned(1))
    assert desk.tell(BudgetChanged(10, 3)) == [Resume(1, 1), Resume(0, 1), Suggest(2)]


def test_what_somebody_asked_for_comes_before_a_resume():
    desk = Desk(Again(), workers=0, trials=10)
    desk.tell(*pruned(0), TrialEnqueued({"x": 0.1}))
    assert desk.tell(BudgetChanged(10, 2)) == [Suggest(1, {"x": 0.1}, "user", 6), Resume(0, 1)]


def test_a_resume_costs_no_budget_and_the_study_ends_after_it():
    desk = Desk(Again(), workers=1, trials=1)
    assert desk.tell(*pruned(0)) == [Resume(0, 1)]
    desk.tell(TrialResumed(0, 1), TrialStarted(0, 2))
    assert desk.tell(TrialEnded(0, 2, COMPLETE)) == [Close("all trials done")]


def test_a_paused_study_resumes_no_trial_and_does_not_end():
    desk = Desk(Again(), workers=1, trials=1)
    desk.tell(suggested(0), TrialStarted(0, 1), reported(0, 3, 0.5), StudyPaused())
    assert desk.tell(TrialEnded(0, 1, PRUNED, checkpoint=True)) == []
    assert desk.tell(StudyResumed()) == [Resume(0, 1)]


def test_a_trial_outside_the_present_ranges_is_not_resumed():
    desk = Desk(Again(), workers=1, trials=10)
    desk.tell(RangesNarrowed(1, {"x": [0.8, 0.9]}))
    assert desk.tell(*pruned(0)) == [Suggest(1)]


def test_a_stop_cancels_a_resumed_trial_that_waits():
    desk = Desk(Again(), workers=1, trials=10)
    desk.tell(*pruned(0), StudyPaused(), TrialResumed(0, 1))
    assert desk.tell(StopRequested("enough")) == [Halt(0, 2, CANCELLED, "enough")]
    assert desk.tell(TrialEnded(0, 2, CANCELLED)) == [Close("enough")]


def test_a_stop_waits_for_a_resume_in_flight():
    desk = Desk(Again(), workers=1, trials=10)
    desk.tell(*pruned(0))
    assert desk.tell(StopRequested("enough")) == []
    assert desk.tell(TrialResumed(0, 1)) == [Halt(0, 2, CANCELLED, "enough")]


def test_steps_reported_again_after_a_resume_ask_no_pruner():
    pruner = Again()
    desk = Desk(pruner, workers=1, trials=10)
    desk.tell(*pruned(0), TrialResumed(0, 1), TrialStarted(0, 2))
    before = pruner.asked
    desk.tell(TrialReported(0, 2, 2, {"score": 0.1}), TrialReported(0, 2, 3, {"score": 0.1}))
    assert pruner.asked == before
    desk.tell(TrialReported(0, 2, 4, {"score": 0.1}))
    assert pruner.asked == before + 1


def test_a_new_engine_asks_again_for_a_resume_that_never_happened():
    desk = Desk(Again(), workers=1, trials=10)
    assert desk.tell(*pruned(0)) == [Resume(0, 1)]
    assert Engine(desk.engine.study, Again()).go_on() == [Resume(0, 1)]


# stop rules


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
    assert desk.engine.stop_reason() is None


def test_a_study_in_which_every_trial_fails_alike_is_given_up():
    desk = Desk(workers=1, trials=100)
    desk.tell(TrialAdded(50, {"x": 0.1, "y": 0.1}, 0.9))
    for i in range(SAME_FAILURES - 1):
        desk.run(i, FAILED, error="Traceback ...\nNameError: modle")
        assert desk.engine.stop_reason() is None
    desk.run(SAME_FAILURES - 1, FAILED, error="Traceback ... elsewhere\nNameError: modle")
    assert desk.engine.stop_reason() == "every trial failed: NameError: modle"


def test_different_failures_are_no_reason_to_give_up():
    desk = Desk(workers=1, trials=100)
    for i in range(2 * SAME_FAILURES):
        desk.run(i, FAILED, error=["ValueError: nan", "KeyError: 'x'"][i % 2])
    assert desk.engine.stop_reason() is None


def test_failures_that_differ_in_their_numbers_are_alike():
    desk = Desk(workers=1, trials=100)
    for i in range(SAME_FAILURES):
        desk.run(i, FAILED, error=f"RuntimeError: mat1 and mat2 shapes differ (4x{i + 7} and 64x10)")
    said = "every trial failed: RuntimeError: mat1 and mat2 shapes differ (4x7 and 64x10)"
    assert desk.engine.stop_reason() == said


def test_without_an_error_the_reason_counts():
    desk = Desk(workers=1, trials=100)
    for i in range(SAME_FAILURES):
        desk.run(i, FAILED, reason="killed by SIGSEGV")
    assert desk.engine.stop_reason() == "every trial failed: killed by SIGSEGV"


def test_a_withdrawn_suggestion_takes_no_success_away():
    desk = Desk(workers=1, trials=20)
    desk.run(0)
    desk.tell(suggested(1), TrialEnded(1, 1, CANCELLED))
    for number in range(2, 8):
        desk.run(number, FAILED, error="boom")
    assert desk.engine.stop_reason() is None


def test_one_success_is_reason_to_go_on():
    desk = Desk(workers=1, trials=100)
    desk.run(0)
    for i in range(1, 2 * SAME_FAILURES):
        desk.run(i, FAILED, error="ValueError: nan")
    assert desk.engine.stop_reason() is None


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


# pause and budget


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


def test_more_workers_are_used_at_once():
    desk = Desk(workers=1, trials=10)
    assert desk.tell(BudgetChanged(10, 3)) == [Suggest(1), Suggest(2)]


def test_fewer_workers_wait_for_trials_to_end():
    desk = Desk(workers=2, trials=10)
    desk.tell(suggested(0), suggested(1), TrialStarted(0, 1), TrialStarted(1, 1))
    assert desk.tell(BudgetChanged(10, 1)) == []
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.5)) == []
    assert desk.tell(TrialEnded(1, 1, COMPLETE, 0.5)) == [Suggest(2)]


def test_a_smaller_budget_lets_running_trials_finish():
    desk = Desk(workers=2, trials=10)
    desk.tell(suggested(0), suggested(1), TrialStarted(0, 1), TrialStarted(1, 1))
    assert desk.tell(BudgetChanged(1, 2)) == []
    assert desk.tell(TrialEnded(0, 1, COMPLETE, 0.5)) == []
    assert desk.tell(TrialEnded(1, 1, COMPLETE, 0.5)) == [Close("all trials done")]


# any history

# a whole study is run for each example: on a busy machine no deadline holds
chance = st.randoms(use_true_random=False)
budgets = st.builds(
    Settings,
    st.just("score"),
    st.sampled_from(["maximize", "minimize"]),
    trials=st.integers(1, 12),
    workers=st.integers(1, 5),
    max_steps=st.none() | st.integers(1, 9),
    reduction_factor=st.integers(2, 4),
)


@given(budgets, chance)
def test_the_budget_is_exact_under_any_interleaving(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    simulation.run()
    study = simulation.study
    assert study.spent == len(study.trials) == settings.trials
    assert set(study.trials) == set(range(settings.trials))
    assert all(trial.state in ENDED for trial in study.trials.values())
    assert simulation.closes == 1
    assert study.end_reason == "all trials done"


@given(budgets, chance)
def test_the_same_records_give_the_same_commands(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    simulation.run()
    assert replayed(simulation) == simulation.commands
    assert vars_of(Study.fold(simulation.records)) == vars_of(simulation.study)


def replayed(simulation: Simulation) -> list[list[Command]]:
    engine = Engine(Study.fold(simulation.records[:1]), AshaPruner())
    return [engine.go_on(), *(engine.handle(record) for record in simulation.records[1:])]


def vars_of(study: Study) -> str:
    # by text, in which NaN equals itself
    return repr((study.trials, study.rungs, study.queue, study.counts, study.best_trial, study.end_reason))


@given(budgets, chance, st.integers(0, 60))
def test_a_resumed_study_keeps_its_budget_and_relaunches_what_ran(settings, random, steps):
    first = Simulation(settings, AshaPruner(), random)
    first.begin()
    for _ in range(steps):
        if not first.is_idle:
            first.step()
    running = {key for key, attempt in first.attempts.items() if attempt.started}
    if first.study.is_ended:
        return
    second = Simulation(settings, AshaPruner(), random, list(first.records))
    second.record(DriverStarted("second"))
    relaunched = set(second.attempts)
    assert {(number, attempt + 1) for number, attempt in running} <= relaunched
    second.run()
    assert second.study.spent == settings.trials
    assert all(trial.state in ENDED for trial in second.study.trials.values())
    assert second.closes == 1


@given(budgets, chance)
@hypothesis_settings(max_examples=50)
def test_people_may_interfere_at_any_time(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    trials, enqueued = settings.trials, 0
    for turn in range(40):
        if simulation.study.is_ended:
            break
        event: Event
        match random.randrange(11):
            case 0:
                event = StudyPaused()
            case 1:
                event = StudyResumed()
            case 2:
                event = RangesNarrowed(simulation.study.revision + 1, {"x": [0.25, 0.5]})
            case 3:
                trials += 1
                event = BudgetChanged(trials, random.randint(1, 4))
            case 4:
                event = TrialAdded(simulation.engine.next_number, {"x": 0.5, "y": 0.5}, float(turn))
            case 5:
                enqueued += 1
                event = TrialEnqueued({"x": enqueued / 1000})
            case 6 if simulation.study.undoable:
                event = undoing(simulation.study, random.choice(simulation.study.undoable))
                if isinstance(event, BudgetChanged):
                    # the driver refuses a budget that is overdrawn
                    if (event.trials or 0) < simulation.engine.committed:
                        continue
                    trials = event.trials or 0
            case 7 if simulation.study.live:
                number = random.choice(simulation.study.live).number
                event = HaltRequested(number, random.choice([PRUNED, CANCELLED]))
            case _:
                if not simulation.is_idle:
                    simulation.step()
                continue
        simulation.record(event)
    if not simulation.study.is_ended:
        simulation.record(StudyResumed())
    simulation.run()
    study = simulation.study
    assert study.spent == trials
    assert simulation.closes == 1
    served = [t.params["x"] for t in study.in_state(*ENDED) if t.source == "user"]
    asked = {r.seq: r.event.params["x"] for r in simulation.records if isinstance(r.event, TrialEnqueued)}
    events = [record.event for record in simulation.records]
    withdrawn = [asked[event.enqueued] for event in events if isinstance(event, EnqueueWithdrawn)]
    waiting = [entry.params["x"] for entry in study.queue]
    # every one has one fate
    assert Counter([*served, *withdrawn, *waiting]) == Counter(asked.values())
    assert not study.halts
    assert replayed(simulation) == simulation.commands


@given(budgets, chance, st.integers(0, 40))
def test_a_stop_at_any_time_ends_everything(settings, random, steps):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    for _ in range(steps):
        if not simulation.is_idle:
            simulation.step()
    if simulation.study.is_ended:
        return
    simulation.record(StopRequested("enough"))
    simulation.run()
    assert simulation.study.end_reason == "enough"
    assert not simulation.study.live
    assert simulation.closes == 1


@given(budgets, chance)
@hypothesis_settings(max_examples=50)
def test_who_is_left_pruned_with_a_checkpoint_is_not_among_the_best(settings, random):
    simulation = Simulation(settings, AshaPruner(), random)
    simulation.begin()
    simulation.run()
    assert AshaPruner().resumes(simulation.study) == []


def test_pruned_trials_are_resumed_and_some_of_them_complete():
    settings = replace(Settings("score"), trials=1000, workers=4, max_steps=9)
    simulation = Simulation(settings, AshaPruner(), Random(0))
    simulation.begin()
    simulation.run()
    resumed = [t for t in simulation.study.trials.values() if t.resumed]
    assert len(resumed) > 10
    assert {COMPLETE, PRUNED} <= {trial.state for trial in resumed}


def test_a_thousand_trials_come_to_their_end():
    settings = replace(Settings("score"), trials=1000, workers=16, max_steps=9)
    simulation = Simulation(settings, AshaPruner(), Random(0))
    simulation.begin()
    simulation.run()
    assert simulation.study.spent == 1000
    assert simulation.study.counts[PRUNED] > 300
