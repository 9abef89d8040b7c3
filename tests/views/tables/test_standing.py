"""Where trials stand among several metrics and constraints, as the tables tell it."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.core.events import Record
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.columns import unpacked
from jupyter_tune.views.tables.selection import Bounds
from jupyter_tune.views.tables.standing import violations_in_words
from jupyter_tune.views.tables.tables import Tables
from tests.core.studies import study_of, suggested
from tests.core.test_front import ended

COST = (("cost", "minimize"),)


def rows(study: Study) -> dict[str, Any]:
    trials: dict[str, Any] = unpacked(Tables(study).snapshot(9.0))["trials"]
    return trials


def test_each_metric_has_a_column_and_each_complete_trial_a_standing() -> None:
    study = study_of(
        *ended(0, 1.0, 5.0), *ended(1, 2.0, 5.0), *ended(2, 9.0, 99.0), suggested(3), also=COST,
        subject_to=("cost < 50",),
    )  # fmt: skip
    trials = rows(study)
    assert trials["value"] == [1.0, 2.0, 9.0, None]
    assert trials["m:cost"] == [5.0, 5.0, 99.0, None]
    assert trials["standing"] == ["feasible", "on the front", "infeasible", ""]
    assert trials["violates"] == ["", "", "cost < 50, by 49", ""]
    status = Tables(study).status(9.0)
    assert (status["front"], status["infeasible"]) == (1, 1)
    assert status["objectives"] == [
        {"metric": "score", "direction": "maximize"},
        {"metric": "cost", "direction": "minimize"},
    ]


def test_a_study_of_one_metric_without_constraints_has_none_of_it() -> None:
    trials = rows(study_of(*ended(0, 1.0, 2.0)))
    assert not {"standing", "violates"} & set(trials)
    assert not [name for name in trials if name.startswith("m:")]


@pytest.mark.parametrize(
    ("constraint", "values", "words"),
    [
        ("cost < 50", (1.0, 60.5), "cost < 50, by 10.5"),
        ("score > 1 and cost < 2", (0.5, 5.0), "score > 1 and cost < 2, by 3"),
        # it is 0 beyond its bound, and that is one too many
        ("cost < 50", (1.0, 50.0), "cost < 50"),
        ("latency < 50", (1.0, 50.0), "latency < 50: latency has no finite value"),
        ("1 / cost < 50", (1.0, 0.0), "1 / cost < 50: has no value"),
    ],
)
def test_a_violation_says_by_how_much(constraint: str, values: tuple[float, ...], words: str) -> None:
    study = study_of(*ended(0, *values), also=COST, subject_to=(constraint,))
    assert violations_in_words(study, study.trials[0]) == words


def test_trials_that_leave_the_front_are_sent_again() -> None:
    study = study_of(*ended(0, 1.0, 5.0), also=COST)
    tables = Tables(study)
    assert unpacked(tables.snapshot(1.0))["trials"]["standing"] == ["on the front"]
    for event in ended(1, 2.0, 4.0):
        record = Record(study.seq + 1, 1000.0 + study.seq, event)
        study.apply(record)
        tables.note(record)
    delta = tables.delta(2.0)
    assert delta is not None
    sent = dict(zip(delta["trials"]["number"], delta["trials"]["standing"], strict=True))
    assert sent == {0: "feasible", 1: "on the front"}


def test_every_trial_on_the_front_is_shown_however_many_trials_there_are() -> None:
    # each is better than all before it in one metric, and worse in the other: all stand on the front
    events = [event for number in range(40) for event in ended(number, float(number), float(number))]
    tables = Tables(study_of(*events, also=COST), rows=Bounds(all=5, best=2, newest=2, sample=2))
    assert tables.status(9.0)["front"] == tables.status(9.0)["shown"] == 40
