from __future__ import annotations

import pytest

from jupyter_tune.core.commands import Close, Halt, Launch, Resume, Suggest
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    BudgetChanged,
    Event,
    HaltRequested,
    RangesNarrowed,
    StopRequested,
    StudyPaused,
    StudyResumed,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialResumed,
    TrialStarted,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.ports import Pruner
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, PRUNED
from jupyter_tune.pruners.asha import AshaPruner
from jupyter_tune.pruners.median import MedianPruner
from tests.core.desk import Again, Always, Desk, Never
from tests.core.studies import reported, suggested

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


def test_without_a_checkpoint_it_begins_anew():
    class Anew(Always):
        def resumes(self, study: Study) -> list[int]:
            return [trial.number for trial in study.in_state(PRUNED)]

    desk = Desk(Anew(), workers=1, trials=1)
    assert desk.tell(*pruned(0, checkpoint=False)) == [Resume(0, 1, afresh=True)]
    assert desk.tell(TrialResumed(0, 1, afresh=True)) == [
        Launch(0, 2, {"x": 0.5, "y": 0.5}, trial_seed(0, 0), resumed_from=0)
    ]
    desk.tell(TrialStarted(0, 2))
    study = desk.engine.study
    assert (study.trials[0].curve, study.trials[0].reached) == ({}, 3)
    assert desk.tell(TrialEnded(0, 2, COMPLETE, 0.4)) == [Close("all trials done")]
    assert (study.best_value, study.spent) == (0.4, 1)


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


def test_enqueued_values_come_before_a_resume():
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
