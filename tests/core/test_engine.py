from __future__ import annotations

from jupyter_tune.core.commands import Close, Launch, Suggest
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    AttemptsFound,
    BudgetChanged,
    DriverStarted,
    RangesNarrowed,
    Record,
    StudyEnded,
    StudyOpened,
    TrialAdded,
    TrialEnded,
    TrialStarted,
)
from jupyter_tune.core.launches import trial_seed
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, LOST, RUNNING
from jupyter_tune.pruners.none import NoPruner
from tests.core.desk import Desk
from tests.core.studies import SPACE, suggested

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


def test_a_sampler_may_leave_the_defaults_out():
    opened = Record(1, 0.0, StudyOpened("test", SPACE, Settings("score")))
    assert Engine(Study.fold([opened]), NoPruner(), defaults_first=False).go_on() == [Suggest(0)]


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


def test_attempts_that_are_found_again_are_not_launched_again():
    desk = Desk(trials=3, workers=3)
    desk.tell(suggested(0), suggested(1), suggested(2), TrialStarted(0, 1), TrialStarted(1, 1))
    study = desk.engine.study
    study.apply(Record(study.seq + 1, 10.0, DriverStarted("d")))
    engine = Engine(study, NoPruner())
    commands = engine.handle(Record(study.seq + 1, 11.0, AttemptsFound([[0, 1], [2, 1]])))
    assert [(c.number, c.attempt) for c in commands if isinstance(c, Launch)] == [(1, 2)]
    assert engine.launching == [(1, 2), (2, 1)], "trial 2 was launched, and its start not recorded"
    assert engine.handle(Record(study.seq + 1, 12.0, TrialStarted(2, 1))) == []
    assert [trial.number for trial in study.in_state(RUNNING)] == [0, 2]
