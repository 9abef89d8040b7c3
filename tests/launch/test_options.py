"""Options wherever they are given: what passes, what is refused and how, and that all places agree."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jupyter_tune as jt
from jupyter_tune.core.readers.names import NAME_BYTES
from jupyter_tune.core.settings import Settings
from jupyter_tune.errors import OptionError
from jupyter_tune.launch.option import EVERYWHERE, LINES, MAGIC, TUNE, TUNER
from jupyter_tune.launch.options import make_settings, options_of, read_options
from jupyter_tune.registry import PRUNERS, SAMPLERS, make_pruner


def settings(place: str = TUNE, **options: Any) -> Settings:
    return make_settings(read_options(options, place), place)


def read(name: str, value: Any, place: str = TUNE) -> Any:
    return read_options({name: value}, place)[name]


def test_a_metric_is_all_that_must_be_given() -> None:
    defaults: dict[str, Any] = {"sampler": "gp", "pruner": "asha", "retries": 0}
    assert settings(maximize="accuracy") == Settings("accuracy", "maximize", **defaults)
    assert settings(minimize="loss") == Settings("loss", "minimize", **defaults)


def test_none_means_not_given() -> None:
    nothing = dict.fromkeys(options_of(TUNE))
    assert read_options(nothing, TUNE) == {}


def test_everything_at_once() -> None:
    asked = settings(
        maximize="accuracy",
        trials=60,
        workers=4,
        timeout="2h",
        target=0.99,
        patience=10,
        sampler="sobol",
        pruner="none",
        min_steps=2,
        max_steps=27,
        reduction_factor=4,
        seed=7,
        retries=3,
        trial_timeout="1m",
    )
    expected = ("accuracy", "maximize", 60, 4, 7200.0, 0.99, 10, "sobol", "none", 2, 27, 4, 7, 3, 60.0)
    assert asked == Settings(*expected)


def test_numbers_may_come_as_text() -> None:
    asked = settings(maximize="a", trials="60", target="-9e-1", seed="3", patience="1e2")
    assert (asked.trials, asked.target, asked.seed, asked.patience) == (60, -0.9, 3, 100)


@pytest.mark.parametrize("given", ["20,1%", "20, 1 %", (20, "1%"), [20, "1.0%"]])
def test_patience_may_ask_for_an_improvement(given: Any) -> None:
    asked = settings(maximize="a", patience=given)
    assert (asked.patience, asked.patience_gain) == (20, 0.01)


def test_an_improvement_of_0_percent_is_any() -> None:
    assert settings(maximize="a", patience="20,0%") == settings(maximize="a", patience=20)


@pytest.mark.parametrize("rule", [{"price": "1%/h"}, {"stop_when_converged": True}, {"patience": "9,1%"}])
def test_rules_about_the_best_value_need_one_metric(rule: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=f"{next(iter(rule))}.*: is about the value of one metric"):
        settings(maximize="a", minimize="b", **rule)
    assert settings(maximize="a", minimize="b", patience=9).patience == 9


def test_a_price_is_kept_in_one_form() -> None:
    assert settings(maximize="a", price="0.1 % an hour").price == "0.1%/h"
    assert settings(maximize="a", price="1e-3/h").price == "0.001/h"


def test_a_budget_is_kept_in_one_form() -> None:
    assert settings(maximize="a", budget="8 GPU hours").budget == "8 gpu-hours"


def test_numbers_may_come_from_numpy() -> None:
    seed: Any = read("seed", np.int64(3))
    assert (seed, type(seed)) == (3, int)
    assert read("target", np.float32(0.5)) == 0.5


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (30, 30),
        (0.5, 0.5),
        ("45", 45),
        ("90s", 90),
        ("10m", 600),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("1d 2h", 93600),
        ("90 S", 90),
        ("1e3", 1000),
        (timedelta(minutes=2), 120),
    ],
)
def test_durations(duration: Any, expected: float) -> None:
    assert read("timeout", duration) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "no metric: name one and its direction, like maximize='accuracy'"),
        ({"maximize": "a", "minimize": ["b", "a"]}, "a: is named twice as a metric"),
        ({"maximize": []}, "maximize: is empty; name a metric"),
        ({"maximize": ["a", 3]}, "maximize: a metric is a name, got 3"),
        ({"maximize": "a", "minimize": "b", "target": 3}, "target: is about the value of one metric"),
        ({"maximize": "a", "subject_to": "b <"}, "subject_to: constraint 'b <': cannot be read"),
        ({"maximize": "a", "subject_to": ["b < 1", 3]}, "subject_to: a constraint is text, got 3"),
        ({"maximize": 3}, "maximize: a metric is a name, got 3"),
        ({"maximize": " "}, "maximize: a metric is a name, got ' '"),
        ({"maximize": "step"}, "step counts the reports"),
        ({"trials": 0}, "trials: must be 1 or more, got 0"),
        ({"trials": 2.5}, "trials: must be a whole number, got 2.5"),
        ({"trials": True}, "trials: must be a number, got True"),
        ({"trials": float("nan")}, "trials: must be a whole number, got nan"),
        ({"trials": "inf"}, "trials: must be a whole number, got 'inf'"),
        ({"trials": 10**400}, "trials: must be 9007199254740991 or less, got 1000"),
        ({"trials": ""}, "trials: must be a number, got ''"),
        ({"workers": -1}, "workers: must be 0 or more, got -1"),
        ({"workers": "many"}, "workers: must be a number, got 'many'"),
        ({"patience": 0}, "patience: must be 1 or more, got 0"),
        ({"patience": "20,0.01"}, "'20,0.01': the improvement is a share of the best value, in percent"),
        ({"patience": (20, 0.01)}, "(20, 0.01): the improvement is a share of the best value, in percent"),
        ({"patience": "20,-1%"}, "'20,-1%': the improvement must be 0% or more"),
        ({"patience": "20,x%"}, "patience: must be a number, got 'x'"),
        ({"patience": ",1%"}, "patience: must be a number, got ''"),
        ({"budget": "8"}, "budget: '8' is no budget; write '10000 steps', '8 gpu-hours'"),
        ({"budget": 8}, "budget: 8 is no budget, as it has no unit; write '10000 steps'"),
        ({"budget": "0 steps"}, "budget: must be more than 0, got '0 steps'; leave it out for none"),
        ({"budget": "40 trials"}, "a number of trials is --trials"),
        ({"price": "0.1%"}, "price: '0.1%' is no price; write what an hour must gain: 0.1%/h"),
        ({"price": 0.1}, "price: 0.1 is no price"),
        ({"price": "0%/h"}, "price: '0%/h': an hour must be worth more than 0; leave it out for none"),
        ({"stop_when_converged": "yes"}, "stop_when_converged: is True or False, got 'yes'"),
        ({"max_failures": 0}, "max_failures: must be 1 or more, got 0"),
        ({"keep": 0}, "keep: must be 1 or more, got 0"),
        ({"reduction_factor": 1}, "reduction_factor: must be 2 or more, got 1"),
        ({"min_steps": 0}, "min_steps: must be 1 or more"),
        ({"min_steps": 9, "max_steps": 3}, "min_steps: 9 is more than max_steps, 3; use 3 at most"),
        ({"target": "inf"}, "target: must be finite, got 'inf'"),
        ({"target": 10**400}, "target: must be finite"),
        ({"timeout": "2 fortnights"}, "'2 fortnights' is not a duration; use seconds, or 90s, 10m, 1h30m"),
        ({"timeout": "1:30"}, "timeout: '1:30' is not a duration"),
        ({"timeout": ""}, "timeout: '' is not a duration"),
        ({"timeout": 0}, "timeout: must be more than 0 seconds, got 0"),
        ({"timeout": "0m"}, "timeout: must be more than 0 seconds, got '0m'"),
        ({"timeout": "-5"}, "timeout: must be more than 0 seconds, got '-5'"),
        ({"timeout": float("nan")}, "timeout: must be more than 0 seconds"),
        ({"timeout": 10**400}, "timeout: must be more than 0 seconds"),
        ({"sampler": 3}, "sampler: there is no sampler 3; choose gp, random, sobol or grid"),
        ({"trails": 3}, "trails: no such option; did you mean trials?"),
        ({"out": "study"}, "out: an option of %%tune, not of tune(); leave it out"),
        ({"resume": "yes"}, "resume: is True or False, got 'yes'"),
        ({"dir": ""}, "dir: must be a folder, got ''"),
        ({"dir": 3}, "dir: must be a folder, got 3"),
        ({"warm_start": ["a", 3]}, "warm_start: 3 is not a study; give its name, or a list of names"),
        ({"warm_start": 3}, "warm_start: 3 is not a study"),
        ({"warm_start": b"x"}, "warm_start: b'x' is not a study"),
        ({"warm_start": "\ud800"}, r"warm_start: '\ud800' is not a study"),
        ({"dir": "\ud800"}, r"dir: must be a folder, got '\ud800'"),
        ({"maximize": "a\0"}, r"maximize: 'a\x00' has characters that no name has"),
        ({"maximize": "\ud800"}, r"maximize: '\ud800' has characters that no name has"),
        ({"name": "\u200b\u202e"}, "cannot be seen; use letters"),
        ({"warm_start": ""}, "warm_start: '' is not a study"),
    ],
)
def test_what_is_refused_and_how(options: dict[str, Any], message: str) -> None:
    if not {"maximize", "minimize"} & set(options) and options:
        options = {"maximize": "a", **options}
    with pytest.raises(OptionError) as caught:
        settings(**options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampler": "sobel"}, "sampler: there is no sampler 'sobel'; did you mean sobol?"),
        ({"sampler": "GP"}, "sampler: there is no sampler 'GP'; did you mean gp?"),
        ({"sampler": "x"}, "sampler: there is no sampler 'x'; choose gp, random, sobol or grid"),
        ({"pruner": "Hyper-band"}, "pruner: there is no pruner 'Hyper-band'; did you mean hyperband?"),
    ],
)
def test_a_wrong_name_gets_one_piece_of_advice(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        settings(maximize="a", **options)
    assert str(caught.value) == message


def test_errors_spell_an_option_as_it_was_written() -> None:
    with pytest.raises(OptionError, match=r"^--max-steps: must be"):
        settings(MAGIC, maximize="a", max_steps="0")
    with pytest.raises(OptionError, match=r"^--min-steps: 9 is more than --max-steps, 3"):
        settings(MAGIC, maximize="a", min_steps="9", max_steps="3")


# seeds


@pytest.mark.parametrize("seed", [-1, "-1", 2**64, 10**400, True, 1.5, "x", float("nan")])
@pytest.mark.parametrize("place", EVERYWHERE)
def test_a_seed_out_of_range_is_refused_everywhere(place: str, seed: Any) -> None:
    name = "--seed" if place in LINES else "seed"
    with pytest.raises(OptionError, match=f"^{name}: must be"):
        read("seed", seed, place)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_largest_seed_serves_every_sampler(sampler: str) -> None:
    tuner = jt.Tuner({"x": jt.Float(0, 1)}, minimize="loss", sampler=sampler, seed=2**64 - 1)
    for loss in range(5):
        tuner.tell(tuner.ask(), loss=loss)
    assert tuner.best_value == 0


# names


@pytest.mark.parametrize("name", ["my study", "q.tune.db", "学习", "🎉 👩‍🔬", "it's", "-x", "a" * NAME_BYTES])
def test_names_that_a_file_can_have(name: str) -> None:
    assert read("name", name) == name


def test_two_spellings_of_a_name_are_one_study() -> None:
    assert read("name", "cafe\u0301") == "caf\u00e9"


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "end ", " start", "a/b", "../up", "a\\b", ".hidden", ".."),
        *("two\nlines", "a\tb", "a\0b", "\ud800", "a\u2028b"),
        *("学" * 99, "a" * (NAME_BYTES + 1), 3, b"x", Path("x")),
    ],
)
def test_names_that_no_file_should_have(name: Any) -> None:
    with pytest.raises(OptionError, match=r"^name: "):
        read("name", name)


@given(st.text())
def test_a_name_passes_or_is_refused_and_what_passes_fits_into_a_file_name(name: str) -> None:
    try:
        kept = read("name", name)
    except OptionError:
        return
    assert len(f"{kept}-20260101-000000.tune.db.lease".encode()) <= 255
    assert not {"/", "\0", "\n"} & set(kept)
    assert read("name", kept) == kept


@pytest.mark.parametrize("name", ["class", "None", "1st", "a b", "a.b", "", "print", "report", "Float", "id"])
def test_a_variable_that_cannot_be_bound_or_would_hide_something(name: str) -> None:
    with pytest.raises(OptionError, match=r"^--out: .*; try study$"):
        read("out", name, MAGIC)


def test_a_single_warm_start_needs_no_list() -> None:
    assert read("warm_start", "earlier") == ["earlier"]
    assert read("warm_start", Path("a") / "b.tune.db") == ["a/b.tune.db"]
    assert read("warm_start", SimpleNamespace(path=Path("/c.tune.db"))) == ["/c.tune.db"]
    assert read("warm_start", ("b", Path("a"), "b")) == ["b", "a"]
    assert read("warm_start", ()) == []


# all places agree


@pytest.mark.parametrize("place", [TUNE, TUNER])
def test_python_shows_the_options_in_signature_and_help(place: str) -> None:
    takes: Callable[..., Any] = jt.tune if place == TUNE else jt.Tuner
    described: Any = jt.tune if place == TUNE else jt.Tuner.__init__
    keywords = [p.name for p in inspect.signature(takes).parameters.values() if p.kind is p.KEYWORD_ONLY]
    assert keywords == list(options_of(place))
    listed = re.findall(r"^ *(\w+): ", described.__doc__.partition("Options:")[2], re.M)
    assert listed == keywords


def test_an_option_of_another_place_is_refused_with_the_place() -> None:
    with pytest.raises(
        OptionError, match=r"^workers: an option of %%tune, tune\(\) and jupyter-tune run, not of Tuner"
    ):
        jt.Tuner({"x": jt.Float(0, 1)}, minimize="loss", workers=3)
    with pytest.raises(OptionError, match=r"maximise: no such option; did you mean maximize\?"):
        jt.Tuner({"x": jt.Float(0, 1)}, maximise="accuracy")


@pytest.mark.parametrize("pruner", PRUNERS)
def test_every_pruner_can_be_made_and_needs_no_max_steps(pruner: str) -> None:
    asked = settings(maximize="a", pruner=pruner)
    assert (asked.pruner, asked.max_steps) == (pruner, None)
    assert hasattr(make_pruner(asked.pruner), "prune_reason")
