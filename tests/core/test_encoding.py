from __future__ import annotations

import json
import math
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.encoding import (
    event_from_json,
    event_to_json,
    event_to_text,
    record_from_json,
    record_text,
)
from jupyter_tune.core.events import (
    AttemptsFound,
    BudgetChanged,
    CodeChanged,
    DriverStarted,
    EnqueueWithdrawn,
    Event,
    FilesRemoved,
    GainEstimated,
    HaltRequested,
    NoteWritten,
    PriorAdded,
    RangesNarrowed,
    Record,
    RulesChanged,
    SearchEnded,
    StopRequested,
    StudyEnded,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    StudyTagged,
    TrialAdded,
    TrialEnded,
    TrialEnqueued,
    TrialReopened,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.errors import JournalError

SPACE = Space(lr=Float(1e-4, 1e-1, log=True), n=Int(1, 9), act=Categorical(["relu", "tänh", None]))

names = st.text(min_size=1, max_size=8)
numbers = st.integers(0, 9999)
# a NaN equals nothing, so it has a test of its own
reals = st.floats(allow_nan=False)
params = st.dictionaries(
    names, st.one_of(st.none(), st.booleans(), st.integers(), st.text(), reals.filter(math.isfinite))
)
metrics = st.dictionaries(names, reals)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        StudyOpened,
        names,
        st.just(SPACE),
        st.builds(
            Settings,
            names,
            st.sampled_from(["maximize", "minimize"]),
            trials=st.none() | numbers,
            timeout_s=st.none() | reals.filter(math.isfinite),
            max_steps=st.none() | numbers,
        ),
        origin=st.dictionaries(names, st.text()),
    ),
    st.builds(DriverStarted, names, st.dictionaries(names, names)),
    st.builds(CodeChanged, numbers, st.dictionaries(names, names), st.lists(names), st.booleans()),
    st.builds(AttemptsFound, st.lists(st.lists(numbers, min_size=2, max_size=2))),
    st.builds(TrialEnqueued, params, names),
    st.builds(EnqueueWithdrawn, numbers, names),
    st.builds(TrialSuggested, numbers, params, names, numbers, st.none() | numbers, st.none() | numbers),
    st.builds(TrialStarted, numbers, numbers, names, st.none() | numbers, names),
    st.builds(TrialReported, numbers, numbers, numbers, metrics),
    st.builds(
        TrialEnded, numbers, numbers, names, st.none() | reals, metrics, names, names, st.booleans(), names
    ),
    st.builds(TrialResumed, numbers, numbers),
    st.builds(TrialReopened, numbers, numbers),
    st.builds(HaltRequested, numbers, names, names),
    st.builds(TrialAdded, numbers, params, reals, metrics, names, st.none() | numbers),
    st.builds(PriorAdded, params, reals, names),
    st.builds(RangesNarrowed, numbers, st.just({"lr": [1e-3, 1e-2], "act": ["relu"]}), names),
    st.builds(BudgetChanged, st.none() | numbers, numbers, names),
    st.builds(
        RulesChanged,
        st.none() | reals.filter(math.isfinite),
        st.none() | reals.filter(math.isfinite),
        st.none() | numbers,
        names,
        st.none() | st.just({"retries": 1, "trial_timeout_s": 0.5}),
        st.just({}) | st.just({"budget": "10 steps", "max_failures": None}),
    ),
    st.builds(
        GainEstimated,
        numbers,
        reals.filter(math.isfinite),
        reals.filter(math.isfinite),
        st.just([[1, 0.1, 0.0, 0.2]]),
    ),
    st.builds(StudyTagged, st.just({"data": "é", "k": [1, None]}), st.none() | numbers, names),
    st.builds(NoteWritten, names, st.none() | numbers, names),
    st.builds(FilesRemoved, st.lists(numbers), numbers),
    st.builds(StudyPaused, names),
    st.builds(StudyResumed, names),
    st.builds(StopRequested, names),
    st.builds(SearchEnded, names),
    st.builds(StudyEnded, names),
)


@given(events, numbers, reals.filter(math.isfinite))
def test_json_gives_back_the_record(event, seq, at):
    record = Record(seq, at, event)
    text = record_text(seq, at, event_to_text(event))
    assert record_from_json(json.loads(text)) == record


@pytest.mark.parametrize("kind", typing.get_args(Event), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_has_a_generator_and_a_reader(kind):
    event = _example(kind)
    assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


def _example(kind: type) -> Event:
    examples: list[Event] = [
        StudyOpened("s", SPACE, Settings("a")),
        DriverStarted("d"),
        CodeChanged(1, {"text": "a"}, ["f"], True),
        SearchEnded("target 0.9 reached"),
        AttemptsFound([[0, 1]]),
        TrialEnqueued({"n": 3}),
        EnqueueWithdrawn(3),
        TrialSuggested(0, {"n": 3}, "gp"),
        TrialStarted(0, 1),
        TrialReported(0, 1, 1, {"a": math.inf}),
        TrialEnded(0, 1, "complete", -math.inf),
        TrialResumed(0, 1),
        TrialReopened(0, 1),
        HaltRequested(0, "pruned"),
        TrialAdded(0, {"n": 3}, 1.0),
        PriorAdded({"n": 3}, 1.0, "other"),
        RangesNarrowed(1, {"n": [1, 3]}),
        BudgetChanged(None, 3),
        RulesChanged(60.0, None, 5),
        GainEstimated(12, 0.01, 0.2, [[1, 0.1, 0.0, 0.2]]),
        StudyTagged({"data": "digits"}),
        NoteWritten("good", 3),
        FilesRemoved([3, 5], 10**9),
        StudyPaused(),
        StudyResumed(),
        StopRequested("enough"),
        StudyEnded("done"),
    ]
    return next(event for event in examples if type(event) is kind)


def test_nan_survives_json():
    event = TrialEnded(0, 1, "complete", math.nan, {"loss": math.nan})
    text = json.dumps(event_to_json(event), allow_nan=False)
    back = event_from_json(json.loads(text))
    assert isinstance(back, TrialEnded)
    assert back.value is not None
    assert math.isnan(back.value)
    assert math.isnan(back.metrics["loss"])


def test_floats_come_back_to_the_last_bit():
    event = TrialAdded(0, {"lr": 0.1 + 0.2}, 1 / 3)
    assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


def test_an_unknown_event_asks_for_a_newer_version():
    with pytest.raises(JournalError, match=r"unknown event 'TrialCloned'; this study needs a newer"):
        event_from_json({"kind": "TrialCloned"})


def test_an_end_of_before_checkpoints_were_told_is_read_as_without():
    older = event_to_json(TrialEnded(0, 1, "pruned"))
    del older["checkpoint"]
    assert event_from_json(older) == TrialEnded(0, 1, "pruned", checkpoint=False)


def test_a_suggestion_of_before_the_queue_was_numbered_is_read_as_without():
    older = event_to_json(TrialSuggested(0, {"n": 3}, "user"))
    del older["enqueued"]
    assert event_from_json(older) == TrialSuggested(0, {"n": 3}, "user", enqueued=None)
