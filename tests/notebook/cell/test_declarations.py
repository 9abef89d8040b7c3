"""Every way to declare a parameter, and the places where a range cannot stand."""

from __future__ import annotations

import types
from typing import Any

import pytest

import jupyter_tune as jt
from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.errors import CellError
from jupyter_tune.notebook.cell import parse

CELL = """\
lr:       Float(1e-4, 1e-1, log=True)      = 1e-2
momentum: Float(0.0, 0.99)                 = 0.9
width:    Int(10, 1000, log=True)          = 64
act:      Categorical(["relu", "tanh"])    = "relu"

model = make_model(width, act)
for epoch in range(1, 28):
    train(model, train_set, lr, momentum)
    report(accuracy=evaluate(model), step=epoch)
"""


def test_the_cell_of_the_documentation():
    cell = parse(CELL)
    assert cell.space["lr"] == Float(1e-4, 1e-1, log=True, default=1e-2)
    assert cell.space["momentum"] == Float(0.0, 0.99, default=0.9)
    assert cell.space["width"] == Int(10, 1000, log=True, default=64)
    assert cell.space["act"] == Categorical(["relu", "tanh"], default="relu")
    assert cell.declarations == (("lr", 1), ("momentum", 2), ("width", 3), ("act", 4))
    assert {"make_model", "train", "train_set", "evaluate"} <= cell.uses
    assert not cell.uses & {
        "lr",
        "momentum",
        "width",
        "act",
        "report",
        "range",
        "Float",
        "Int",
        "Categorical",
    }
    assert cell.assigns == {"model", "epoch"}
    assert cell.reports == frozenset({"accuracy"})
    assert cell.source == CELL
    assert cell.code.startswith('lr = trial.params["lr"]\nmomentum = trial.params["momentum"]\n')


@pytest.mark.parametrize(
    "text",
    [
        "lr: Float(0, 1) = 0.25",
        "lr: Annotated[float, Float(0, 1)] = 0.25",
        "lr: typing.Annotated[float, 'note', Float(0, 1)] = 0.25",
        "lr: jt.Float(0, 1) = 0.25",
        "lr: jupyter_tune.Float(0, 1) = 0.25",
        "import jupyter_tune as tuner\nlr: tuner.Float(0, 1) = 0.25",
        "lr: Float(0, 1, default=0.25)",
        "lr = Float(0, 1, default=0.25)",
        "lr: float = Float(0, 1, default=0.25)",
        "lr: Float(0, 1, default=0.75) = 0.25",
        "(lr): Float(0, 1) = 1 / 4",
        "from jupyter_tune import *\nlr: Float(0, 1) = 0.25",
    ],
)
def test_every_way_to_declare(text):
    assert parse(text).space["lr"] == Float(0, 1, default=0.25)


def test_without_a_value_the_middle_is_the_default():
    assert parse("lr = Float(1e-4, 1, log=True)").space["lr"].default == pytest.approx(1e-2)
    assert parse("lr: Float(0, 4)").space["lr"].default == 2.0


def test_a_default_of_none_is_a_choice_like_any_other():
    assert parse("drop: Categorical([0.1, None]) = None").space["drop"].default is None


def test_other_annotations_are_left_alone():
    cell = parse("x: int = 3\ny: list[int] = []\nlr: Float(0, 1)")
    assert list(cell.space) == ["lr"]
    assert cell.code == 'x: int = 3\ny: list[int] = []\nlr = trial.params["lr"]'


def test_the_float_of_another_library_is_left_alone():
    with pytest.raises(CellError, match="no range is declared"):
        parse("from sqlalchemy import Float\nx = Float(0, 1)")
    with pytest.raises(CellError, match="no range is declared"):
        parse("x = Float(0, 1)", {"Float": types.SimpleNamespace})


# names


@pytest.mark.parametrize(
    ("text", "namespace"),
    [
        ("import jupyter_tune as tuner\nlr: tuner.Float(0, 1)", {}),
        ("from jupyter_tune import Float as F\nlr: F(0, 1)", {}),
        ("lr: F(0, 1)", {"F": Float}),
        ("lr: tuner.Float(0, 1)", {"tuner": jt}),
        ("lr: LR", {"LR": Float(0, 1)}),
        ("lr = LR", {"LR": Float(0, 1)}),
        ("lr: RANGES['lr']", {"RANGES": {"lr": Float(0, 1)}}),
        ("lr: RANGES['lr']", {"RANGES": jt.Space(lr=Float(0, 1))}),
        ("lr: cfg.LR", {"cfg": types.SimpleNamespace(LR=Float(0, 1))}),
        ("lr: Annotated[float, LR]", {"LR": Float(0, 1)}),
    ],
)
def test_a_range_under_another_name_declares_too(text: str, namespace: dict[str, Any]) -> None:
    cell = parse(text, namespace)
    assert cell.space["lr"] == Float(0, 1)
    assert cell.code.splitlines()[-1] == 'lr = trial.params["lr"]'
    assert not cell.uses & {"F", "LR", "RANGES"}


def test_a_range_of_the_notebook_takes_a_default() -> None:
    assert parse("lr: LR = 0.25", {"LR": Float(0, 1)}).space["lr"].default == 0.25


def test_a_range_of_the_notebook_in_a_union_is_refused() -> None:
    with pytest.raises(CellError, match=r"LR \(line 1\): a range cannot be declared inside a union"):
        parse("lr: LR | None = 0.25", {"LR": Float(0, 1)})


@pytest.mark.parametrize(
    ("text", "namespace"),
    [
        ("def Float(a, b): return a\nx = [Float(0, 1)]", {}),
        ("x = [Float(0, 1)]", {"Float": lambda a, b: a}),
        ("class Int: pass\nx = [Int()]", {}),
        ("from sympy import Float\nx = Float(1)", {"Float": Float}),
        ("x = jt.Float(0, 1)", {"jt": types.SimpleNamespace()}),
        ("x = {'Float(0, 1)': 'Float(0, 1)'}", {}),
        ("def f():\n    'Float(0, 1)'", {}),
    ],
)
def test_what_only_looks_like_a_range_is_left_alone(text: str, namespace: dict[str, Any]) -> None:
    assert list(parse(f"import jupyter_tune\ny: jupyter_tune.Int(1, 3)\n{text}", namespace).space) == ["y"]
