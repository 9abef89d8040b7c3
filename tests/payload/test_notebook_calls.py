"""Code that asks the notebook for something that no trial has is refused before a study starts."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload.notebook_calls import refuse_notebook_calls
from tests.trial_lab import cell


def _work(source: str, helpers: str = "") -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(helpers, names)
    return cell(source, {name: value for name, value in names.items() if not name.startswith("__")})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\nget_ipython().system('ls')", r"^get_ipython\(\)\.system \(line 2\): .* a cell above$"),
        ("a = get_ipython().user_ns['b']", r"^get_ipython\(\)\.user_ns \(line 1\)"),
        ("get_ipython().any_setting = 3", r"^get_ipython\(\)\.any_setting \(line 1\)"),
        ("for i in range(2):\n    get_ipython().kernel", r"^get_ipython\(\)\.kernel \(line 2\)"),
        (
            "from IPython import get_ipython\nget_ipython().run_line_magic('time', '')",
            r"run_line_magic \(line 2\)",
        ),
        ("ip = get_ipython()\nip.history_manager", r"^ip\.history_manager \(line 2\)"),
        ("def f():\n    ip = get_ipython()\n    return ip.config\nf()", r"^ip\.config \(line 3 of f\(\)\)"),
        ("x = 1\nexit\ny = 2", r"^exit \(line 2\): .* exit\(\), to end the trial$"),
        ("if x:\n    quit", r"^quit \(line 2\): .*quit\(\)"),
    ],
)
def test_it_is_refused_by_its_own_name_and_line(source: str, said: str) -> None:
    with pytest.raises(PayloadError, match=said):
        refuse_notebook_calls(_work(source))


def test_it_is_found_in_a_function_that_the_cell_uses() -> None:
    helpers = "def files():\n    get_ipython().system('ls')\n"
    with pytest.raises(PayloadError, match=r"get_ipython\(\)\.system \(line 2 of files\(\)\)"):
        refuse_notebook_calls(_work("files()", helpers))


@pytest.mark.parametrize(
    "source",
    [
        "if get_ipython() is not None:\n    print(1)",
        "ip = get_ipython()\nif ip is not None:\n    ip.run_line_magic('matplotlib', 'inline')",
        "ip = get_ipython()\nname = ip and ip.kernel",
        "if get_ipython():\n    get_ipython().run_line_magic('matplotlib', 'inline')",
        "exit()",
        "if x > 3:\n    quit(0)",
        "exit = 3\nexit",
        "on_end = exit\nclass A: exit = 1\nA.exit",
        "def get_ipython(): return A()\nget_ipython().x",
    ],
)
def test_code_that_works_outside_a_notebook_is_accepted(source: str) -> None:
    refuse_notebook_calls(_work(source))


def test_names_that_the_user_defines_are_accepted() -> None:
    helpers = "class Shell: ...\ndef get_ipython(): return Shell()\nexit = 3\n"
    refuse_notebook_calls(_work("get_ipython().x\nexit", helpers))
