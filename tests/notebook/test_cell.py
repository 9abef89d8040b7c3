from __future__ import annotations

import ast
import math
import sys
import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tune.core.parameters import Categorical, Float, Int
from jupyter_tune.core.space import Condition
from jupyter_tune.errors import CellError, OptionError, SpaceError
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


class Lookup:
    """Stands for `trial` when transformed code is run."""

    def __init__(self, **params: float):
        self.params = params


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


def test_somebody_elses_float_is_left_alone():
    with pytest.raises(CellError, match="no range is declared"):
        parse("from sqlalchemy import Float\nx = Float(0, 1)")
    with pytest.raises(CellError, match="no range is declared"):
        parse("x = Float(0, 1)", {"Float": types.SimpleNamespace})


# values


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


def test_a_constant_of_the_cell_itself_goes_before_the_notebooks():
    assert parse("MAX = 5\nx: Int(1, MAX)", {"MAX": 100}).space["x"].range == (1, 5)


def test_a_name_that_the_cell_computes_is_not_taken_from_the_notebook():
    with pytest.raises(CellError, match=r"x \(line 2\): MAX is computed in this cell"):
        parse("MAX = count()\nx: Int(1, MAX)", {"MAX": 100})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: Float(0, high())", r"x \(line 1\): high\(\) cannot be read before the trials run"),
        ("x: Float(0, np.pi)", r"np\.pi cannot be read"),
        ("x: Float(0, HIGH)", r"x \(line 1\): HIGH is not known here; assign it in a cell above"),
        ("x: Float(0, data)", r"data is of type dict"),
        ("x: Float(0, 1 / 0)", "division by zero"),
        ("x: Float(0, 9 ** 9 ** 9)", "too large"),
        ("x: Categorical('ab' * 2)", "numbers only"),
        ("x: Float(0, (-8) ** 0.5)", "not a real number"),
        ("x: Float(0, 1) = 1j", "1j cannot be read"),
        ("y: Float(0, 1)\nx: Float(0, y)", r"x \(line 2\): y is a parameter"),
        ("x: Float(*ends)", r"x \(line 1\): \* and \*\* cannot be read here; write Float\(low, high"),
        ("x: Float(0)", r"x \(line 1\): Float missing 1 required positional argument: 'high'; write Float"),
        ("x: Float(0, 1, lg=True)", "unexpected keyword argument 'lg'"),
        ("x: Float = 3", r"x \(line 1\): Float has no range; write Float\(low, high"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, message):
    with pytest.raises(CellError, match=message):
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


# conditions


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


def test_elif_and_else_are_what_is_left():
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
        (f"{ACT}if f(act):\n    x: Float(0, 1)", r"f\(act\) cannot be read"),
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
def test_conditions_that_cannot_be(text, message):
    with pytest.raises(CellError, match=message):
        parse(text)


# places


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("for i in range(3):\n    lr: Float(0, 1)", "a for loop"),
        ("while True:\n    lr = Float(0, 1)", "a while loop"),
        ("def f():\n    if x:\n        lr: Float(0, 1)", "a function"),
        ("async def f():\n    lr: Float(0, 1)", "a function"),
        ("class C:\n    lr: Float(0, 1)", "a class"),
        ("try:\n    lr: Float(0, 1)\nfinally:\n    pass", "a try"),
        ("with a:\n    lr: Float(0, 1)", "a with block"),
        ("match a:\n    case 1:\n        lr: Float(0, 1)", "a match"),
        ("print(lr := Float(0, 1))", "an expression"),
        ("if (lr := Float(0, 1)):\n    pass", "an expression"),
    ],
)
def test_ranges_stand_at_the_top_level(text, place):
    with pytest.raises(CellError, match=rf"lr \(line \d\): a range cannot be declared inside {place}"):
        parse(text)


@pytest.mark.parametrize("name", ["report", "trial"])
def test_given_names_cannot_be_parameters(name):
    with pytest.raises(CellError, match=rf"{name} \(line 1\): this name is what every trial is given"):
        parse(f"{name}: Float(0, 1)")


def test_only_plain_names_can_be_parameters():
    with pytest.raises(CellError, match=r"config\.lr \(line 1\): only a plain name"):
        parse("config.lr: Float(0, 1) = 0.5")
    with pytest.raises(CellError, match=r"a \(line 1\): a range belongs to one name"):
        parse("a = b = Float(0, 1)")


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", "!pip install it's", "files = !ls", "t = %time f()", "?f", "f?", "  %time f()"],
)
def test_magics_and_commands_are_refused_with_their_line(line):
    with pytest.raises(CellError, match=r"line 2: .* is for the notebook, not for trials; move it"):
        parse(f"if True:\n{line}\n    pass\n" if line[0] == " " else f"lr: Float(0, 1)\n{line}\n")


def test_a_percent_sign_or_bang_inside_python_is_python():
    parse('lr: Float(0, 1)\nx = (5\n% 3)\ns = """\n!ls\n%time\n"""\n')


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


