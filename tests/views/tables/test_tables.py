from __future__ import annotations

import ast
import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_tune.cli.screen import screen
from jupyter_tune.core.around_best import around_best
from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.events import (
    BudgetChanged,
    DriverStarted,
    EnqueueWithdrawn,
    Event,
    HaltRequested,
    NoteWritten,
    RangesNarrowed,
    Record,
    StopRequested,
    StudyEnded,
    StudyOpened,
    StudyPaused,
    StudyResumed,
    StudyTagged,
    TrialAdded,
    TrialEnded,
    TrialEnqueued,
    TrialReported,
    TrialResumed,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.parameters import Categorical, Float, Int, Params, Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.views.overview import overview
from jupyter_tune.views.tables.columns import detach, unpack, unpacked
from jupyter_tune.views.tables.curves import CurveBounds
from jupyter_tune.views.tables.messages import Delta, Snapshot
from jupyter_tune.views.tables.selection import Bounds
from jupyter_tune.views.tables.shown_trials import TRIAL_COLUMNS
from jupyter_tune.views.tables.tables import Tables, parameters
from tests.views import studies

KEYS = {"trials": ("number",), "points": ("number", "step"), "events": ("seq",)}


class Reader:
    """What a page does: starts from a snapshot and applies each delta as the bytes that travel."""

    def __init__(self, snapshot: Snapshot):
        tables = unpacked(snapshot)
        self.seq, self.status, self.landscape = tables["seq"], tables["status"], tables["landscape"]
        self.rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {table: {} for table in KEYS}
        for table in KEYS:
            self._upsert(table, tables[table])

    def apply(self, delta: Delta) -> None:
        content, buffers = detach(delta)
        content = json.loads(json.dumps(content, allow_nan=False))
        assert content["base"] == self.seq
        self.seq, self.status = content["seq"], content["status"]
        self.landscape = content.get("landscape", self.landscape)
        for table in ("trials", "points"):
            gone = set(content.get(f"drop_{table}", ()))
            self.rows[table] = {key: row for key, row in self.rows[table].items() if key[0] not in gone}
        for table in KEYS:
            columns = {
                name: unpack(buffers[column["buffer"]] if isinstance(column, dict) else column)
                for name, column in content.get(table, {}).items()
            }
            self._upsert(table, columns)

    def _upsert(self, table: str, columns: dict[str, list[Any]]) -> None:
        for cells in zip(*columns.values(), strict=True):
            row = dict(zip(columns, cells, strict=True))
            self.rows[table].setdefault(tuple(row[name] for name in KEYS[table]), {}).update(row)


def told(reader: Reader) -> tuple[Any, ...]:
    return reader.rows, reader.status, reader.landscape


def steered(chance: random.Random, known: list[int], seq: int) -> Event:
    """What a person may do; some of it changes nothing, and what it speaks of may not be there."""
    by = chance.choice(["user", "user", "undo", "resume"])
    acts: list[list[Scalar]] = [["relu"], ["tanh"], ["relu", "tanh"]]
    ranges = {**studies.SPACE.ranges(), "act": chance.choice(acts)}
    choices: list[Event] = [
        RangesNarrowed(seq, ranges, by),
        BudgetChanged(chance.choice([None, 10, 20]), chance.randint(1, 3), by),
        StudyPaused(by),
        StudyResumed(by),
        TrialEnqueued({"act": "relu"}),
        EnqueueWithdrawn(chance.randint(2, seq)),
        HaltRequested(chance.choice(known), chance.choice(["pruned", "cancelled"])),
        StudyTagged({"data": chance.choice(["toy", 3, None])}, chance.choice([None, *known])),
        NoteWritten(chance.choice(["", "a\nb"]), chance.choice([None, *known])),
    ]
    return chance.choice(choices)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Anything the fold allows: restarts, late and repeated reports, NaN, drivers that take over."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    values = [0.1, 0.5, 0.5, 0.9, math.nan, math.inf, -math.inf]
    known: list[int] = []
    events: list[Event] = []
    for _ in range(draw(st.integers(0, 120))):
        kind = chance.random()
        if not known or kind < 0.15:
            known.append(len(known))
            source = chance.choice(["random", "random", "user"])
            events.append(TrialSuggested(known[-1], studies.SPACE.defaults(), source))
        elif kind < 0.18:
            known.append(len(known))
            events.append(TrialAdded(known[-1], studies.SPACE.defaults(), chance.choice(values)))
        elif kind < 0.19:
            events.append(DriverStarted("another"))
        elif kind < 0.27:
            events.append(steered(chance, known, len(events) + 2))
        else:
            number, attempt = chance.choice(known[-6:]), chance.choice([1, 1, 1, 2])
            value = chance.choice(values)
            if kind < 0.32:
                events.append(TrialResumed(number, attempt))
            elif kind < 0.45:
                events.append(TrialStarted(number, attempt))
            elif kind < 0.85:
                events.append(TrialReported(number, attempt, chance.randint(1, 30), {"accuracy": value}))
            else:
                state = chance.choice(["complete", "pruned", "failed", "cancelled", "lost"])
                events.append(TrialEnded(number, attempt, state, value if state == "complete" else None))
    return events


FEW_CURVES = CurveBounds(all=5, best=2, newest=2, sample=2, points=6)
FEW_ROWS = Bounds(all=6, best=2, newest=3, sample=2)


@settings(max_examples=150)
@given(histories(), st.integers(0, 2**32), st.sampled_from(["maximize", "minimize"]))
def test_a_snapshot_and_deltas_tell_what_a_fresh_snapshot_tells(
    events: list[Event], seed: int, direction: str
) -> None:
    chance = random.Random(seed)
    study, recorded = studies.began(*events, settings=Settings("accuracy", direction))
    # several records are often committed at one time
    recorded = [replace(record, at=record.at // 4) for record in recorded]
    tables = Tables(study, FEW_CURVES, FEW_ROWS)
    readers = [Reader(tables.snapshot(0))]
    for record in recorded:
        study.apply(record)
        tables.note(record)
        if chance.random() < 0.1:
            readers.append(Reader(tables.snapshot(record.at)))
        if chance.random() < 0.3 and (delta := tables.delta(record.at)):
            for reader in readers:
                reader.apply(delta)
    now = 5000.0
    if delta := tables.delta(now):
        for reader in readers:
            reader.apply(delta)
    assert tables.delta(now) is None
    kept, afresh = Reader(tables.snapshot(now)), Reader(Tables(study, FEW_CURVES, FEW_ROWS).snapshot(now))
    assert told(kept)[0] == told(afresh)[0]
    etas = {key: kept.status[key] for key in ("eta_s", "eta_low_s", "eta_high_s")}
    assert kept.status == {**afresh.status, **etas}
    for reader in readers:
        assert told(reader)[0] == told(kept)[0]


def test_what_a_delta_costs_does_not_grow_with_the_study() -> None:
    def bytes_per_delta(trials: int) -> float:
        study, recorded = studies.began(*studies.story(trials, steps=27))
        tables = Tables(study)
        sizes = []
        for place, record in enumerate(recorded):
            study.apply(record)
            tables.note(record)
            if place % 5 == 4:
                content, buffers = detach(tables.delta(record.at) or {})
                sizes.append(len(json.dumps(content)) + sum(map(len, buffers)))
        late = sizes[len(sizes) // 2 :]
        return sum(late) / len(late)

    assert bytes_per_delta(2000) < 1.5 * bytes_per_delta(100)


def test_best_so_far_goes_by_number_whatever_the_order_of_ends() -> None:
    params = studies.SPACE.defaults()
    study, recorded = studies.began(
        *(TrialSuggested(n, params, "random") for n in range(4)),
        *(TrialStarted(n, 1) for n in range(4)),
        TrialEnded(1, 1, "complete", 0.5),
        TrialEnded(3, 1, "complete", 0.9),
        TrialEnded(2, 1, "pruned", 0.99),
        TrialEnded(0, 1, "complete", 0.7),
    )
    tables, best = Tables(study), []
    for record in recorded:
        study.apply(record)
        tables.note(record)
        best.append(unpacked(tables.snapshot(0))["trials"]["best"])
    assert best[-4:] == [
        [None, 0.5, 0.5, 0.5],
        [None, 0.5, 0.5, 0.9],
        [None, 0.5, 0.5, 0.9],
        [0.7, 0.7, 0.7, 0.9],
    ]


def test_only_rows_that_change_are_sent_again() -> None:
    study, recorded = studies.began(*studies.story(50))
    tables = Tables(study)
    last, number = next(
        (record, record.event.number)
        for record in reversed(recorded)
        if isinstance(record.event, TrialReported)
    )
    for record in recorded[: recorded.index(last)]:
        study.apply(record)
        tables.note(record)
    tables.delta(0)
    study.apply(last)
    tables.note(last)
    delta = tables.delta(0)
    assert delta is not None
    assert delta["trials"]["number"] == delta["points"]["number"] == [number]
    assert set(delta["trials"]) == {*TRIAL_COLUMNS, "p:lr", "p:width", "p:act", "p:seed"}


def test_a_row_says_what_is_known_of_a_trial() -> None:
    study = studies.study(
        TrialSuggested(0, {"lr": 0.01, "width": 64, "act": "tanh", "seed": 7}, "gp", 2),
        TrialStarted(0, 1, "gpu 1", versions={"torch": "2.9.0", "numpy": "2.1.0"}),
        TrialReported(0, 1, 2, {"accuracy": 0.4}),
        TrialReported(0, 1, 3, {"accuracy": math.nan}),
        TrialEnded(
            0, 1, "failed", reason="r" * 400, error="Traceback:\n  a\n\x1b[31mValueError\x1b[0m: " + "x" * 400
        ),
    )
    row = {name: cells[0] for name, cells in unpacked(Tables(study).snapshot(0))["trials"].items()}
    assert row.pop("error") == "ValueError: " + "x" * 187 + "…"
    assert row.pop("reason") == "r" * 299 + "…"
    assert row == {
        **{"number": 0, "state": "failed", "value": None, "best": None, "last": None, "step": 3},
        **{"duration_s": 3.0, "start_s": 2.0, "end_s": 5.0, "slot": "gpu 1", "source": "gp", "revision": 2},
        **{
            "nonfinite": "NaN",
            "nones": "",
            "spread": "",
            "versions": "torch 2.9.0, numpy 2.1.0",
            "code": None,
            "tags": "",
            "note": "",
        },
        **{"p:lr": 0.01, "p:width": 64, "p:act": "tanh", "p:seed": 7},
    }


def test_the_choice_none_is_told_from_a_parameter_that_a_trial_does_not_have() -> None:
    space = Space(
        opt=Categorical(["sgd", "adam"]),
        clip=Categorical([None, 1.0]),
        decay=Categorical([None, 0.1]),
        when={"decay": [Condition("opt", ("adam",))]},
    )
    opened = StudyOpened("mnist", space, Settings("loss"))
    trials: list[Params] = [{"opt": "sgd", "clip": None}, {"opt": "adam", "clip": 1.0, "decay": None}]
    events: list[Event] = [
        opened,
        *(TrialSuggested(number, params, "random") for number, params in enumerate(trials)),
    ]
    study = Study.fold([Record(seq, 1000.0, event) for seq, event in enumerate(events, 1)])
    rows = unpacked(Tables(study).snapshot(0))["trials"]
    assert (rows["p:clip"], rows["p:decay"]) == ([None, 1.0], [None, None])
    assert rows["nones"] == ["clip", "decay"]


@pytest.mark.parametrize(
    ("events", "state", "reason"),
    [
        ([], "starting", ""),
        ([TrialSuggested(0, studies.SPACE.defaults(), "default")], "running", ""),
        ([StudyPaused()], "paused", ""),
        ([StudyPaused(), StudyResumed(), StopRequested("by hand")], "stopping", "by hand"),
        ([StopRequested("by hand"), StudyEnded("target reached")], "ended", "target reached"),
    ],
)
def test_the_state_of_the_study(events: list[Event], state: str, reason: str) -> None:
    status = Tables(studies.study(*events)).snapshot(0)["status"]
    assert (status["state"], status["reason"]) == (state, reason)


def test_a_lost_study_is_found_again_with_its_next_record() -> None:
    study, recorded = studies.began(DriverStarted("one"))
    tables = Tables(study)
    tables.lose("the driver's process is gone")
    delta = tables.delta(0)
    assert delta is not None
    assert delta["status"]["state"] == "interrupted"
    assert delta["status"]["reason"] == "the driver's process is gone"
    tables.lose("the driver's process is gone")
    assert tables.delta(0) is None
    study.apply(recorded[0])
    tables.note(recorded[0])
    assert tables.snapshot(0)["status"]["state"] == "starting"


def test_the_status_has_counts_best_and_narrowed_ranges() -> None:
    narrowed = studies.SPACE.ranges() | {"act": ["relu"]}
    study = studies.study(*studies.story(20), RangesNarrowed(1, narrowed))
    status = Tables(study).snapshot(2000.0)["status"]
    best = study.best_trial
    assert best is not None
    assert best.ended_at is not None
    assert status["best"] == {
        **{"number": best.number, "value": best.value, "params": best.params},
        **{"at_s": best.ended_at - 1000.0, "literal": repr(best.params), "ran_as": ""},
        "spread": "measured once",
    }
    assert status["leader"] is None
    assert status["counts"] == study.counts
    assert (status["revision"], status["ranges"]["act"], status["elapsed_s"]) == (1, ["relu"], 1000.0)
    assert (status["steps_done"], status["steps_full"]) == (study.steps_done, 20 * 27)
    assert json.dumps(status, allow_nan=False)


def test_a_note_written_while_no_driver_ran_stands_where_the_clock_stood() -> None:
    study, recorded = studies.began(*studies.story(1), NoteWritten("at night"), DriverStarted("another"))
    tables = Tables(study)
    reader = Reader(tables.snapshot(0))
    for record in recorded:
        study.apply(record)
        tables.note(record)
        if delta := tables.delta(record.at):
            reader.apply(delta)
    assert told(reader)[0] == told(Reader(Tables(study).snapshot(5000.0)))[0]


def test_what_counts_as_done_is_the_same_on_the_page_in_the_panel_and_in_the_terminal() -> None:
    defaults = studies.SPACE.defaults()
    events = [
        *studies.story(3),
        # cancelled before it began, added from elsewhere, still running: none of the budget is done by them
        TrialSuggested(3, defaults, "random"),
        TrialEnded(3, 1, "cancelled"),
        TrialAdded(4, defaults, 0.5),
        TrialSuggested(5, defaults, "random"),
        TrialStarted(5, 1),
    ]
    study = studies.study(*events, settings=Settings("accuracy", trials=8, max_steps=27))
    tables = Tables(study)
    assert tables.snapshot(2000.0)["status"]["done"] == 3
    assert overview(study).done == 3
    assert any(" 3 of 8" in line for line in screen(study, tables.status(2000.0), 90, 40))


def test_while_no_trial_is_complete_the_status_has_the_best_so_far() -> None:
    events: list[Event] = [
        *studies.whole(0, "failed", error="boom"),
        *studies.started(1),
        TrialReported(1, 1, 1, {"accuracy": 0.7}),
        TrialReported(1, 1, 2, {"accuracy": math.nan}),
        TrialEnded(1, 1, "pruned"),
        *studies.started(2),
        TrialReported(2, 1, 1, {"accuracy": 0.8}),
        TrialReported(2, 1, 2, {"accuracy": 0.6}),
        TrialEnded(2, 1, "complete", 0.5),
    ]
    study, later = studies.began(*events)
    tables = Tables(study)
    leaders = []
    for record in later:
        study.apply(record)
        tables.note(record)
        tables.delta(0)
        leaders.append(tables.snapshot(0)["status"]["leader"])
    told = [leader and (leader["number"], leader["value"], leader["state"]) for leader in leaders]
    running, pruned, better = (1, 0.7, "running"), (1, 0.7, "pruned"), (2, 0.8, "running")
    assert told[3:] == [None, None, running, running, pruned, pruned, pruned, better, better, None]


def test_the_best_as_python_evaluates_to_the_same_params() -> None:
    params: Params = {"lr": 1.0, "width": 2**60, "act": 'a "quoted" word', "clip": None, "bias": True}
    study = studies.study(TrialAdded(0, params, 0.5))
    best = Tables(study).snapshot(0)["status"]["best"]
    assert best is not None
    assert ast.literal_eval(best["literal"]) == params
    assert [type(value) for value in ast.literal_eval(best["literal"]).values()] == [
        *(type(value) for value in params.values())
    ]


@pytest.mark.parametrize("trials", [30, 500])
def test_the_ranges_around_the_best_are_those_of_all_results(trials: int) -> None:
    study, recorded = studies.began(*studies.story(trials))
    tables = Tables(study)
    told = set()
    for record in recorded:
        study.apply(record)
        tables.note(record)
        if not isinstance(record.event, TrialEnded):
            continue
        delta = tables.delta(2000.0)
        assert delta is not None
        around = delta["status"]["around_best"]
        results = [(trial.params, trial.value or 0.0) for trial in study.ranked]
        enough = len(results) >= 3
        assert around == (around_best(study.space, study.objective, results).ranges if enough else {})
        told.add(str(around))
    # most ends of trials change nothing of it, and the later ones less and less
    assert 3 < len(told) < trials / 3
    assert set(around) == {"lr", "width", "act"}


def test_an_infinite_best_is_no_value() -> None:
    study = studies.study(TrialAdded(0, studies.SPACE.defaults(), math.inf))
    snapshot = Tables(study).snapshot(0)
    assert snapshot["status"]["best"] is None
    assert snapshot["trials"]["best"] == snapshot["trials"]["value"] == [None]


def test_a_landscape_is_sent_once_and_has_no_nan() -> None:
    tables = Tables(studies.study())
    tables.show_landscape({**studies.landscape(), "mean": [[math.nan, 1.0]]})
    delta = tables.delta(0)
    assert delta is not None
    assert delta["landscape"] is not None
    assert delta["landscape"]["mean"] == [[None, 1.0]]
    assert tables.delta(0) is None
    assert tables.snapshot(0)["landscape"] == delta["landscape"]


def test_parameters_say_what_a_kind_has_and_none_elsewhere() -> None:
    space = Space(lr=Float(1e-4, 1e-1, log=True), n=Int(1, 9, step=2), a=Categorical(["x", "y"]), seed=3)
    absent = dict.fromkeys(("low", "high", "log", "reverse_log", "step", "choices", "ordered"))
    lr, n, a, seed = parameters(space)
    assert lr == {
        **{**absent, "name": "lr", "kind": "float", "low": 1e-4, "high": 1e-1},
        **{"log": True, "reverse_log": False, "default": space["lr"].default},
    }
    assert (n["kind"], n["low"], n["high"], n["step"], n["choices"]) == ("int", 1, 9, 2, None)
    assert (a["kind"], a["choices"], a["ordered"], a["low"]) == ("categorical", ["x", "y"], False, None)
    assert (seed["kind"], seed["default"]) == ("constant", 3)
