"""The syntax tree of a function, and the names that it uses."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import itertools
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_tune.errors import SpaceError

GIVE_THEM = "give the ranges: jt.tune(..., space={...})"


@dataclass(frozen=True)
class Source:
    """A function as text. `shown`: its name for users. `args`, `kwargs`: what it is given beside the rest."""

    node: ast.FunctionDef | ast.Lambda
    names: Mapping[str, Any]
    defaults: Mapping[str, Any]
    shown: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def source_of(function: Any) -> Source:
    """The source of a function, method, partial or callable object.

    Raises: SpaceError if it cannot be read.
    """
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    plain = function
    while True:
        if isinstance(plain, functools.partial):
            args, kwargs, plain = (*plain.args, *args), {**plain.keywords, **kwargs}, plain.func
        elif isinstance(plain, types.MethodType):
            args, plain = (plain.__self__, *args), plain.__func__
        elif isinstance(plain, types.FunctionType):
            if not hasattr(plain, "__wrapped__"):
                break
            plain = plain.__wrapped__
        elif isinstance(plain, type) or not callable(plain):
            raise SpaceError(f"{function!r}: is no function of a trial; {GIVE_THEM}")
        else:
            plain = getattr(plain, "__wrapped__", types.MethodType(type(plain).__call__, plain))
            if isinstance(plain, types.MethodType) and not isinstance(plain.__func__, types.FunctionType):
                raise SpaceError(f"{function!r}: has no source to read its ranges from; {GIVE_THEM}")
    return Source(_node_of(plain), _names_of(plain), _defaults_of(plain), plain.__qualname__, args, kwargs)


def _node_of(function: types.FunctionType) -> ast.FunctionDef | ast.Lambda:
    code = function.__code__
    try:
        lines, _ = inspect.findsource(function)
        tree = ast.parse("".join(lines))
    except (OSError, SyntaxError, TypeError):
        raise SpaceError(
            f"{function.__qualname__}: its source cannot be read; define it in a cell or a file, or "
            f"{GIVE_THEM}"
        ) from None
    found = [node for node in ast.walk(tree) if _is_of(node, code)]
    if len(found) != 1:
        said = "is not in its file any more" if not found else "stands beside another one like it on one line"
        raise SpaceError(f"{function.__qualname__}: {said}, so its ranges cannot be read; {GIVE_THEM}")
    node = found[0]
    assert isinstance(node, (ast.FunctionDef, ast.Lambda))
    return node


def _is_of(node: ast.AST, code: types.CodeType) -> bool:
    match node:
        case ast.FunctionDef(name=code.co_name, decorator_list=decorators):
            # a function's code begins with its decorators
            begins = min([node.lineno, *(each.lineno for each in decorators)])
        case ast.Lambda() if code.co_name == "<lambda>":
            begins = node.lineno
        case _:
            return False
    return begins == code.co_firstlineno and parameters_of(node) == [
        *code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    ]


def parameters_of(node: ast.FunctionDef | ast.Lambda) -> list[str]:
    """The names of its parameters, without * and **."""
    given = node.args
    return [each.arg for each in itertools.chain(given.posonlyargs, given.args, given.kwonlyargs)]


def _names_of(function: types.FunctionType) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            inner[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return {**vars(builtins), **function.__globals__, **inner}


def _defaults_of(function: types.FunctionType) -> dict[str, Any]:
    code = function.__code__
    positional = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    return {
        **dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True)),
        **(function.__kwdefaults__ or {}),
    }
