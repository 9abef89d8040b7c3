"""The values of ranges and defaults."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from jupyter_tune.errors import CellError, SpaceError, TuneError
from jupyter_tune.notebook.cell import parse


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Float(-1, +2)", -1, 2),
        ("Float(1 / 2, 2 ** 10)", 0.5, 1024),
        ("Float(1e-3, MAX)", 1e-3, 100),
        ("Float(low=0, high=MAX // 3 - 1)", 0, 32),
    ],
)
def test_ranges_take_arithmetic_and_names_of_constants(text, low, high):
    assert parse(f"x: {text}", {"MAX": 100}).space["x"].range == (low, high)


def test_choices_may_be_a_list_from_another_cell():
    namespace = {"ACTS": ["relu", "tanh"]}
    assert parse("a: Categorical(ACTS)", namespace).space["a"].range == ("relu", "tanh")
    assert parse("a: Categorical(ACTS + ['elu']) = 'elu'", namespace).space["a"].default == "elu"


def test_a_constant_of_the_cell_wins_over_the_notebooks():
    assert parse("MAX = 5\nx: Int(1, MAX)", {"MAX": 100}).space["x"].range == (1, 5)


def test_a_name_that_the_cell_computes_is_not_taken_from_the_notebook():
    with pytest.raises(CellError, match=r"x \(line 2\): MAX is computed in this cell"):
        parse("MAX = count()\nx: Int(1, MAX)", {"MAX": 100})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: Float(0, high())", r"x \(line 1\): high is not known here; assign or import it in a cell above"),
        ("x: Float(0, np.pi)", r"np is not known here"),
        ("x: Float(0, HIGH)", r"x \(line 1\): HIGH is not known here; assign or import it in a cell above"),
        ("x: Float(0, data)", r"x \(line 1\): high must be a number, got {} \(dict\)"),
        ("x: Float(0, 1 / 0)", "division by zero"),
        ("x: Float(0, 9 ** 9 ** 9)", "too large"),
        ("x: Categorical('ab' * 2)", "choices must be a list, got 'abab'"),
        ("x: Float(0, (-8) ** 0.5)", r"high must be a number, got \(1.*j\) \(complex\)"),
        ("x: Float(0, 1) = 1j", r"x \(line 1\): default must be a number, got 1j \(complex\)"),
        ("y: Float(0, 1)\nx: Float(0, y)", r"x \(line 2\): y is a parameter"),
        ("x: Float(*ends)", r"x \(line 1\): ends is not known here"),
        (
            "x: Float(0, (h := 1))",
            r"x \(line 1\): \(h := 1\) is not possible here; move it to a line of its own",
        ),
        ("x: Float(0, await f())", r"await f\(\) is not possible here"),
        ("x: Float(0, exit(3))", r"x \(line 1\): .*exit\(3\).*: SystemExit: 3"),
        ("x: Float(0, data['high'])", r"x \(line 1\): .*data\['high'\].*: KeyError: 'high'"),
        ("x: Float(0)", r"x \(line 1\): Float missing 1 required positional argument: 'high'; write Float"),
        ("x: Float(0, 1, lg=True)", "unexpected keyword argument 'lg'"),
        ("x: Float = 3", r"x \(line 1\): Float has no range; write Float\(low, high"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, message):
    with pytest.raises(TuneError, match=message):
        parse(text, {"data": {}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nlr: Float(0, 1, log=True)", "lr (line 2): log=True needs low > 0, got 0.0; try 1e-6"),
        ("lr: Float(0, 1) = 2", "lr (line 1): default: 2.0 is outside 0.0 to 1.0"),
        ("n: Int(5, 1)", "n (line 1): low must not exceed high, got low=5, high=1; swap them"),
        ("a: Categorical([])", "a (line 1): choices is empty; give at least one"),
        ("a: Categorical(['x']) = 'y'", "a (line 1): default: 'y' is none of the choices 'x'"),
    ],
)
def test_an_impossible_range_names_parameter_and_line(text, message):
    with pytest.raises(SpaceError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_nothing_of_the_cell_is_run():
    parse("import sys\nsys.exit(1)\nlr: Float(0, 1)")
    with pytest.raises(CellError):
        parse("lr: Float(0, __import__('sys').exit())")


@dataclass
class Config:
    LOW: float = 1e-3
    ends: tuple[float, float] = (1e-3, 1e-1)


NOTEBOOK: dict[str, Any] = {
    "math": math,
    "np": np,
    "LOW": 1e-3,
    "cfg": Config(),
    "settings": {"low": 1e-3},
    "ACTS": {"relu": max, "tanh": min},
    "small": True,
    "low_of": lambda name: 1e-3,
}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Float(0, math.pi)", 0, math.pi),
        ("Float(0, np.log(2))", 0, math.log(2)),
        ("Float(LOW, 10 * LOW)", 1e-3, 1e-2),
        ("Float(cfg.LOW, 1)", 1e-3, 1),
        ("Float(settings['low'], 2 ** -3)", 1e-3, 0.125),
        ("Float(1e-4 if small else 1e-3, max(1, LOW))", 1e-4, 1),
        ("Float(*cfg.ends)", 1e-3, 1e-1),
        ("Float(**dict(low=0, high=1))", 0, 1),
        ("Float(low_of('lr'), 1, **{'log': True})", 1e-3, 1),
        ("Int(1, len(ACTS))", 1, 2),
        ("Int(1, int('9'))", 1, 9),
        ("Int(np.int64(1), np.arange(9).max())", 1, 8),
    ],
)
def test_a_range_is_any_expression_of_the_notebook(text: str, low: float, high: float) -> None:
    assert parse(f"x: {text}", NOTEBOOK).space["x"].range == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "Categorical(list(ACTS))",
        "Categorical(ACTS)",
        "Categorical(ACTS.keys())",
        "Categorical([*ACTS])",
        "Categorical('relu tanh'.split())",
        "Categorical([f'{name}' for name in ACTS])",
        "Categorical(np.array(['relu', 'tanh']))",
        "Categorical(sorted({'tanh', 'relu'}))",
        "Categorical(name for name in ACTS)",
    ],
)
def test_choices_are_any_iterable(text: str) -> None:
    parameter = parse(f"x: {text} = 'tan' + 'h'", NOTEBOOK).space["x"]
    assert (parameter.range, parameter.default) == (("relu", "tanh"), "tanh")


@pytest.mark.parametrize(
    ("above", "text"),
    [
        ("import math", "Float(0, math.sqrt(9))"),
        ("import numpy as np", "Float(0, np.sqrt(9))"),
        ("from math import sqrt as root", "Float(0, root(9))"),
        ("HIGH: float = 3.0", "Float(0, HIGH)"),
        ("LOW, HIGH = 0, 3", "Float(LOW, HIGH)"),
        ("[LOW, (HIGH, _)] = 0, [3, 4]", "Float(LOW, HIGH)"),
        ("a = b = 3", "Float(0, b)"),
        ("a = 1\nb = a + 2\na = 7", "Float(0, b)"),
        ("import math\nHIGH = math.floor(math.pi)", "Float(0, HIGH)"),
        ("HIGH = max(len(str(10)), 3)", "Float(0, HIGH)"),
        ("ENDS = {'high': 3}\nprint(ENDS)", "Float(0, ENDS['high'])"),
    ],
)
def test_ranges_may_use_pure_expressions_of_lines_above(above: str, text: str) -> None:
    assert parse(f"{above}\nx: {text}").space["x"].range == (0, 3)


@pytest.mark.parametrize(
    "above",
    [
        "HIGH = count()",
        "HIGH = [count() for _ in 'ab'][0]",
        "HIGH = cfg.load()",
        "HIGH = 1\nHIGH += 1",
        "for HIGH in range(3): pass",
        "def HIGH(): pass",
        "HIGH, low = ends",
        "if small:\n    HIGH = 3",
        "HIGH = HIGH.bit_length()",
        "import nowhere_to_be_found as HIGH",
    ],
)
def test_what_only_the_trials_compute_hides_the_notebooks_value(above: str) -> None:
    namespace = {**NOTEBOOK, "HIGH": 9, "ends": (1, 2)}
    with pytest.raises(CellError, match=r"x \(line \d\): HIGH (is computed in this cell|cannot be imported)"):
        parse(f"{above}\nx: Int(1, HIGH)", namespace)


@pytest.mark.parametrize(
    ("above", "text"),
    [
        ("cfg.LOW = 2", "Float(cfg.LOW, 3)"),
        ("settings['low'] = 2", "Float(settings['low'], 3)"),
        ("acts = ['a']\nacts.append('b')", "Categorical(acts)"),
        ("for act in 'ab':\n    ACTS.update({act: 1})", "Categorical(ACTS)"),
        ("del settings['low']", "Float(settings['low'], 3)"),
    ],
)
def test_a_name_that_the_cell_modifies_has_no_known_value(above: str, text: str) -> None:
    with pytest.raises(CellError, match=r"x \(line \d\): \w+ is computed in this cell"):
        parse(f"{above}\nx: {text}", NOTEBOOK)


def test_a_call_of_a_modules_function_leaves_the_module_known() -> None:
    assert parse("np.random.seed(0)\nx: Float(0, np.pi)", NOTEBOOK).space["x"].range == (0, math.pi)


def test_only_what_a_range_uses_is_evaluated() -> None:
    calls: list[str] = []

    def log(text: str) -> int:
        calls.append(text)
        return 3

    cell = parse("log('above')\nlow = log('low')\nx: Float(0, log('range'))\nlog('below')", {"log": log})
    assert (cell.space["x"].range, calls) == ((0, 3), ["range"])
