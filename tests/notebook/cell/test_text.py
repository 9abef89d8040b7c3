"""The text of a cell: what is no Python or no tunable cell, and the code that a trial runs."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.errors import CellError
from jupyter_tune.notebook.cell import parse

ACT = 'act: Categorical(["relu", "tanh", "prelu"])\n'


class Lookup:
    """Stands for `trial` when transformed code is run."""

    def __init__(self, **params: float):
        self.params = params


def test_lines_keep_their_numbers():
    text = (
        "# first\n\nlr: Float(\n    0,  # low\n    1,\n) = 0.5; y = 1  # tail\n"
        "width = Int(1, \\\n  4)\nz = 2\n"
    )
    cell = parse(text)
    assert cell.code.count("\n") == text.count("\n")
    assert cell.code.split("\n")[8] == "z = 2"
    assert cell.declarations == (("lr", 3), ("width", 7))
    scope: dict[str, Any] = {"trial": Lookup(lr=0.25, width=3)}
    exec(cell.code, scope)
    assert (scope["lr"], scope["y"], scope["width"], scope["z"]) == (0.25, 1, 3, 2)


def test_columns_count_beyond_ascii():
    cell = parse("s = 'é🎉'; größe: Int(1, 9) = 3; t = 'ö'\n")
    assert cell.code == "s = 'é🎉'; größe = trial.params[\"größe\"]; t = 'ö'\n"


def test_several_declarations_share_a_line():
    assert parse("a: Float(0, 1); b: Int(1, 2)").code == 'a = trial.params["a"]; b = trial.params["b"]'


def test_conditional_declarations_stay_under_their_if():
    code = parse(f"{ACT}if act == 'prelu': x: Float(0, 1)").code
    assert code.endswith("if act == 'prelu': x = trial.params[\"x\"]")


def test_two_spellings_of_a_name_are_one_variable():
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    cell = parse(f"{decomposed}: Float(0, 1)")
    assert list(cell.space) == [composed]
    with pytest.raises(CellError, match="already declared"):
        parse(f"{composed}: Float(0, 1)\n{decomposed}: Float(0, 1)")


def test_foreign_line_ends_are_lines_too():
    assert parse("# x\r\nlr: Float(0, 1)\r\ny = 1").code == '# x\nlr = trial.params["lr"]\ny = 1'


def test_invalid_escapes_do_not_warn_here():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parse("lr: Float(0, 1)\ns = '\\d'")
    assert caught == []


def test_top_level_await_is_allowed():
    cell = parse("lr: Float(0, 1)\nawait train(lr)\nxs = [x async for x in stream()]")
    assert cell.uses == {"train", "stream"}


LINES = st.sampled_from(
    [
        "",
        "# note: ü",
        "y = 1",
        "s = 'é'; {name}: Float(0, 1) = 0.5",
        "{name}: Float(0,\n  1)",
        "{name} = Int(1,\n\n  9); y = 2  # ö",
        "{name}: Categorical(['a',\n 'b']) = 'b'",
        "def f{name}(x):\n    return x",
    ]
)


@given(st.lists(LINES, min_size=1, max_size=12))
def test_everything_but_the_declarations_stays_in_its_place(lines):
    text = "\n".join(line.format(name=f"ñ{i}") for i, line in enumerate(["{name}: Float(0, 1)", *lines]))
    cell = parse(text)

    def others(code: str) -> list[tuple[int, str]]:
        keep = [n for n in ast.parse(code).body if not _is_declaration(n)]
        return [(n.lineno, ast.dump(n)) for n in keep]

    assert others(cell.code) == others(text)
    assert cell.code.count("\n") == text.count("\n")
    found = [(_bound_name(n), n.lineno) for n in ast.parse(cell.code).body if _is_look_up(n)]
    assert tuple(found) == cell.declarations


def _is_declaration(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.AnnAssign)
        or _is_look_up(node)
        or isinstance(getattr(node, "value", 0), ast.Call)
    )


def _bound_name(node: Any) -> str:
    return str(node.targets[0].id)


def _is_look_up(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", "!pip install it's", "files = !ls", "t = %time f()", "?f", "f?", "  %time f()"],
)
def test_magics_and_commands_are_refused_with_their_line(line):
    with pytest.raises(CellError, match=r"line 2: .* is for the notebook, not for trials; move it"):
        parse(f"if True:\n{line}\n    pass\n" if line[0] == " " else f"lr: Float(0, 1)\n{line}\n")


def test_a_percent_sign_or_bang_inside_python_is_python():
    cell = parse('lr: Float(0, 1)\nx = (5\n% 3)\ns = """\n!ls\n%time\n"""\n')
    assert cell.assigns == {"x", "s"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr: Float(0, 1)\nif\n", "line 2: invalid syntax: if"),
        ("lr: Float(0, 1)\nreturn lr", "line 2: 'return' outside function"),
        ("lr: Float(0, (1)", r"line 1: '\(' was never closed"),
        ("lr: Float(0, 1)\0", "null bytes"),
        ("x = 3", "no range is declared; write one on the line where a variable is born"),
        ("", "no range is declared"),
    ],
)
def test_what_is_not_a_tunable_cell(text, message):
    with pytest.raises(CellError, match=message):
        parse(text)
