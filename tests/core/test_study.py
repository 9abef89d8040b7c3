from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.events import (
    BudgetChanged,
    DriverStarted,
    Event,
    RangesNarrowed,
    Record,
    StopRequested,
    StudyEnded,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.retries import LOST_BEFORE
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.steering import Enqueued
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, ENDED, FAILED, LOST, PRUNED, RUNNING, STATES, WAITING
from jupyter_tune.errors import TuneError
from tests.core.studies import BY_STATE, SPACE, reported, study_of, suggested

# the transition table

TABLE = [
    (WAITING, TrialStarted(0, 1), RUNNING),
    (WAITING, TrialEnded(0, 1, CANCELLED), CANCELLED),
    (WAITING, TrialEnded(0, 1, LOST), WAITING),
    (WAITING, DriverStarted("d"), WAITING),
    (RUNNING, TrialEnded(0, 1, COMPLETE, 1.0), COMPLETE),
    (RUNNING, TrialEnded(0, 1, PRUNED), PRUNED),
    (RUNNING, TrialEnded(0, 1, FAILED), FAILED),
    (RUNNING, TrialEnded(0, 1, CANCELLED), CANCELLED),
    (RUNNING, TrialEnded(0, 1, LOST), WAITING),
    (RUNNING, DriverStarted("d"), WAITING),
    (PRUNED, TrialResumed(0, 1), WAITING),
    (PRUNED, TrialResumed(0, 2), PRUNED),
    *[(state, TrialResumed(0, 1), state) for state in STATES if state != PRUNED],
    *[
        (state, event, state)
        for state in sorted(ENDED)
        for event in (
            TrialStarted(0, 2),
            TrialEnded(0, 1, FAILED),
            TrialEnded(0, 2, COMPLETE, 1.0),
            TrialEnded(0, 1, LOST),
            reported(0, 1, 0.5),
            DriverStarted("d"),
        )
    ],
]


@pytest.mark.parametrize(("before", "event", "after"), TABLE)
def test_the_transition_table(before, event, after):
    study = study_of(*BY_STATE[before], event)
    assert study.trials[0].state == after
    assert study.counts == {state: int(state == after) for state in STATES}
    assert bool(study.live) == (after not in ENDED)


# attempts


def test_facts_of_older_attempts_are_dropped():
    study = study_of(
        *BY_STATE[RUNNING],
        TrialEnded(0, 1, LOST),
        TrialStarted(0, 2),
        reported(0, 1, 0.9, attempt=1),
        TrialEnded(0, 1, COMPLETE, 0.9),
        reported(0, 1, 0.3, attempt=2),
    )
    trial = study.trials[0]
    assert (trial.state, trial.attempt, trial.curve) == (RUNNING, 2, {1: 0.3})


def test_a_new_attempt_starts_with_an_empty_curve_and_leaves_the_rungs():
    study = study_of(
        *BY_STATE[RUNNING],
        reported(0, 1, 0.9),
        TrialEnded(0, 1, LOST),
        TrialStarted(0, 2),
        max_steps=9,
    )
    assert study.trials[0].curve == {}
    assert study.trials[0].metrics == {}
    assert all(not rung for rung in study.rungs.values())


def test_a_trial_whose_workers_keep_dying_fails():
    events: list[Event] = [suggested(0)]
    # what a new driver takes over was not lost by any fault of the trial
    events += [TrialStarted(0, 1), DriverStarted("d"), TrialStarted(0, 2), DriverStarted("d")]
    for attempt in range(3, LOST_BEFORE + 4):
        events += [TrialStarted(0, attempt), TrialEnded(0, attempt, LOST, error="killed")]
        expected = WAITING if attempt < LOST_BEFORE + 3 else FAILED
        assert study_of(*events).trials[0].state == expected
    assert study_of(*events).trials[0].error == "killed"


def test_a_second_start_of_the_same_attempt_changes_nothing():
    study = study_of(*BY_STATE[RUNNING], reported(0, 1, 0.9), TrialStarted(0, 1, slot="other"))
    assert study.trials[0].curve == {1: 0.9}


def test_a_late_report_joins_the_curve_and_never_reopens():
    study = study_of(*BY_STATE[COMPLETE], reported(0, 7, 0.5))
    assert study.trials[0].state == COMPLETE
    assert study.trials[0].curve == {7: 0.5}
    assert not study.live


def test_a_report_before_the_start_is_dropped():
    assert study_of(suggested(0), reported(0, 1, 0.5)).trials[0].curve == {}


def test_an_end_told_twice_ends_one_attempt():
    twice: list[Event] = [TrialEnded(0, 1, LOST), TrialEnded(0, 1, LOST), TrialEnded(0, 1, CANCELLED)]
    trial = study_of(*BY_STATE[RUNNING], *twice).trials[0]
    assert (trial.state, trial.attempt, trial.retried) == (WAITING, 1, ("lost",))


# curves


def test_the_last_report_of_a_step_wins_and_the_rung_keeps_the_first():
    study = study_of(*BY_STATE[RUNNING], reported(0, 1, 0.1), reported(0, 1, 0.2), max_steps=9)
    assert study.trials[0].curve == {1: 0.2}
    assert study.rungs[1] == {0: 0.1}


def test_reports_out_of_order_count_by_their_largest_step():
    study = study_of(*BY_STATE[RUNNING], reported(0, 5, 0.5), reported(0, 2, 0.2), max_steps=9)
    assert study.trials[0].last_step == 5
    assert study.rungs == {1: {0: 0.5}, 3: {0: 0.5}}


def test_other_metrics_are_kept_beside_the_curve():
    study = study_of(*BY_STATE[RUNNING], TrialReported(0, 1, 1, {"loss": 3.0}), reported(0, 1, 0.5))
    assert study.trials[0].metrics == {"loss": 3.0, "score": 0.5}
    assert study.trials[0].curve == {1: 0.5}


@pytest.mark.parametrize("state", [COMPLETE, PRUNED])
def test_without_a_final_value_the_best_reported_counts(state):
    ends: list[Event] = [
        reported(0, 1, 0.3),
        reported(0, 2, 0.7),
        reported(0, 3, 0.5),
        TrialEnded(0, 1, state),
    ]
    assert study_of(*BY_STATE[RUNNING], *ends).trials[0].value == 0.7
    assert study_of(*BY_STATE[RUNNING], *ends, direction="minimize").trials[0].value == 0.3


def test_failed_and_cancelled_trials_have_no_value():
    for state in (FAILED, CANCELLED):
        study = study_of(*BY_STATE[RUNNING], reported(0, 1, 0.3), TrialEnded(0, 1, state))
        assert study.trials[0].value is None


# the rest of the fold


def test_in_older_journals_the_queue_loses_its_head_to_a_users_suggestion_only():
    study = study_of(
        TrialEnqueued({"x": 0.1}),
        TrialEnqueued({"x": 0.2}),
        suggested(0),
        TrialSuggested(1, {"x": 0.1}, "user"),
    )
    assert study.queue == (Enqueued(3, {"x": 0.2}),)


def test_narrowed_ranges_hold_from_the_latest_record():
    study = study_of(RangesNarrowed(1, {"x": [0.2, 0.4]}), RangesNarrowed(2, {"x": [0.1, 0.9]}))
    assert (study.ranges["x"].range, study.revision, study.space["x"].range) == ((0.1, 0.9), 2, (0.0, 1.0))


def test_pause_budget_stop_and_end_are_remembered():
    assert study_of(StudyPaused()).paused
    assert not study_of(StudyPaused(), StudyResumed()).paused
    assert study_of(BudgetChanged(7, 3)).settings.workers == 3
    assert study_of(StopRequested("enough")).stop_reason == "enough"
    ended = study_of(StudyEnded("all trials done"))
    assert ended.is_ended
    assert ended.ended_at == 2.0


def test_a_new_driver_opens_an_ended_study_again():
    study = study_of(StopRequested("enough"), StudyEnded("enough"), DriverStarted("d"))
    assert not study.is_ended
    assert study.stop_reason is None


def test_records_must_begin_with_a_study():
    with pytest.raises(TuneError, match="this is not a study"):
        Study.fold([])
    with pytest.raises(TuneError, match="this is not a study"):
        Study.fold([Record(1, 0.0, suggested(0))])
    with pytest.raises(TuneError, match="two studies"):
        study_of(StudyOpened("again", SPACE, Settings("a")))


def test_a_snapshot_does_not_see_what_comes_later():
    study = study_of(*BY_STATE[RUNNING], reported(0, 1, 0.5), TrialEnqueued({"x": 0.1}), max_steps=9)
    copy = study.snapshot()
    late: list[Event] = [
        reported(0, 2, 0.6),
        suggested(1),
        TrialEnded(0, 1, COMPLETE),
        TrialEnqueued({"x": 0.3}),
    ]
    for seq, event in enumerate(late, 5):
        study.apply(Record(seq, float(seq), event))
    assert copy.trials[0].state == RUNNING
    assert copy.trials[0].curve == {1: 0.5}
    assert len(copy.trials) == len(copy.live) == 1
    assert copy.counts[RUNNING] == 1
    assert copy.rungs[1] == {0: 0.5}
    assert copy.best_trial is None
    assert [entry.params for entry in copy.queue] == [{"x": 0.1}]


# any facts in any order

attempts = st.integers(1, 4)
facts = st.lists(
    st.one_of(
        st.builds(TrialStarted, st.integers(0, 3), attempts),
        st.builds(reported, st.integers(0, 3), st.integers(1, 9), st.floats(), attempts),
        st.builds(
            TrialEnded,
            st.integers(0, 3),
            attempts,
            st.sampled_from([COMPLETE, PRUNED, FAILED, CANCELLED, LOST]),
            st.none() | st.floats(),
            checkpoint=st.booleans(),
        ),
        st.builds(TrialResumed, st.integers(0, 3), attempts),
        st.builds(DriverStarted, st.just("d")),
    ),
    max_size=30,
)


@given(facts)
def test_outcomes_are_final_and_the_sums_agree(events):
    study = study_of(*(suggested(number) for number in range(4)), max_steps=9)
    outcomes: dict[int, tuple[str, float | None]] = {}
    for seq, event in enumerate(events, 6):
        study.apply(Record(seq, float(seq), event))
        if isinstance(event, TrialResumed) and study.trials[event.number].is_live:
            # the one outcome that may be taken back
            assert outcomes.pop(event.number, (PRUNED, None))[0] == PRUNED
        for number, (state, value) in outcomes.items():
            assert study.trials[number].state == state
            assert study.trials[number].value is value
        outcomes |= {t.number: (t.state, t.value) for t in study.trials.values() if not t.is_live}
        for state in STATES:
            assert study.counts[state] == len(study.in_state(state))
        assert study.resumable == {t.number for t in study.in_state(PRUNED) if t.checkpoint}
        assert study.steps_done == sum(t.last_step for t in study.trials.values())
        assert study.live == [t for t in study.trials.values() if t.state not in ENDED]
        if study.best_trial is not None:
            assert study.best_trial.state == COMPLETE
            assert not math.isnan(study.require_best()[1])


@given(facts)
def test_a_snapshot_at_any_moment_stays_the_study_of_that_moment(events):
    begun = [suggested(number) for number in range(4)]
    study = study_of(*begun, max_steps=9)
    snapshots = [study.snapshot()]
    for seq, event in enumerate(events, 6):
        study.apply(Record(seq, float(seq), event))
        snapshots.append(study.snapshot())
    for place, snapshot in enumerate(snapshots):
        then = study_of(*begun, *events[:place], max_steps=9)
        for each in (snapshot, snapshot.snapshot()):
            assert repr(each.trials) == repr(then.trials)
            assert repr(each.rungs) == repr(then.rungs)
            assert [trial.number for trial in each.live] == [trial.number for trial in then.live]
            assert (each.counts, each.resumable) == (then.counts, then.resumable)
            assert repr(each.best_trial) == repr(then.best_trial)
            assert each.finished_since_best == then.finished_since_best
            assert each.steps_done == then.steps_done
        # and it goes on from there as the study did
        for seq, event in enumerate(events[place:], 6 + place):
            snapshot.apply(Record(seq, float(seq), event))
        assert repr(snapshot.trials) == repr(study.trials)


def test_a_trial_keeps_the_versions_that_its_last_attempt_met():
    events: list[Event] = [suggested(0), TrialStarted(0, 1, versions={"torch": "1.0"})]
    assert study_of(*events).trials[0].versions == {"torch": "1.0"}
    assert study_of(*events, TrialEnded(0, 1, LOST), TrialStarted(0, 2)).trials[0].versions == {}
