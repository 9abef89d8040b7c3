"""The screen of text, and the tables that are exported."""

from __future__ import annotations

import csv
import io
import json
import math

import jupyter_tune as jt
from jupyter_tune.cli.screen import screen
from jupyter_tune.core.events import (
    Event,
    Record,
    StudyOpened,
    TrialEnded,
    TrialReported,
    TrialStarted,
    TrialSuggested,
)
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.export import as_csv, as_json
from jupyter_tune.views.tables.tables import Tables
from tests.core.studies import study_of
from tests.core.test_front import ended

SPACE = jt.Space({"x": jt.Float(0, 1), "name": jt.Categorical(["a,b", 'say "hi"', None])})


def study(*values: float | None, direction: str = "maximize") -> Study:
    """A study whose trials end with these values; None for one that runs, and has reported 0.25."""
    settings = Settings("score", direction, trials=8, sampler="random", pruner="none")
    events: list[Event] = [StudyOpened("toy", SPACE, settings)]
    for number, value in enumerate(values):
        events.append(
            TrialSuggested(number, {"x": number / 10, "name": SPACE["name"].range[number % 3]}, "random")
        )
        events.append(TrialStarted(number, 1, slot="local/0"))
        events.append(TrialReported(number, 1, 3, {"score": 0.25 if value is None else value, "loss": 2.0}))
        if value is not None:
            events.append(TrialEnded(number, 1, "complete", value))
    return Study.fold(Record(seq, 10.0 * seq, event) for seq, event in enumerate(events, 1))


def shown(study: Study, width: int = 90, height: int = 40) -> list[str]:
    return screen(study, Tables(study).status(1000.0), width, height)


def test_the_screen_has_the_state_the_best_the_history_and_the_trials() -> None:
    text = "\n".join(shown(study(0.1, 0.7, 0.4, None)))
    assert text.startswith(
        "toy: maximize score, running\nbest 0.7 in trial 1, measured once: x=0.1, name='say \"hi\"'\n"
    )
    assert " 3 of 8, about " in text
    assert "best so far 0.1 ▁██ 0.7" in text
    assert "     3  running         3          0.25  x = 0.3, name = a,b\n" in text
    assert text.index("     3  running") < text.index("     2  complete")


def test_a_small_value_is_the_best_of_a_study_that_minimizes() -> None:
    assert "best so far 5 ▁▁█ 1" in "\n".join(shown(study(5.0, 7.0, 1.0, direction="minimize")))


def test_values_that_are_not_finite_are_not_in_the_history() -> None:
    text = "\n".join(shown(study(math.nan, 0.5, -math.inf, 0.5)))
    assert "best so far" not in text
    assert "NaN" in text


def test_the_screen_fits_the_terminal() -> None:
    many = study(*(k / 100 for k in range(100)))
    for width, height in ((20, 5), (60, 12), (200, 100)):
        lines = shown(many, width, height)
        assert len(lines) <= height
        assert all(len(line) <= width for line in lines)


def test_several_metrics_have_a_column_each_and_the_front_a_line_for_each_trial() -> None:
    points = [(1.0, 5.0), (2.0, 5.0), (1.0, 1.0), *((3.0 + n, 9.0 + n) for n in range(5))]
    events = [event for number, point in enumerate(points) for event in ended(number, *point)]
    several = study_of(*events, also=(("cost", "minimize"),))
    lines = screen(several, Tables(several).status(9.0), 80, 40)
    assert "  trial 7: score 7, cost 13" in lines
    assert "  and 2 more on the front" in lines
    assert any(line.split()[:5] == ["trial", "state", "step", "score", "cost"] for line in lines)
    row = next(line for line in lines if line.startswith("     1  "))
    assert row.split()[:5] == ["1", "complete", "–", "2", "5"]


def test_csv_has_a_line_for_each_trial_and_quotes_what_needs_it() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(study(0.5, math.nan, None)))))
    assert [row["value"] for row in rows] == ["0.5", "nan", ""]
    assert [row["params_name"] for row in rows] == ["a,b", 'say "hi"', ""]
    assert [row["state"] for row in rows] == ["complete", "complete", "running"]
    assert rows[0]["user_attrs_loss"] == "2.0"
    assert rows[2]["datetime_complete"] == ""


def test_json_has_types_and_curves_and_no_bare_nan() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    rows = json.loads(as_json(study(0.5, math.nan, None)), parse_constant=refuse)
    assert [row["value"] for row in rows] == [0.5, "nan", None]
    assert (rows[1]["curve"], rows[1]["params_x"], rows[2]["params_name"]) == ([[3, "nan"]], 0.1, None)
