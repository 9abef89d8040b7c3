from __future__ import annotations

import decimal
import json
import math
from pathlib import Path

import pytest

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter, Scalar
from jupyter_tune.views.words import (
    LONGEST_ERROR,
    count_of,
    duration_in_words,
    last_line,
    number_in_words,
    value_on_range,
)

CASES = json.loads((Path(__file__).parents[2] / "labextension/test/fixtures/number_cases.json").read_text())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *CASES["cases"],
        (math.nan, "NaN"),
        (math.inf, "\N{INFINITY}"),
        (-math.inf, "\N{MINUS SIGN}\N{INFINITY}"),
    ],
)
def test_a_number_is_written_as_the_page_writes_it(value: float, words: str) -> None:
    assert number_in_words(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0.416, "0.42 s"),
        (8.31, "8.3 s"),
        (59.7, "1 min"),
        (80, "1 min 20 s"),
        (7500, "2 h 5 min"),
        (273600, "3 d 4 h"),
    ],
)
def test_durations_in_words(seconds: float | None, words: str) -> None:
    assert duration_in_words(seconds) == words


@pytest.mark.parametrize(
    ("value", "parameter", "words"),
    [
        (0.00123456, Float(1e-5, 1e-1, log=True), "0.001235"),
        (1e-5, Float(1e-5, 1e-1, log=True), "1e-5"),
        (0.99951234, Float(0.9, 0.9999, reverse_log=True), "0.999512"),
        (0.9, Float(0.0, 0.999, reverse_log=True), "0.9"),
        (0.30000000000000004, Float(0.0, 1.0, step=0.1), "0.3"),
        (12.5, Float(0.0, 100.0, step=12.5), "12.5"),
        (1000000, Int(1, 1000000, log=True), "1000000"),
        ("relu", Categorical(["relu", "tanh"]), "relu"),
        (None, Categorical([None, "l2"]), "None"),
        (True, Categorical([False, True]), "True"),
    ],
)
def test_a_value_is_written_as_its_range_is(value: Scalar, parameter: Parameter, words: str) -> None:
    assert value_on_range(value, parameter) == words


def test_of_a_traceback_the_last_line_is_told_at_a_length_that_a_screen_bears() -> None:
    assert last_line("Traceback:\n  a\nValueError: bad\n\n") == "ValueError: bad"
    assert len(last_line("x" * 9999)) == LONGEST_ERROR


def test_counts_are_in_the_singular_and_plural() -> None:
    assert [count_of(n, "trial") for n in (0, 1, 2000)] == ["0 trials", "1 trial", "2,000 trials"]


def test_numbers_do_not_depend_on_the_notebooks_decimal_context() -> None:
    with decimal.localcontext(decimal.Context(prec=2, traps=[decimal.Inexact, decimal.Rounded])):
        assert [number_in_words(value) for value in (0.9999999, 0.83125, 12.3456)] == [
            "0.9999999",
            "0.8313",
            "12.35",
        ]
