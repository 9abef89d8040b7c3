"""What of the code that travels is another one at a second start."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_tune.payload import packing, user_modules
from jupyter_tune.payload.fingerprints import of_statements, script_fingerprints
from jupyter_tune.payload.packing import measure
from tests.trial_lab import cell

pytestmark = pytest.mark.usefixtures("bare_notebook")

NOTEBOOK = """
import functools
RATE = 3
def helper(x, k=2):
    'What it does.'
    return x * k + RATE
def by_name_a(x): return x + 1
def by_name_b(x): return x in {'a', 'b', 'c'}
MODELS = {'a': by_name_a, 'b': [by_name_b]}
class Net:
    width = 64
    def forward(self, x): return [v for v in x if v]
    def back(self, x): return helper(x)
net = Net()
@functools.cache
def cached(x): return x
def it(name): return net.back(MODELS[name](1)) + cached(2)
"""


@pytest.fixture
def space() -> Iterator[dict[str, object]]:
    main = sys.modules["__main__"]
    before = dict(main.__dict__)
    yield main.__dict__
    main.__dict__.clear()
    main.__dict__.update(before)


def code_of(space: dict[str, object], text: str) -> dict[str, str]:
    exec(compile(text, "<cell>", "exec", dont_inherit=True), space)
    return measure(cell("it('a')", {"it": space["it"]})).code


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("x * k + RATE", "x * k - RATE", "helper"),
        ("k=2", "k=3", "helper"),
        ("x + 1", "x + 2", "by_name_a"),
        ("'c'}", "'d'}", "by_name_b"),
        ("width = 64", "width = 65", "Net"),
        ("if v]", "if not v]", "Net.forward"),
        ("return helper(x)", "return helper(x, 1)", "Net.back"),
        ("def cached(x): return x", "def cached(x): return -x", "cached"),
    ],
)
def test_the_function_that_differs_is_named(space: dict[str, object], old: str, new: str, named: str) -> None:
    first = code_of(space, NOTEBOOK)
    assert {
        "it",
        "helper",
        "by_name_a",
        "by_name_b",
        "Net",
        "Net.forward",
        "Net.back",
        "cached",
    } <= first.keys()
    assert NOTEBOOK.count(old) == 1
    second = code_of(space, NOTEBOOK.replace(old, new))
    assert [name for name in second if second[name] != first[name]] == [named]


@pytest.mark.parametrize(
    ("old", "new"),
    [("'What it does.'", "'Another.'"), ("\nRATE", "\n\n# a comment\nRATE"), ("= 3", "= 4")],
)
def test_texts_lines_and_data_make_no_difference(space: dict[str, object], old: str, new: str) -> None:
    assert code_of(space, NOTEBOOK) == code_of(space, NOTEBOOK.replace(old, new))


def test_the_user_s_own_modules_that_the_code_imports_are_named(
    space: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "sources", user_modules.sources)
    monkeypatch.syspath_prepend(str(tmp_path))
    texts = {
        "first_own": "import second_own\ndef f(): return second_own.g()",
        "second_own": "def g(): return 1",
        "third_own": "def h(): return 1",
    }

    def code() -> dict[str, str]:
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text(text)
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        for name in texts:
            importlib.import_module(name)
        return code_of(space, "import first_own\ndef it(name): return getattr(first_own, name)()")

    first = code()
    assert {"module first_own", "module second_own"} <= first.keys()
    assert "module third_own" not in first
    texts["first_own"] += "\n# a comment"
    assert code() == first
    texts["first_own"] = f"'What it does.'\n{texts['first_own']}"
    documented = code()
    texts["first_own"] = texts["first_own"].replace("does", "did")
    assert code() == documented
    texts["second_own"] += " + 1"
    second = code()
    assert [name for name in second if second[name] != documented[name]] == ["module second_own"]
    for name in texts:
        sys.modules.pop(name)


def test_a_script_among_the_words_of_a_command_has_its_content_s_hash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "train.py"
    script.write_text("print(1)")
    words = ["{python}", "train.py", "--lr", "{lr}"]
    before = script_fingerprints(words)
    assert list(before) == ["train.py"], "no word that is no file, and no program on the PATH"
    script.write_text("print(2)")
    assert script_fingerprints(words) != before


def statements(text: str) -> str:
    return of_statements(compile(text, "<cell>", "exec", dont_inherit=True))


@pytest.mark.parametrize(
    "text",
    [
        "optimizer = '{}'",
        "def f():\n    return '{}'",
        "f = lambda: '{}'",
        "found = sorted('{}' for _ in range(3))",
        "class Net:\n    kind = '{}'",
    ],
)
def test_a_text_that_comes_first_is_code_where_it_documents_nothing(text: str) -> None:
    assert statements(text.format("adam")) != statements(text.format("sgd"))
    assert statements(text.format("adam")) == statements(f"# why\n\n{text.format('adam')}")


@pytest.mark.parametrize("text", ["'{}'\nlr = 'a'", "def f():\n    '{}'\n    return 'a'"])
def test_documentation_is_no_code(text: str) -> None:
    assert statements(text.format("One.")) == statements(text.format("Another."))
