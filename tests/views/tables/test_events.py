from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.events import (
    BudgetChanged,
    EnqueueWithdrawn,
    Event,
    HaltRequested,
    RangesNarrowed,
    Record,
    StopRequested,
    StudyEnded,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    TrialEnqueued,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float, Int, Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.tables import Tables
from tests.views import studies

DECLARED = studies.SPACE.ranges()
LIVE = studies.started()


def rows(*events: Event) -> dict[str, list[Any]]:
    settings = Settings("accuracy", trials=60, workers=4)
    table: dict[str, list[Any]] = unpacked(Tables(studies.study(*events, settings=settings)).snapshot(0))[
        "events"
    ]
    return table


def test_a_row_says_when_and_after_which_trial_somebody_did_what() -> None:
    narrowed = RangesNarrowed(1, {**DECLARED, "lr": [1e-3, 1e-2]})
    assert rows(StudyPaused(), *LIVE, narrowed) == {
        "seq": [2, 5],
        "at_s": [1.0, 4.0],
        "trial": [-1, 0],
        "kind": ["pause", "narrow"],
        "text": ["paused", "lr narrowed to 0.001 – 0.01"],
        "undoable": [True, True],
    }


@pytest.mark.parametrize(
    ("events", "kinds", "texts"),
    [
        (
            [RangesNarrowed(1, {**DECLARED, "act": ["relu"], "width": [16, 64]})],
            ["narrow"],
            ["width narrowed to 16 – 64; act narrowed to relu"],
        ),
        (
            [
                RangesNarrowed(1, {**DECLARED, "width": [16, 64]}),
                RangesNarrowed(2, {**DECLARED, "width": [32, 128]}),
                RangesNarrowed(3, {**DECLARED, "width": [8, 128]}),
                RangesNarrowed(4, {**DECLARED, "width": [32, 128]}, "undo"),
            ],
            ["narrow"] * 4,
            [
                "width narrowed to 16 – 64",
                "width moved to 32 – 128",
                "width widened to 8 – 128",
                "width back to 32 – 128",
            ],
        ),
        (
            [BudgetChanged(100, 4), BudgetChanged(None, 1), BudgetChanged(100, 4, "undo")],
            ["budget"] * 3,
            [
                "changed to 100 trials",
                "changed to any number of trials and 1 worker",
                "back to 100 trials and 4 workers",
            ],
        ),
        ([BudgetChanged(90, 4, "resume")], ["budget"], ["resumed with 90 trials"]),
        ([BudgetChanged(60, 4, "resume")], ["budget"], ["resumed"]),
        (
            [TrialEnqueued({"lr": 0.0123456, "act": "tanh"}), EnqueueWithdrawn(2), TrialEnqueued({})],
            ["enqueue", "withdraw", "enqueue"],
            [
                "queued lr = 0.01235, act = tanh",
                "withdrew lr = 0.01235, act = tanh",
                "queued one more trial",
            ],
        ),
        (
            [*LIVE, HaltRequested(0, "pruned"), HaltRequested(0, "cancelled")],
            ["halt", "halt"],
            ["asked to prune trial 0", "asked to cancel trial 0"],
        ),
        (
            [StudyPaused(), StudyResumed(), StopRequested("by hand")],
            ["pause", "resume", "stop"],
            ["paused", "resumed", "by hand"],
        ),
    ],
)
def test_what_was_done_is_a_sentence(events: list[Event], kinds: list[str], texts: list[str]) -> None:
    table = rows(*events)
    assert (table["kind"], table["text"]) == (kinds, texts)


def test_only_what_can_be_taken_back_is_undoable() -> None:
    narrow = RangesNarrowed(1, {**DECLARED, "act": ["relu"]})
    again = RangesNarrowed(2, {**DECLARED, "act": ["tanh"]})
    asked = TrialEnqueued({"act": "relu"})
    assert rows(narrow, again, asked, asked)["undoable"] == [False, True, True, True]
    undone = RangesNarrowed(3, {**DECLARED, "act": ["relu"]}, "undo")
    assert rows(narrow, again, undone)["undoable"] == [True, False, False]
    served = TrialSuggested(0, studies.SPACE.defaults(), "user", enqueued=2)
    assert rows(asked, served)["undoable"] == [False]
    assert rows(narrow, asked, StudyEnded("by hand"))["undoable"] == [False, False]


def test_a_row_is_told_when_it_comes_and_when_it_cannot_be_undone_any_more() -> None:
    study, _ = studies.began()
    tables, told = Tables(study), []
    for event in (
        TrialEnqueued({"act": "relu"}),
        *LIVE,
        TrialEnqueued({}),
        TrialSuggested(1, studies.SPACE.defaults(), "user", enqueued=2),
    ):
        record = Record(study.seq + 1, 2000.0, event)
        study.apply(record)
        tables.note(record)
        delta = tables.delta(2000.0)
        assert delta is not None
        rows = delta.get("events", {})
        told.append(list(zip(rows.get("seq", []), rows.get("undoable", []), strict=True)))
    assert told == [[(2, True)], [], [], [(5, True)], [(2, False)]]


def test_values_are_written_as_their_ranges_are() -> None:
    space = Space(
        momentum=Float(0.0, 0.9999, reverse_log=True),
        drop=Float(0, 1, step=0.1),
        n=Int(1, 10**6, log=True),
        kind=Categorical([None, "l2"]),
    )
    opened = Record(1, 1000.0, StudyOpened("s", space, Settings("loss")))
    ranges: dict[str, list[Scalar]] = {
        "momentum": [0.9, 0.99951234],
        "drop": [0.0, 0.30000000000000004],
        "n": [1, 5 * 10**5],
        "kind": [None],
    }
    study = Study.fold([opened, Record(2, 1001.0, RangesNarrowed(1, ranges))])
    assert Tables(study).snapshot(0)["events"]["text"] == [
        "momentum narrowed to 0.9 – 0.999512; drop narrowed to 0 – 0.3; n narrowed to 1 – 500000; "
        "kind narrowed to None"
    ]


def test_the_status_lists_what_waits_in_the_queue() -> None:
    study = studies.study(TrialEnqueued({"lr": 0.01}), TrialEnqueued({"act": "tanh"}))
    assert Tables(study).snapshot(0)["status"]["queue"] == [
        {"seq": 2, "params": {"lr": 0.01}},
        {"seq": 3, "params": {"act": "tanh"}},
    ]