# transformation


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


def test_invalid_escapes_warn_nobody_here():
    parse("lr: Float(0, 1)\ns = '\\d'")


def test_top_level_await_is_allowed():
    parse("lr: Float(0, 1)\nawait train(lr)\nxs = [x async for x in stream()]")


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
def test_whatever_is_declared_all_else_stands_where_it_stood(lines):
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


# what travels


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y = f(lr)", {"f"}),
        ("def g(a):\n    return a + b", {"b"}),
        ("class C(Base):\n    x = x\n    def m(self):\n        return helper", {"Base", "x", "helper"}),
        ("ys = [scale * y for y in data]", {"scale", "data"}),
        ("z = (lambda q: q + offset)(1)", {"offset"}),
        ("print(f'{name}')", {"name"}),
        ("import os\ny = os.getcwd()", {"os"}),
        ("y: Kind = 3", {"Kind"}),
        ("@deco\ndef g(a=first): pass", {"deco", "first"}),
        ("def g():\n    global count\n    count += 1", {"count"}),
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("def g():\n    y = 1\n    return lambda: y", set()),
        ("print(len(str(lr)))", set()),
    ],
)
def test_names_that_the_cell_loads_travel(text, names):
    assert parse(f"lr: Float(0, 1)\n{text}").uses == names


def test_constants_of_ranges_stay_at_home():
    assert "MAX" not in parse("lr: Float(0, MAX)", {"MAX": 1}).uses


def test_a_built_in_that_the_notebook_has_replaced_travels():
    def own_max(*numbers: float) -> float:
        return numbers[0]

    assert "max" in parse("lr: Float(0, 1)\nmax(1, lr)", {"max": own_max}).uses


def test_the_notebooks_own_open_does_not_travel():
    def shell_open() -> None: ...

    shell_open.__module__ = "IPython.core.interactiveshell"
    assert "open" not in parse("lr: Float(0, 1)\nopen('x')", {"open": shell_open}).uses


# metrics


def notebook(code: str) -> dict[str, object]:
    """The variables of a notebook that has run `code`."""
    scope: dict[str, object] = {"__name__": "__main__"}
    exec(code, scope)
    return scope


def test_a_misspelt_metric_is_caught_with_what_was_meant():
    with pytest.raises(OptionError, match=r"metric acuracy: .* reports accuracy; did you mean accuracy\?"):
        parse(CELL).check_metric("acuracy")


def test_a_metric_that_is_reported_or_assigned_passes():
    parse(CELL).check_metric("accuracy")
    parse("lr: Float(0, 1)\naccuracy = f(lr)").check_metric("accuracy")
    parse("lr: Float(0, 1)\ndef f():\n    global loss\n    loss = 1\nf()").check_metric("loss")


def test_a_parameter_is_no_metric():
    with pytest.raises(OptionError, match=r"it reports nothing; add report\(lr=\.\.\.\) to the cell"):
        parse("lr: Float(0, 1)").check_metric("lr")


@pytest.mark.parametrize(
    "text",
    [
        "report(**metrics)",
        "callback = report",
        "model.fit(on_epoch=report)",
        "jt.report(**metrics)",
        "from mylib_unknown import fit\nfit(lr)",
        "import mylib_unknown\nmylib_unknown.fit(lr)",
    ],
)
def test_metrics_that_the_text_cannot_tell_pass(text):
    parse(f"lr: Float(0, 1)\n{text}").check_metric("accuracy")


@pytest.mark.parametrize(
    "code",
    [
        "def fit(lr):\n    report(accuracy=lr)",
        "def inner(lr):\n    report(accuracy=lr)\ndef fit(lr):\n    inner(lr)",
        "def fit(lr):\n    def deep():\n        report(accuracy=lr)\n    deep()",
        "class fit:\n    def __init__(self, lr):\n        report(accuracy=lr)",
        "class Fit:\n    def __call__(self, lr):\n        report(accuracy=lr)\nfit = Fit()",
    ],
)
def test_functions_of_the_notebook_may_report(code):
    assert parse("lr: Float(0, 1)\nfit(lr)", notebook(code)).reports is None


def test_functions_that_do_not_report_hide_no_misspelling():
    namespace = notebook(
        "import math\ndef fit(lr):\n    return math.log(fit2(lr))\ndef fit2(lr):\n    return fit(lr)"
    )
    with pytest.raises(OptionError):
        parse("lr: Float(0, 1)\nimport math\nacuracy = fit(lr)", namespace).check_metric("accuracy")


def test_a_module_that_knows_this_package_may_report(monkeypatch):
    module = types.ModuleType("training_code")
    vars(module)["Float"] = Float
    monkeypatch.setitem(sys.modules, "training_code", module)
    assert parse("lr: Float(0, 1)\nimport training_code").reports is None
    assert parse("lr: Float(0, 1)\nm.fit(lr)", {"m": module}).reports is None
    assert parse("lr: Float(0, 1)\nm.fit(lr)", {"m": math}).reports == frozenset()
