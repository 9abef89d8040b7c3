from __future__ import annotations

import math

import numpy as np
import pytest

from jupyter_tune.core.events import (
    DriverStarted,
    NoteWritten,
    Record,
    StudyEnded,
    StudyTagged,
    TrialEnded,
    TrialReported,
    TrialStarted,
)
from jupyter_tune.core.notes import LONGEST_NOTE, checked_note, checked_tags
from jupyter_tune.core.readers.tags import tags
from jupyter_tune.core.steering import undoing
from jupyter_tune.core.trial import COMPLETE, FAILED
from jupyter_tune.errors import OptionError, TuneError
from tests.core.studies import study_of, suggested


def test_tags_are_what_json_has_and_scalars_of_numpy():
    given = {
        " data ": "é",
        "n": np.int64(3),
        "x": np.float32(0.5),
        "ok": True,
        "list": (1, [2]),
        "gone": None,
    }
    checked = {"data": "é", "n": 3, "x": 0.5, "ok": True, "list": [1, [2]], "gone": None}
    assert checked_tags(given) == checked


@pytest.mark.parametrize("value", [object(), math.nan, {"a": math.inf}, b"x", np.zeros(2), "x" * 20_000])
def test_other_values_are_refused_by_name(value):
    with pytest.raises(OptionError, match="tag: data"):
        checked_tags({"data": value})


@pytest.mark.parametrize("name", ["", " ", "a=b", "x" * 200, "a\nb", 3])
def test_names_that_cannot_be_written_are_refused(name):
    with pytest.raises(OptionError, match="is no name of a tag"):
        checked_tags({name: 1})


def test_the_option_takes_pairs_words_and_dicts():
    assert tags(["data=cifar10", "draft", "a=b=c"], "--tag") == {"data": "cifar10", "draft": True, "a": "b=c"}
    assert tags("draft", "tag") == tags({"draft": True}, "tag") == {"draft": True}
    with pytest.raises(OptionError, match="--tag: ''"):
        tags(["=3"], "--tag")


def test_a_note_is_a_text_of_bounded_length():
    assert checked_note("  good \n") == "good"
    for wrong in (None, 3, "x" * (LONGEST_NOTE + 1)):
        with pytest.raises(OptionError, match="note: "):
            checked_note(wrong)


def test_tags_add_up_and_notes_replace_each_other():
    study = study_of(
        suggested(0),
        StudyTagged({"a": 1, "b": 2}),
        StudyTagged({"b": None, "c": 3}),
        StudyTagged({"good": True}, 0),
        NoteWritten("first"),
        NoteWritten("of a trial", 0),
        NoteWritten("second"),
        NoteWritten("", 0),
    )
    assert study.tags == {None: {"a": 1, "c": 3}, 0: {"good": True}}
    assert study.notes == {None: "second"}
    with pytest.raises(TuneError, match="a tag or note cannot be undone"):
        undoing(study, 3)


def test_a_note_after_the_end_or_a_driver_s_death_leaves_the_study_and_its_clock_as_they_are():
    study = study_of(suggested(0), TrialStarted(0, 1), TrialEnded(0, 1, COMPLETE, 0.5), StudyEnded("done"))
    before = study.clock(5.0)
    study.apply(Record(study.seq + 1, 9000.0, NoteWritten("much later")))
    assert (study.is_ended, study.ended_at, study.notes) == (True, 5.0, {None: "much later"})
    assert study.clock(5.0) == before

    died = study_of(suggested(0), TrialStarted(0, 1))
    died.apply(Record(died.seq + 1, 9000.0, StudyTagged({"a": 1})))
    died.apply(Record(died.seq + 1, 10_000.0, DriverStarted("another")))
    assert died.clock(10_001.0) == pytest.approx(3.0 + 1.0, abs=1.0)


def test_a_trial_s_own_attributes_are_those_of_its_attempt_and_the_user_s_stay():
    study = study_of(
        suggested(0),
        TrialStarted(0, 1),
        TrialReported(0, 1, 0, {}, {"size": 3, "attempt": 1}),
        StudyTagged({"good": True}, 0),
        TrialEnded(0, 1, FAILED, cause="error"),
        TrialStarted(0, 2),
        TrialReported(0, 1, 0, {}, {"late": True}),
        TrialReported(0, 2, 0, {}, {"attempt": 2}),
        retries=1,
    )
    trial = study.trials[0]
    assert study.user_attrs(trial) == {"attempt": 2, "good": True}
    assert trial.curve == {}
    assert trial.reports == 1
