"""The modules that code imports, read from its bytecode."""

from __future__ import annotations

import pytest

from jupyter_tune.payload.imports import imports_in


@pytest.mark.parametrize(
    ("source", "package", "modules"),
    [
        ("import a.b, c as d", "", {"a.b", "c"}),
        ("from a import b, c as d", "", {"a", "a.b", "a.c"}),
        ("from a import *", "", {"a"}),
        ("from . import b", "p.q", {"p.q", "p.q.b"}),
        ("from ..x import y", "p.q", {"p.x", "p.x.y"}),
        ("from . import b", "", set()),
        ("def f():\n    class C:\n        import a", "", {"a"}),
        ("f(__import__('a.b'), 'not a module', 'c')", "", {"c", "a.b"}),
        ("import importlib\nimportlib.import_module('a.b')", "", {"importlib", "a.b"}),
        ("x = 'a.b'", "", set()),
    ],
)
def test_imports_are_found(source: str, package: str, modules: set[str]) -> None:
    assert set(imports_in(compile(source, "<code>", "exec"), package)) == modules
