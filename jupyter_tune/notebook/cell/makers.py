"""Which functions of the notebook make ranges, read from their text: none is called.

    def LogFloat(low, high): return Float(low, high, log=True)

A range that such a function makes inside a cell would reach no trial.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from types import FunctionType, MethodType, ModuleType
from typing import Any

from jupyter_tune.core.parameters import Parameter
from jupyter_tune.notebook.cell.names import PACKAGE

_DEPTH = 3
"""Functions that call each other are followed so far."""


def makes_ranges(value: object, depth: int = _DEPTH) -> bool:
    """Whether a call of `value` gives a range, as far as its text tells."""
    if isinstance(value, functools.partial):
        return makes_ranges(value.func, depth)
    if isinstance(value, (MethodType, staticmethod, classmethod)):
        return makes_ranges(value.__func__, depth)
    if isinstance(value, functools._lru_cache_wrapper):
        return makes_ranges(value.__wrapped__, depth)
    if isinstance(value, type):
        return issubclass(value, Parameter)
    return type(value) is FunctionType and depth > 0 and _returns_range(value, depth)


def _returns_range(function: FunctionType, depth: int) -> bool:
    # the quick look first: most functions mention nothing that could make one
    space = function.__globals__
    if not any(_may_make(space.get(name)) for name in function.__code__.co_names):
        return False
    tree = _tree(function)
    if tree is None:
        return False

    def makes(node: ast.AST | None) -> bool:
        match node:
            case ast.Call(func=ast.Name(id=name)):
                return makes_ranges(space.get(name), depth - 1)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
                holder = space.get(owner)
                return isinstance(holder, ModuleType) and makes_ranges(vars(holder).get(name), depth - 1)
            case ast.IfExp(body=body, orelse=orelse):
                return makes(body) or makes(orelse)
            case ast.Name(id=name):
                return name in made
        return False

    made: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and makes(node.value):
            made |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return any(map(makes, _results(tree)))


def _tree(function: FunctionType) -> ast.AST | None:
    """The text of a function, read; None if there is none."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return None
    # the lines of a lambda may begin and end in the midst of something else
    begin = source.find("lambda") if function.__name__ == "<lambda>" else -1
    texts = [source] if begin < 0 else [source[begin:end] for end in range(len(source), begin, -1)]
    for text in texts:
        with suppress(SyntaxError):
            return ast.parse(text)
    return None


def _results(tree: ast.AST) -> Iterator[ast.expr | None]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Return):
            yield node.value
        elif isinstance(node, ast.Lambda):
            yield node.body


def _may_make(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] == PACKAGE or not hasattr(value, "__path__")
    return isinstance(value, (FunctionType, functools.partial)) or makes_ranges(value, 0)
