"""Reads the search space from the signature of a function."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from jupyter_tune.core.conditions import When
from jupyter_tune.core.parameters import Parameter, with_default
from jupyter_tune.core.space import Space, space_with
from jupyter_tune.errors import SpaceError


def space_of(function: Callable[..., Any], when: When | None = None) -> Space:
    """The ranges in the annotations of `function`, or given as defaults of its arguments, with these
    conditions; or its `tune_space`, where it has one.

    Raises: SpaceError if there is none, or one that would have no effect where it is.
    """
    if isinstance(own := getattr(function, "tune_space", None), Space):
        return space_with(own, when)
    ranges: dict[str, Any] = {}
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        annotation, default = parameter.annotation, parameter.default
        declared = [
            each for each in (annotation, *getattr(annotation, "__metadata__", ())) if _is_range(each)
        ]
        if not declared and any(map(_is_range, _inside(annotation))):
            raise SpaceError(f"{name}: a range cannot be inside {annotation}; write {name}: Float(low, high)")
        if len(declared) + _is_range(default) > 1:
            raise SpaceError(f"{name}: has more than one range; keep one")
        if declared:
            given = default is not parameter.empty
            ranges[name] = with_default(declared[0], default, name) if given else declared[0]
        elif _is_range(default):
            ranges[name] = default
    if not ranges:
        shown = getattr(function, "__name__", repr(function))
        raise SpaceError(
            f"{shown}: no argument is annotated with a range; write lr: Float(1e-4, 1e-1, log=True), "
            "or give a space"
        )
    return Space(ranges, when=when)


def refuse_local_ranges(function: Callable[..., Any]) -> None:
    """Raises SpaceError if a local variable of `function` is annotated with a range.

    Python does not keep annotations of local variables, so such a range would have no effect. Functions
    without readable source (made by `exec`) are not checked.
    """
    function = inspect.unwrap(function)
    if not inspect.isfunction(function):
        return
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, SyntaxError):  # no file has it; a lambda, cut out of its line
        return
    closure = inspect.getclosurevars(function)
    names = {**closure.builtins, **function.__globals__, **closure.nonlocals}
    for node in ast.walk(tree):
        if not isinstance(node, ast.AnnAssign):
            continue
        for mention in ast.walk(node.annotation):
            if _means_range(mention, names):
                target, annotation = ast.unparse(node.target), ast.unparse(node.annotation)
                raise SpaceError(
                    f"{target} (line {first + node.lineno - 1} of {function.__code__.co_filename}): a range "
                    f"cannot be declared inside a function; make {target} an argument: "
                    f"def {function.__name__}({target}: {annotation})"
                )


def _means_range(expression: ast.AST, names: Mapping[str, Any]) -> bool:
    """Whether `expression` calls Float, Int or Categorical, or names an existing range."""
    if isinstance(expression, ast.Call):
        made = _named(expression.func, names)
        return isinstance(made, type) and issubclass(made, Parameter)
    return isinstance(expression, ast.Name | ast.Attribute) and _is_range(_named(expression, names))


def _named(expression: ast.expr, names: Mapping[str, Any]) -> object:
    """The object of a dotted name; None if there is none, or if `expression` is not a name."""
    match expression:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=value, attr=name):
            owner = _named(value, names)
            # modules may create names lazily, so getattr; on other objects getattr may run any code
            read = getattr if isinstance(owner, ModuleType) else inspect.getattr_static
            found: object = read(owner, name, None)
            return found
    return None


def _is_range(value: object) -> bool:
    return isinstance(value, Parameter)


def _inside(annotation: Any) -> Iterator[Any]:
    """The parts of an annotation, at any depth."""
    for part in getattr(annotation, "__args__", ()):
        yield part
        yield from getattr(part, "__metadata__", ())
        yield from _inside(part)
