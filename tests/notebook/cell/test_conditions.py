"""Declarations under an if."""

from __future__ import annotations

import pytest

from jupyter_tune.core.conditions import Condition
from jupyter_tune.errors import CellError
from jupyter_tune.notebook.cell import parse


def conditions(text: str, name: str) -> dict[str, tuple[object, ...]]:
    return {c.parent: c.values for c in parse(text).space.conditions(name)}


ACT = 'act: Categorical(["relu", "tanh", "prelu"])\n'


@pytest.mark.parametrize(
    ("test", "values"),
    [
        ('act == "prelu"', ("prelu",)),
        ('"prelu" == act', ("prelu",)),
        ('act != "prelu"', ("relu", "tanh")),
        ('act in ("relu", "prelu")', ("relu", "prelu")),
        ('act not in {"relu"}', ("tanh", "prelu")),
        ('not act == "relu"', ("tanh", "prelu")),
        ('act == "relu" or act == "tanh"', ("relu", "tanh")),
        ('act != "relu" and act != "tanh"', ("prelu",)),
    ],
)
def test_a_declaration_under_an_if_is_conditional(test, values):
    assert conditions(f"{ACT}if {test}:\n    x: Float(0, 1)", "x") == {"act": values}


def test_elif_and_else_have_the_remaining_values():
    text = (
        f'{ACT}if act == "relu":\n    a: Float(0, 1)\nelif act == "tanh":\n    b: Float(0, 1)\n'
        "else:\n    c: Float(0, 1)"
    )
    assert conditions(text, "a") == {"act": ("relu",)}
    assert conditions(text, "b") == {"act": ("tanh",)}
    assert conditions(text, "c") == {"act": ("prelu",)}


def test_nested_ifs_must_all_hold():
    text = f"{ACT}n: Int(1, 4)\nif act == 'relu':\n    if n >= 3:\n        x: Float(0, 1)"
    assert conditions(text, "x") == {"act": ("relu",), "n": (3, 4)}


def test_a_test_over_two_parameters_is_both_conditions():
    text = f"{ACT}n: Int(1, 4)\nif act == 'relu' and 1 < n < 4:\n    x: Float(0, 1)"
    assert conditions(text, "x") == {"act": ("relu",), "n": (2, 3)}


def test_a_switch_is_a_condition_by_itself():
    assert conditions("bn: Categorical([True, False])\nif bn:\n    x: Float(0, 1)", "x") == {"bn": (True,)}


def test_an_if_on_a_parameter_that_is_conditional_itself():
    text = f"{ACT}if act == 'relu':\n    n: Int(1, 2)\n    if n == n:\n        x: Float(0, 1)"
    assert parse(text).space.conditions("x") == (Condition("act", ("relu",)), Condition("n", (1, 2)))
    assert "x" not in parse(text).space.complete({"act": "tanh"})


def test_one_name_in_two_branches_exists_in_both():
    text = f"{ACT}if act == 'relu':\n    x: Float(0, 1)\nelif act == 'tanh':\n    x: Float(0, 1)"
    assert conditions(text, "x") == {"act": ("relu", "tanh")}
    assert parse(text).code.count('x = trial.params["x"]') == 2


def test_one_name_in_every_branch_always_exists():
    text = f"{ACT}if act == 'relu':\n    x: Float(0, 1)\nelse:\n    x: Float(0, 1)"
    assert parse(text).space.conditions("x") == ()


def test_ifs_without_declarations_may_test_anything():
    cell = parse("lr: Float(0, 1)\nif lr > threshold():\n    y = 1\nelse:\n    y = 2")
    assert "if lr > threshold():" in cell.code


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{ACT}if act == 'selu':\n    x: Float(0, 1)", r"x \(line 3\): act == 'selu' never holds here"),
        (f"{ACT}if act:\n    y = 1\nelse:\n    x: Float(0, 1)", "act always holds here"),
        ("if fast:\n    x: Float(0, 1)", "`if fast` must compare one parameter declared above it"),
        ("lr: Float(0, 1)\nif lr > 0.5:\n    x: Float(0, 1)", "lr has too many values for a condition"),
        (f"{ACT}if f(act):\n    x: Float(0, 1)", r"`if f\(act\)`: f is not known here"),
        (
            f"{ACT}n: Int(1, 2)\nif act == 'relu' and n == 1:\n    y = 1\nelse:\n    x: Float(0, 1)",
            r"x \(line 6\): the else of .* compares two parameters; nest two ifs",
        ),
        (
            f"{ACT}if act == 'relu':\n    x: Float(0, 1)\nelse:\n    x: Float(0, 2)",
            r"x \(line 5\): line 3 declares it with another range or default",
        ),
        (
            f"{ACT}if act == 'relu':\n    x: Float(0, 1)\nif act != 'tanh':\n    x: Float(0, 1)",
            r"x \(line 5\): already declared on line 3",
        ),
        ("x: Float(0, 1)\nx: Float(0, 1)", r"x \(line 2\): already declared on line 1; rename one"),
    ],
)
def test_invalid_conditions_are_refused(text, message):
    with pytest.raises(CellError, match=message):
        parse(text)


def test_a_test_may_use_what_the_notebook_has() -> None:
    namespace = {"RELUS": ("relu", "prelu"), "is_smooth": lambda act: act == "tanh"}
    cell = parse(
        f"{ACT}if act in RELUS:\n    x: Float(0, 1)\nif is_smooth(act):\n    y: Float(0, 1)", namespace
    )
    assert cell.space.conditions("x") == (Condition("act", ("relu", "prelu")),)
    assert cell.space.conditions("y") == (Condition("act", ("tanh",)),)
    cell = parse(f"{ACT}if act.startswith('p') or len(act) > 4:\n    x: Float(0, 1)")
    assert cell.space.conditions("x") == (Condition("act", ("prelu",)),)
