"""What people do to a study, and the way back."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.events import (
    BudgetChanged,
    DriverStarted,
    EnqueueWithdrawn,
    Event,
    HaltRequested,
    RangesNarrowed,
    Record,
    StopRequested,
    StudyEnded,
    StudyPaused,
    StudyResumed,
    TrialEnded,
    TrialEnqueued,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.steering import RESUME, UNDO, Enqueued, narrowed, undoing
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, LOST, PRUNED
from jupyter_tune.errors import SpaceError, TuneError
from tests.core import studies
from tests.core.studies import SPACE, suggested

study_of = partial(studies.study_of, trials=10, workers=2)


def then(study: Study, *events: Event) -> Study:
    for event in events:
        study.apply(Record(study.seq + 1, study.seq + 1.0, event))
    return study


def undo(study: Study, seq: int | None = None) -> Study:
    return then(study, undoing(study, seq))


def running(number: int = 0) -> list[Event]:
    return [suggested(number), TrialStarted(number, 1)]


def undoable(study: Study) -> list[int]:
    return list(study.undoable)


# the queue


def test_a_suggestion_takes_from_the_queue_what_it_names():
    study = study_of(TrialEnqueued({"x": 0.1}), TrialEnqueued({"x": 0.2}))
    assert list(study.queue) == [Enqueued(2, {"x": 0.1}), Enqueued(3, {"x": 0.2})]
    then(study, TrialSuggested(0, {"x": 0.2, "y": 0.5}, "user", enqueued=3))
    assert study.queue == (Enqueued(2, {"x": 0.1}),)


def test_what_is_withdrawn_is_not_suggested_any_more():
    study = study_of(TrialEnqueued({"x": 0.1}), TrialEnqueued({"x": 0.2}))
    assert undoing(study, 2) == EnqueueWithdrawn(2, UNDO)
    undo(study, 2)
    assert study.queue == (Enqueued(3, {"x": 0.2}),)
    assert undoable(study) == [3]


def test_what_is_suggested_is_not_withdrawn_any_more():
    study = study_of(TrialEnqueued({"x": 0.1}), TrialSuggested(0, {"x": 0.1, "y": 0.5}, "user", enqueued=2))
    assert undoable(study) == []
    with pytest.raises(TuneError, match="record 2 is undone, or a newer change replaced it; nothing is"):
        undoing(study, 2)


# changes


def test_a_narrowing_is_undone_by_the_ranges_before_it():
    study = study_of(RangesNarrowed(1, {"x": [0.2, 0.4]}))
    then(study, narrowed(study, {"y": [0.5, 0.6]}))
    assert undoable(study) == [3]
    assert undoing(study) == RangesNarrowed(3, {"x": [0.2, 0.4], "y": [0.0, 1.0]}, UNDO)
    undo(study)
    assert undoable(study) == [2]
    undo(study)
    assert (study.ranges, study.revision, undoable(study)) == (SPACE, 4, [])


def test_only_the_newest_change_of_a_kind_can_be_undone():
    study = study_of(RangesNarrowed(1, {"x": [0.2, 0.4]}), RangesNarrowed(2, {"x": [0.1, 0.3]}))
    with pytest.raises(TuneError, match="record 2 is undone, or a newer change replaced it"):
        undoing(study, 2)
    undo(study, 3)
    with pytest.raises(TuneError, match=r"record 3 is undone.*the records that can be undone are 2"):
        undoing(study, 3)


def test_a_budget_is_undone_by_the_budget_before_it():
    study = study_of(BudgetChanged(None, 5))
    assert undoing(study, 2) == BudgetChanged(10, 2, UNDO)
    undo(study)
    assert (study.settings.trials, study.settings.workers, undoable(study)) == (10, 2, [])


def test_pause_and_resume_undo_each_other():
    study = study_of(StudyPaused(), StudyResumed())
    assert undoing(study) == StudyPaused(UNDO)
    assert undo(study).paused
    assert undoing(study) == StudyResumed(UNDO)
    assert not undo(study).paused
    with pytest.raises(TuneError, match="nothing is left to undo"):
        undoing(study)


def test_kinds_are_undone_each_for_itself_and_together_from_the_newest_back():
    study = study_of(StudyPaused(), BudgetChanged(20, 2), RangesNarrowed(1, {"x": [0.2, 0.4]}))
    assert undoable(study) == [2, 3, 4]
    undo(study, 2)
    assert undoable(study) == [3, 4]
    undo(study)
    assert (study.ranges, study.settings.trials, undoable(study)) == (SPACE, 20, [3])


def test_what_changes_nothing_is_no_act():
    study = study_of(StudyResumed(), BudgetChanged(10, 2), RangesNarrowed(1, {"x": [0.0, 1.0]}))
    assert study.acts == ()
    assert undoable(study) == []


def test_resuming_with_another_budget_makes_earlier_ones_final():
    study = study_of(BudgetChanged(5, 2), StudyEnded("done"), DriverStarted("d"))
    assert undoable(study) == [2]
    then(study, BudgetChanged(30, 2, RESUME))
    assert undoable(study) == []
    assert [act.seq for act in study.acts] == [2, 5]


def test_a_resume_is_an_act_also_where_it_changes_nothing_and_takes_no_way_back():
    study = study_of(BudgetChanged(5, 2), StudyEnded("done"), DriverStarted("d"))
    then(study, BudgetChanged(5, 2, RESUME))
    assert [act.seq for act in study.acts] == [2, 5]
    assert undoable(study) == [2]


def test_nothing_is_undone_in_a_study_that_ends_or_has_ended():
    acts: list[Event] = [StudyPaused(), TrialEnqueued({"x": 0.1})]
    assert undoable(study_of(*acts)) == [2, 3]
    assert undoable(study_of(*acts, StopRequested("enough"))) == []
    assert undoable(study_of(*acts, StudyEnded("all trials done"))) == []
    assert undoable(study_of(*acts, StudyEnded("all trials done"), DriverStarted("d"))) == [2, 3]


def test_acts_tell_when_they_were_done_and_what_held_before():
    study = study_of(*running(4), RangesNarrowed(1, {"x": [0.2, 0.4]}), StopRequested("enough"))
    narrowing, stop = study.acts
    assert (narrowing.seq, narrowing.at, narrowing.trial) == (4, 4.0, 4)
    assert narrowing.before.ranges == SPACE
    assert (stop.event, stop.before.ranges["x"].range) == (StopRequested("enough"), (0.2, 0.4))


def test_a_record_that_is_no_act_is_refused_and_the_choice_named():
    study = study_of(*running(), StudyPaused())
    with pytest.raises(TuneError, match=r"record 3 is not a change that can be undone; the records .* are 4"):
        undoing(study, 3)


def test_halts_and_stops_stay():
    study = study_of(*running(), HaltRequested(0, CANCELLED), StopRequested("enough"))
    with pytest.raises(TuneError, match=r"trial 0 was halted .* enqueue its values again"):
        undoing(study, 4)
    with pytest.raises(TuneError, match="a stop cannot be undone"):
        undoing(study, 5)


# halts


def test_a_halt_asked_for_holds_until_the_trial_has_ended():
    study = study_of(*running(), HaltRequested(0, PRUNED))
    assert study.halts == {0: PRUNED}
    # a new attempt and a new driver are to end as well
    then(study, TrialEnded(0, 1, LOST), DriverStarted("second"))
    assert study.halts == {0: PRUNED}
    then(study, TrialEnded(0, 2, CANCELLED))
    assert study.halts == {}


def test_a_halt_that_comes_after_the_end_is_nothing():
    study = study_of(*running(), TrialEnded(0, 1, COMPLETE, 0.5), HaltRequested(0, CANCELLED))
    assert study.halts == {}
    assert study.acts == ()


def test_a_trial_that_the_user_pruned_is_not_resumed():
    end = TrialEnded(0, 1, PRUNED, checkpoint=True)
    assert study_of(*running(), end).resumable == {0}
    assert study_of(*running(), HaltRequested(0, PRUNED), end).resumable == set()


# the rest


def test_a_change_of_ranges_is_checked_and_whole():
    study = study_of(RangesNarrowed(1, {"x": [0.2, 0.4]}))
    assert narrowed(study, {"x": [0.0, 0.5]}) == RangesNarrowed(2, {"x": [0.0, 0.5], "y": [0.0, 1.0]})
    with pytest.raises(SpaceError, match="outside"):
        narrowed(study, {"x": [0.0, 1.5]})


def test_a_snapshot_does_not_see_what_is_done_later():
    study = study_of(*running(), TrialEnqueued({"x": 0.1}), HaltRequested(0, CANCELLED))
    copy = study.snapshot()
    then(study, StudyPaused(), TrialEnqueued({"x": 0.2}), TrialEnded(0, 1, CANCELLED))
    assert (len(copy.queue), copy.halts, len(copy.acts), undoable(copy)) == (1, {0: CANCELLED}, 2, [4])


@given(st.integers(0, 2**32), st.integers(1, 30))
def test_undoing_all_there_is_leads_back_to_the_beginning(seed, turns):
    random, study = Random(seed), study_of()
    for turn in range(turns):
        match random.randrange(6):
            case 0:
                then(study, StudyPaused())
            case 1:
                then(study, StudyResumed())
            case 2:
                then(study, BudgetChanged(random.randrange(5, 8), random.randrange(1, 3)))
            case 3:
                low = random.randrange(4) / 8
                then(study, narrowed(study, {random.choice("xy"): [low, 1.0]}))
            case 4:
                then(study, TrialEnqueued({"x": turn / 100}))
            case 5 if study.undoable:
                undo(study, random.choice(study.undoable))
    while study.undoable:
        undo(study)
    assert (study.ranges, study.paused, study.queue) == (SPACE, False, ())
    assert (study.settings.trials, study.settings.workers) == (10, 2)
