"""Functions of the notebook that create ranges: what they make inside a cell is no declaration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from jupyter_tune.core.parameters import Float, Int
from jupyter_tune.errors import CellError
from jupyter_tune.notebook.cell import parse


def log_float(low: float, high: float) -> Float:
    return Float(low, high, log=True)


def by_another(high: float = 1.0) -> Float:
    made = log_float(0.1, high)
    return made


class Own(Float):
    """A range of the user's own kind."""


class Ranges:
    def rate(self, log: bool = False) -> Float | Int:
        return Float(0, 1) if log else Int(1, 2)

    def number(self) -> float:
        return Float(0, 1).low

    def __call__(self) -> Float:
        return Float(0, 1)

    @property
    def prop(self) -> Float:
        return Float(0, 1)

    @classmethod
    def of_class(cls) -> list[Float]:
        return [Float(0, 1)]


def bare_decorator(function: Callable[..., object]) -> Callable[..., object]:
    def inner(*args: object) -> object:
        return function(*args)

    return inner


@bare_decorator
def decorated() -> Float:
    return Float(0, 1)


def by_default(given: Float = Float(0, 1)) -> Float:  # noqa: B008
    return given


def one_by_one() -> Iterator[Float]:
    yield Float(0, 1)


def in_a_tuple() -> tuple[Float, int]:
    return Float(0, 1), 2


TEXTLESS: dict[str, Any] = {"bare_decorator": bare_decorator}
exec(
    "import jupyter_tune as jt\nfrom jupyter_tune import Float\n"
    "def direct(): return Float(0, 1)\ndef by_module(): return jt.Float(0, 1)\n"
    "def indirect(): return direct()\n"
    "class Maker:\n    def __call__(self): return Float(0, 1)\n    def method(self): return Float(0, 1)\n"
    "maker = Maker()\ndef inner(): return 1 if jt else 2\nwrapped = bare_decorator(direct)\n"
    "def plain(): return jt.report",
    TEXTLESS,
)

MAKERS = {
    "log_float": log_float,
    "by_another": by_another,
    "Own": Own,
    "ranges": Ranges(),
    "fixed": partial(Float, 0, 1),
    "short": lambda: Float(0, 1),
    "helper": math.sqrt,
    "number_of": Ranges.number,
    "Ranges": Ranges,
    "decorated": decorated,
    "by_default": by_default,
    "one_by_one": one_by_one,
    "in_a_tuple": in_a_tuple,
    "called": partial(Ranges()),
}


@pytest.mark.parametrize(
    "made",
    [
        *("log_float(.1,1)", "by_another()", "Own(0,1)", "ranges.rate()", "fixed()", "short()", "ranges()"),
        *("Ranges().rate()", "Ranges()()", "Ranges.of_class()", "decorated()", "by_default()"),
        *("one_by_one()", "in_a_tuple()", "called()"),
    ],
)
@pytest.mark.parametrize(
    "line",
    ["lr = {}", "lr: float = {}", "lr: '{}' = .5", "lr = [{}]", "print(x, {})", "def f():\n    return {}"],
)
def test_what_a_function_of_the_notebook_makes_is_no_declaration(made: str, line: str) -> None:
    with pytest.raises(
        CellError, match=r"\(line [23]\): .* is not read as a range; make it in a cell above, LR = "
    ):
        parse(f"x: Float(0, 1)\n{line.format(made)}", MAKERS)


def test_a_property_that_makes_a_range_is_no_declaration() -> None:
    with pytest.raises(CellError, match=r"ranges\.prop is not read as a range"):
        parse("x: Float(0, 1)\nlr = ranges.prop", MAKERS)


@pytest.mark.parametrize(
    "call",
    ["direct()", "by_module()", "indirect()", "maker()", "maker.method()", "Maker().method()", "wrapped()"],
)
@pytest.mark.parametrize("line", ["lr = {}", "lr: float = {}", "print([{}])"])
def test_a_notice_names_a_call_that_uses_ranges_and_has_no_source(call: str, line: str) -> None:
    (said,) = parse(f"x: Float(0, 1)\n{line.format(call)}", TEXTLESS).unsure
    assert said.startswith(f"{call} (line 2): uses ranges, and its source cannot be read")
    assert f"create it in a cell above, LR = {call}, and write lr: LR" in said


def test_a_call_that_uses_no_ranges_needs_no_source() -> None:
    assert parse("x: Float(0, 1)\na = plain() + inner()", TEXTLESS).unsure == ()
    assert parse("x: Float(0, 1)\na = helper(2)", MAKERS).unsure == ()


@pytest.mark.parametrize(
    "line", ["a = helper(2)", "a = number_of(1)", "a = log_float(.1, 1).low", "a: 'int' = 2"]
)
def test_a_function_that_makes_no_range_may_be_called(line: str) -> None:
    assert [*parse(f"x: Float(0, 1)\n{line}", MAKERS).space] == ["x"]
