"""Which trials have given the same reading, through the study."""

from __future__ import annotations

import math

from jupyter_tune.core.events import Event, Record, TrialStarted
from tests.core.studies import completed, reported, study_of, suggested


def test_it_is_known_of_trials_before_and_after_the_first_question():
    study = study_of(*completed(0, 0.5), suggested(1), TrialStarted(1, 1), reported(1, 3, 0.25))
    assert list(study.with_reading(3, 0.25)) == [1]
    more: list[Event] = [suggested(2), TrialStarted(2, 1), reported(2, 3, 0.25)]
    for seq, event in enumerate(more, study.seq + 1):
        study.apply(Record(seq, float(seq), event))
    assert list(study.with_reading(3, 0.25)) == [1, 2]
    assert list(study.with_reading(3, 0.5)) == []
    assert list(study.with_reading(4, 0.25)) == []


def test_a_corrected_reading_is_found_too():
    study = study_of(suggested(0), TrialStarted(0, 1), reported(0, 3, 0.25))
    assert list(study.with_reading(3, 0.25)) == [0]
    study.apply(Record(study.seq + 1, 9.0, reported(0, 3, 0.75)))
    assert list(study.with_reading(3, 0.75)) == [0]
    assert study.trials[0].curve == {3: 0.75}


def test_what_is_no_number_equals_nothing():
    study = study_of(suggested(0), TrialStarted(0, 1), reported(0, 3, math.nan))
    assert list(study.with_reading(3, math.nan)) == []


def test_a_snapshot_knows_its_own_readings():
    study = study_of(suggested(0), TrialStarted(0, 1), reported(0, 3, 0.25))
    assert list(study.with_reading(3, 0.25)) == [0]
    snapshot = study.snapshot()
    study.apply(Record(study.seq + 1, 9.0, reported(0, 4, 0.5)))
    assert list(snapshot.with_reading(4, 0.5)) == []
    assert list(study.with_reading(4, 0.5)) == [0]
