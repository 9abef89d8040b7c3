"""What the syntax of a statement tells without following it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from jupyter_tune.integrations.optuna.ranges import METHODS


@functools.cache
def asks(node: ast.AST) -> bool:
    """Whether something in `node` is a suggestion by its name."""
    return any(isinstance(each, ast.Attribute) and each.attr in METHODS for each in ast.walk(node))


@functools.cache
def leaves(node: ast.stmt) -> bool:
    return any(isinstance(each, (ast.Return, ast.Raise, ast.Break, ast.Continue)) for each in ast.walk(node))


@functools.cache
def mentions(node: ast.stmt) -> list[tuple[str, bool]]:
    """The names in `node`, and whether they stand before a dot there."""
    owners = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    return [(each.id, id(each) in owners) for each in ast.walk(node) if isinstance(each, ast.Name)]


def changed_by(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Names that `node` binds, and names (False) whose object it may change."""
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name, True
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, True
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0], True
            case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                yield from _root(each)
            case ast.Call(func=ast.Attribute() as method):
                yield from _root(method)


def _root(node: ast.expr) -> Iterator[tuple[str, bool]]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id, False


def loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case ast.Attribute(value=value, attr=attribute):
            return ast.Attribute(value, attribute, ast.Load())
        case ast.Subscript(value=value, slice=index):
            return ast.Subscript(value, index, ast.Load())
    raise TypeError(f"{ast.unparse(target)} is no target of an augmented assignment")
