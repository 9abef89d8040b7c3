"""The DataFrame: Optuna's columns, and cells that are the trials' own values."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas

import jupyter_tune as jt
from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.events import TrialEnded, TrialReported, TrialStarted, TrialSuggested
from jupyter_tune.views.tables.frame import trials_frame
from tests.views import studies

CONDITIONAL = jt.Space(
    {
        "weight": jt.Categorical(["balanced", None]),
        "depth": jt.Int(1, 9),
        "rate": jt.Float(0, 1),
        "flag": jt.Categorical([True, 0, 2.5, "no"]),
    },
    when={name: [Condition("weight", ("balanced",))] for name in ("depth", "rate", "flag")},
)


def test_the_frame_has_optunas_columns() -> None:
    study = studies.study(
        TrialSuggested(0, studies.SPACE.defaults(), "default"),
        TrialStarted(0, 1),
        TrialReported(0, 1, 1, {"accuracy": 0.5, "loss": 1.5}),
        TrialEnded(0, 1, "complete"),
        TrialSuggested(1, {"lr": 0.01}, "random"),
    )
    frame = trials_frame(study)
    assert list(frame) == [
        *("number", "value", "state", "params_lr", "params_width", "params_act", "params_seed"),
        *("user_attrs_loss", "datetime_start", "datetime_complete", "duration"),
    ]
    for name, cell in (
        ("value", 0.5),
        ("user_attrs_loss", 1.5),
        ("datetime_start", datetime.fromtimestamp(1002.0)),
        ("duration", timedelta(seconds=2)),
    ):
        assert frame[name][0] == cell
        assert pandas.isna(frame[name][1])
    assert pandas.isna(frame["params_width"][1])


def test_a_study_without_trials_has_the_same_columns_and_types() -> None:
    full = trials_frame(_conditional().study)
    empty = trials_frame(jt.Tuner(CONDITIONAL, minimize="loss").study)
    assert dict(empty.dtypes) == dict(full.dtypes)


def test_cells_are_the_trials_own_values() -> None:
    tuner = _conditional()
    frame = trials_frame(tuner.study)
    seen: set[Any] = set()
    for number, trial in tuner.study.trials.items():
        for name in CONDITIONAL:
            cell = frame[f"params_{name}"][number]
            if name in trial.params:
                value = trial.params[name]
                assert cell is value if value is None else cell == value
                seen.add((name, type(value)))
            else:
                assert pandas.isna(cell)
                assert cell is not None
    assert (str(frame.params_depth.dtype), str(frame.params_rate.dtype)) == ("Int64", "float64")
    assert {("weight", type(None)), ("flag", bool), ("flag", int), ("flag", float), ("flag", str)} <= seen


def test_a_row_fed_back_gives_the_same_params() -> None:
    frame = trials_frame(_conditional().study)
    rows: list[dict[str, Any]] = [dict(frame.iloc[number]) for number in range(len(frame))]
    # the other way out of a frame; here pandas writes None for <NA>
    rows += frame.to_dict("records")
    fresh = jt.Tuner(CONDITIONAL, minimize="loss", sampler="random")
    for row in rows:
        params = {name: row[f"params_{name}"] for name in CONDITIONAL}
        fresh.enqueue(params)
        asked = fresh.ask()
        added = fresh.add_trial(params, loss=row["number"])
        original = _conditional().study.trials[row["number"]]
        assert asked.params == added.params == original.params
        assert list(map(type, asked.params.values())) == list(map(type, original.params.values()))


def _conditional() -> jt.Tuner:
    tuner = jt.Tuner(CONDITIONAL, minimize="loss", sampler="random")
    chance = random.Random(1)
    for _ in range(30):
        tuner.tell(tuner.ask(), loss=chance.random())
    return tuner


def test_versions_that_differ_from_the_notebook_s_have_a_column() -> None:
    story = list(studies.story(2))
    assert not any(name.startswith("system_attrs") for name in trials_frame(studies.study(*story)).columns)
    odd = [
        replace(event, versions={"torch": "1.0"})
        if isinstance(event, TrialStarted) and event.number == 1
        else event
        for event in story
    ]
    assert trials_frame(studies.study(*odd))["system_attrs_torch"].tolist() == [None, "1.0"]
