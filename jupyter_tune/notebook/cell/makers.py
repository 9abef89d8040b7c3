"""Finds the functions of the notebook that create ranges, from their source. None is called.

    def LogFloat(low, high): return Float(low, high, log=True)

A range that such a function creates inside a cell would have no effect. If a function has no source (made by
exec, or its file is deleted), its bytecode shows whether it uses ranges, but not for what.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import IntEnum
from types import FunctionType, MethodType, ModuleType
from typing import Any

from jupyter_tune.core.parameters import Parameter
from jupyter_tune.notebook.cell.names import PACKAGE
from jupyter_tune.payload.dependencies import cells_of, codes_in

_DEPTH = 3
"""How many calls of one function by another are followed."""

_KINDS = frozenset({"Float", "Int", "Categorical"})


class Makes(IntEnum):
    """Whether a call returns a range, or a collection that contains one."""

    NO = 0
    PERHAPS = 1
    """It uses ranges, and has no readable source."""
    YES = 2


def makes_ranges(value: object, depth: int = _DEPTH) -> Makes:
    """Whether a call of `value` returns ranges, as far as its source tells."""
    if isinstance(value, functools.partial):
        return makes_ranges(value.func, depth)
    if isinstance(value, (MethodType, staticmethod, classmethod)):
        return makes_ranges(value.__func__, depth)
    if isinstance(value, functools._lru_cache_wrapper):
        return makes_ranges(value.__wrapped__, depth)
    if isinstance(value, type):
        return Makes.YES if issubclass(value, Parameter) else Makes.NO
    if depth <= 0:
        return Makes.NO
    if type(value) is FunctionType:
        return _returns_range(value, depth)
    return makes_ranges(_call_of(type(value)), depth - 1)


def _call_of(kind: type) -> object:
    """The `__call__` of a class, if it is written in Python."""
    call = inspect.getattr_static(kind, "__call__", None)
    return call if type(call) is FunctionType else None


def _returns_range(function: FunctionType, depth: int) -> Makes:
    space: Mapping[str, Any] = ChainMap(dict(cells_of(function)), function.__globals__)
    codes = list(codes_in(function.__code__))
    mentioned = {name for code in codes for name in (*code.co_names, *code.co_freevars)}
    given = _ranges_by_default(function)
    # fast path: most functions mention nothing that could create a range
    if not given and not any(_may_make(space.get(name)) for name in mentioned):
        return Makes.NO
    tree = _tree(function)
    if tree is None:
        return Makes.PERHAPS if given else _uses_ranges(mentioned, space, depth)

    def makes(node: ast.AST | None) -> Makes:
        match node:
            case ast.Call(func=ast.Name(id=name)):
                return makes_ranges(space.get(name), depth - 1)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
                holder = space.get(owner)
                return (
                    makes_ranges(vars(holder).get(name), depth - 1)
                    if isinstance(holder, ModuleType)
                    else Makes.NO
                )
            case ast.IfExp(body=body, orelse=orelse):
                return max(makes(body), makes(orelse))
            case ast.NamedExpr(value=value) | ast.Starred(value=value):
                return makes(value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts):
                return max(map(makes, parts), default=Makes.NO)
            case ast.Name(id=name):
                return made.get(name, Makes.NO)
        return Makes.NO

    made = dict.fromkeys(given, Makes.YES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (found := makes(node.value)):
            made |= {target.id: found for target in node.targets if isinstance(target, ast.Name)}
    return max(map(makes, _results(tree)), default=Makes.NO)


def _ranges_by_default(function: FunctionType) -> set[str]:
    """Names of the arguments whose defaults are ranges."""
    code, defaults = function.__code__, function.__defaults__ or ()
    last = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    pairs = [*zip(last, defaults, strict=True), *(function.__kwdefaults__ or {}).items()]
    return {name for name, value in pairs if isinstance(value, Parameter)}


def _uses_ranges(mentioned: set[str], space: Mapping[str, Any], depth: int) -> Makes:
    """Whether a function without source mentions something that creates ranges."""
    for name in mentioned:
        value = space.get(name)
        if isinstance(value, ModuleType):
            if value.__name__.partition(".")[0] == PACKAGE and mentioned & _KINDS:
                return Makes.PERHAPS
        elif makes_ranges(value, depth - 1):
            return Makes.PERHAPS
    return Makes.NO


def _tree(function: FunctionType) -> ast.AST | None:
    """The syntax tree of a function; None without source."""
    try:
        # of the code: for a wrapper, inspect would return the source of the wrapped function
        source = textwrap.dedent(inspect.getsource(function.__code__))
    except (OSError, TypeError):
        return None
    # the lines of a lambda may contain other code around it
    begin = source.find("lambda") if function.__name__ == "<lambda>" else -1
    texts = [source] if begin < 0 else [source[begin:end] for end in range(len(source), begin, -1)]
    for text in texts:
        with suppress(SyntaxError):
            return ast.parse(text)
    return None


def _results(tree: ast.AST) -> Iterator[ast.expr | None]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
            yield node.value
        elif isinstance(node, ast.Lambda):
            yield node.body


def _may_make(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] == PACKAGE or not hasattr(value, "__path__")
    if isinstance(value, (FunctionType, functools.partial, MethodType)):
        return True
    return bool(makes_ranges(value, 0)) or _call_of(type(value)) is not None
