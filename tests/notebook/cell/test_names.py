"""What travels, and the metrics that are reported."""

from __future__ import annotations

import math
import sys
import types

import pytest

from jupyter_tune.core.parameters import Float
from jupyter_tune.errors import OptionError
from jupyter_tune.notebook.cell import parse

CELL = """\
lr: Float(0, 1)
report(accuracy=f(lr))
"""


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
def test_names_that_the_cell_loads_are_sent(text, names):
    assert parse(f"lr: Float(0, 1)\n{text}").uses == names


def test_constants_of_ranges_are_not_sent():
    assert "MAX" not in parse("lr: Float(0, MAX)", {"MAX": 1}).uses


def test_a_built_in_that_the_notebook_has_replaced_is_sent():
    def own_max(*numbers: float) -> float:
        return numbers[0]

    assert "max" in parse("lr: Float(0, 1)\nmax(1, lr)", {"max": own_max}).uses


def test_ipythons_open_is_not_sent():
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


def test_the_advice_for_a_metric_with_a_space_is_valid_python() -> None:
    with pytest.raises(
        OptionError, match=r"metric val acc: .*; add report\(\*\*\{'val acc': \.\.\.\}\) to the"
    ):
        parse("lr: Float(0, 1)").check_metric("val acc")


@pytest.mark.parametrize(
    "text",
    [
        "report(**metrics)",
        "callback = report",
        "model.fit(on_epoch=report)",
        "jt.report(**metrics)",
        "from mylib_unknown import fit\nfit(lr)",
        "import mylib_unknown\nmylib_unknown.fit(lr)",
        "from jupyter_tune.integrations.math import TuneCallback\nreport(other=lr)\nfit(lr, TuneCallback())",
        "import jupyter_tune.integrations.math as tune_math\nfit(lr, tune_math.TuneCallback())",
    ],
)
def test_metrics_that_the_text_cannot_tell_pass(text):
    cell = parse(f"lr: Float(0, 1)\n{text}")
    assert cell.reports is None
    cell.check_metric("accuracy")


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


def test_a_misspelt_metric_is_found_beside_functions_that_do_not_report():
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


def test_a_callback_of_the_notebook_reports(monkeypatch):
    class TuneCallback:
        pass

    TuneCallback.__module__ = "jupyter_tune.integrations.math"
    for callback in (TuneCallback, TuneCallback()):
        assert parse("lr: Float(0, 1)\nfit(lr, callback)", {"callback": callback}).reports is None
    TuneCallback.__module__ = "jupyter_tune.integrationsfree"
    assert parse("lr: Float(0, 1)\nfit(lr, callback)", {"callback": TuneCallback}).reports == frozenset()


def test_what_a_cell_needs_from_the_notebook_and_does_not_bring_itself():
    cell = parse(
        "import os.path as p, sys\nx: Float(0, 1)\nk = 2\nreport(y=p.join(k, sys.path, data, len(x)))"
    )
    assert cell.missing({}) == ["data"]
    assert cell.missing({"data": 1}) == []
    assert parse("from math import *\nx: Float(0, 1)\nreport(y=sin(x))").missing({}) == []
