"""What going on with a study records, and what it refuses: on studies made of events."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.commands import Close, Launch, Suggest
from jupyter_tune.core.engine import Engine
from jupyter_tune.core.events import (
    BudgetChanged,
    DriverStarted,
    Event,
    HaltRequested,
    PriorAdded,
    Record,
    RulesChanged,
    StopRequested,
    StudyEnded,
    StudyPaused,
    StudyResumed,
    TrialAdded,
    TrialEnded,
    TrialEnqueued,
    TrialReopened,
    TrialStarted,
)
from jupyter_tune.core.parameters import Float, Params
from jupyter_tune.core.resuming import (
    first_facts,
    from_earlier,
    kept_settings,
    other_search,
    settings_for_one_more,
    settings_to_go_on,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import RESUME
from jupyter_tune.core.stopping import SAME_FAILURES
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, LOST, RUNNING, WAITING
from jupyter_tune.errors import OptionError
from jupyter_tune.pruners.none import NoPruner
from tests.core.studies import SPACE, reported, study_of, suggested


def whole(number: int, state: str = COMPLETE, value: float | None = 0.5, error: str = "") -> list[Event]:
    end = TrialEnded(number, 1, state, value if state == COMPLETE else None, error=error)
    return [suggested(number), TrialStarted(number, 1), end]


def stopped(reason: str = "stopped by the user") -> list[Event]:
    """A trial complete, one cancelled while it ran and one before it started."""
    return [
        *whole(0),
        suggested(1),
        TrialStarted(1, 1),
        reported(1, 3, 0.7),
        suggested(2),
        StopRequested(reason),
        TrialEnded(1, 1, CANCELLED, reason=reason),
        TrialEnded(2, 1, CANCELLED, reason=reason),
        StudyEnded(reason),
    ]


def gone_on(study: Study, settings: Settings | None = None, *, all_again: bool = True) -> Study:
    """The study as its next driver begins with it."""
    asked = settings or settings_to_go_on(study)
    facts = list(first_facts(study, asked, DriverStarted("next"), all_again=all_again))
    for seq, event in enumerate(facts, study.seq + 1):
        study.apply(Record(seq, 1000.0 + seq, event))
    return study


def commands_of(study: Study) -> list[Any]:
    return Engine(study, NoPruner()).go_on()


def test_what_a_stop_cancelled_runs_again_under_its_number_and_costs_no_second_place() -> None:
    study = study_of(*stopped(), trials=10, workers=2)
    assert study.spent == 2
    gone_on(study)
    assert [study.trials[n].state for n in range(3)] == [COMPLETE, WAITING, WAITING]
    assert (study.spent, study.is_ended, study.stop_reason) == (3, False, None)
    assert [(c.number, c.attempt) for c in commands_of(study) if isinstance(c, Launch)] == [(1, 2), (2, 1)]
    study.apply(Record(study.seq + 1, 2000.0, TrialStarted(1, 2)))
    assert (study.trials[1].state, study.trials[1].curve) == (RUNNING, {}), "curves of attempts never mix"


def test_what_the_user_cancelled_stays_cancelled() -> None:
    events: list[Event] = [suggested(0), TrialStarted(0, 1), HaltRequested(0, CANCELLED)]
    end = TrialEnded(0, 1, CANCELLED, reason="cancelled by the user")
    study = study_of(*events, end, StopRequested("enough"), StudyEnded("enough"), trials=9)
    assert gone_on(study).trials[0].state == CANCELLED


def test_a_fact_about_another_attempt_reopens_nothing() -> None:
    study = study_of(*stopped(), TrialReopened(1, 2), TrialReopened(0, 1))
    assert [study.trials[n].state for n in range(2)] == [COMPLETE, CANCELLED]


def test_more_trials_are_counted_from_what_is_there() -> None:
    study = study_of(*whole(0), *whole(1), StudyEnded("all trials done"), trials=2)
    assert settings_to_go_on(study, 20).trials == 22
    early = study_of(*whole(0), StudyEnded("target"), trials=60)
    assert settings_to_go_on(early, 20).trials == 21
    assert settings_to_go_on(early).trials == 60
    assert settings_to_go_on(study_of(*stopped(), trials=10), 5).trials == 3 + 5
    endless = study_of(*whole(0), StudyEnded("stopped"))
    assert (settings_to_go_on(endless).trials, settings_to_go_on(endless, 20).trials) == (None, 21)


def test_what_is_queued_still_is_among_the_trials_to_come() -> None:
    queued = [TrialEnqueued({"x": 0.1}), TrialEnqueued({"x": 0.2})]
    study = study_of(*whole(0), *queued, StudyEnded("stopped"), trials=9)
    assert settings_to_go_on(study, 1).trials == 3
    assert settings_to_go_on(study, 5).trials == 6
    assert settings_for_one_more(study).trials == 4


def test_trials_of_two_ends_that_run_again_are_all_in_the_budget() -> None:
    reason = "stopped by the user"
    # resumed for one trial more, with the cancelled ones left out, and stopped again
    for_one: list[Event] = [DriverStarted("second"), BudgetChanged(3, 1, RESUME), suggested(3)]
    stop: list[Event] = [
        StopRequested(reason),
        TrialEnded(3, 1, CANCELLED, reason=reason),
        StudyEnded(reason),
    ]
    study = gone_on(study_of(*stopped(), *for_one, *stop, trials=3))
    assert study.spent == study.settings.trials == 4


@pytest.mark.parametrize("more", [0, -1, 2.5, "many", True])
def test_more_must_be_a_number_of_trials(more: Any) -> None:
    with pytest.raises(OptionError, match="trials"):
        settings_to_go_on(study_of(*whole(0), StudyEnded("done"), trials=1), more)


def test_a_spent_budget_asks_for_a_number() -> None:
    study = study_of(*whole(0), StudyEnded("all trials done"), trials=1)
    with pytest.raises(OptionError, match=r"all 1 trials .* resume\(trials=20\)"):
        settings_to_go_on(study)


def test_a_study_that_was_interrupted_after_its_last_trial_goes_on_to_its_end() -> None:
    study = gone_on(study_of(*whole(0), trials=1))
    assert commands_of(study) == [Close("all trials done")]


def test_one_trial_more_runs_alone_although_budget_and_cancelled_trials_are_left() -> None:
    study = study_of(*stopped(), trials=10, workers=4)
    gone_on(study, settings_for_one_more(study), all_again=False)
    study.apply(Record(study.seq + 1, 2000.0, TrialEnqueued({"x": 0.3})))
    assert commands_of(study) == [Suggest(3, {"x": 0.3}, "user", study.seq)]


def test_a_target_that_was_reached_is_lifted_where_the_user_says_go_on() -> None:
    study = study_of(*whole(0, value=0.9), StudyEnded("target 0.8 reached"), trials=9, target=0.8)
    gone_on(study)
    assert study.settings.target is None
    assert any(isinstance(act.event, RulesChanged) and act.event.by == RESUME for act in study.acts)
    assert isinstance(commands_of(study)[0], Suggest)


def test_a_target_that_was_not_reached_stays() -> None:
    study = study_of(*stopped(), trials=9, target=0.8)
    assert gone_on(study).settings.target == 0.8
    assert not any(isinstance(act.event, RulesChanged) for act in study.acts)


def test_an_option_that_names_a_reached_target_holds_and_nothing_runs_again() -> None:
    study = study_of(*stopped("target 0.4 reached"), trials=9, target=0.4)
    gone_on(study, study.settings)
    assert commands_of(study) == [Close("target 0.4 reached")]


def test_rules_and_budget_that_are_asked_for_hold_and_the_rest_stays() -> None:
    study = study_of(*stopped(), trials=9, sampler="random", seed=3)
    asked = Settings(
        "score",
        trials=12,
        workers=5,
        timeout_s=60.0,
        target=0.99,
        patience=7,
        sampler="gp",
        seed=4,
        retries=2,
        trial_timeout_s=9.0,
    )
    assert kept_settings(study, asked) == ["sampler random (not gp)", "seed 3 (not 4)"]
    gone_on(study, asked)
    assert (study.settings.trials, study.settings.workers) == (12, 5)
    assert (study.settings.timeout_s, study.settings.target, study.settings.patience) == (60.0, 0.99, 7)
    assert (study.settings.retries, study.settings.trial_timeout_s) == (2, 9.0)
    assert (study.settings.sampler, study.settings.seed) == ("random", 3)


def test_patience_counts_anew_after_an_end() -> None:
    events = [*whole(0, value=0.9), *whole(1), *whole(2), StudyEnded("no better trial in the last 2")]
    study = study_of(*events, trials=9, patience=2)
    assert study.finished_since_best == 2
    gone_on(study)
    assert study.finished_since_best == 0
    assert isinstance(commands_of(study)[0], Suggest)


def test_failures_count_anew_after_an_end() -> None:
    reason = "every trial failed: ValueError: no"
    events = [e for n in range(SAME_FAILURES) for e in whole(n, FAILED, error="ValueError: no")]
    study = study_of(*events, StudyEnded(reason), trials=99)
    gone_on(study)
    assert isinstance(commands_of(study)[0], Suggest)
    again = [e for n in range(5, 5 + SAME_FAILURES) for e in whole(n, FAILED, error="ValueError: no")]
    for seq, event in enumerate(again, study.seq + 1):
        study.apply(Record(seq, 3000.0 + seq, event))
    assert commands_of(study) == [Close(reason)]


def test_an_interruption_leaves_patience_and_failures_as_they_were() -> None:
    study = study_of(*whole(0, value=0.9), *whole(1), trials=9, patience=2)
    gone_on(study)
    assert (study.finished_since_best, study.reopened_after) == (1, -1)


def test_a_paused_study_goes_on_and_its_pause_cannot_be_undone() -> None:
    study = study_of(*whole(0), StudyPaused(), StopRequested("enough"), StudyEnded("enough"), trials=9)
    gone_on(study)
    assert not study.paused
    assert [act.event for act in study.acts][-2:] == [StudyResumed(RESUME), BudgetChanged(9, 1, RESUME)]
    assert study.undoable == ()


def test_what_an_interrupted_stop_cancelled_runs_again_too() -> None:
    study = study_of(*stopped()[:-1], trials=9)
    assert not study.is_ended
    assert gone_on(study).counts[WAITING] == 2


def test_a_lost_attempt_and_a_reopened_one_are_launched_side_by_side() -> None:
    study = study_of(*stopped(), trials=9, workers=3)
    gone_on(study)
    for event in (TrialStarted(1, 2), TrialEnded(1, 2, LOST)):
        study.apply(Record(study.seq + 1, 2000.0, event))
    assert [(c.number, c.attempt) for c in commands_of(study) if isinstance(c, Launch)] == [(1, 3), (2, 1)]


def test_the_clock_stands_still_while_no_driver_has_the_study() -> None:
    study = study_of(*whole(0), StudyEnded("all trials done"), trials=1)
    ended = study.ended_at
    assert ended is not None
    assert study.clock(ended) == 4.0
    gone_on(study, settings_to_go_on(study, 1))
    taken_up = study.driven_since
    assert taken_up > 1000
    assert study.clock(taken_up) == 4.0
    assert study.clock(taken_up + 3) == 7.0
    assert study.clock(2.0) == 1.0, "what was before is where it was"


def test_another_search_is_named_difference_by_difference() -> None:
    study = study_of()
    assert other_search(study, SPACE, study.settings) == []
    moved = Space(x=Float(0, 1, default=0.25), y=Float(0, 1))
    assert other_search(study, moved, study.settings) == [], "a default is the first trial's alone"
    other = other_search(study, Space(x=Float(0, 2), z=Float(0, 1)), Settings("loss", "minimize"))
    names = [difference.partition(":")[0] for difference in other]
    assert names == ["metric", "direction", "x", "y", "z"]


def test_trials_of_earlier_studies_are_added_once() -> None:
    params: Params = {"x": 0.1, "y": 0.2}
    study = study_of(TrialAdded(0, params, 0.3, {}, "first", 4), TrialAdded(1, params, 0.5))
    results: list[Any] = [
        [params, 0.3, "first", 4, {}],
        [params, 0.3, "first", 5, {}],
        [params, 0.3, "second", 4, {"size": 9.0}],
        # before schema 7 a study did not keep where it came from
        [params, 0.5, "first", 6, {}],
    ]
    assert from_earlier(study, [], results) == [
        TrialAdded(2, params, 0.3, {}, "first", 5),
        TrialAdded(3, params, 0.3, {"size": 9.0}, "second", 4),
    ]


def test_another_task_is_learned_once() -> None:
    study = study_of(PriorAdded({"x": 9.0}, 1.0, "other"))
    assert from_earlier(study, [[{"x": 9.0}, 1.0, "other"], [{"x": 2.0}, 3.0, "new"]], []) == [
        PriorAdded({"x": 2.0}, 3.0, "new")
    ]


def test_a_budget_from_before_the_end_is_no_way_back() -> None:
    study = study_of(BudgetChanged(5, 1), *whole(0), StudyEnded("enough"), trials=9)
    gone_on(study, settings_to_go_on(study, 20))
    assert study.settings.trials == 21
    assert study.undoable == ()
