"""Finds the user's objects that a cell or function depends on, by the names that they have in the notebook.

A function or class of the notebook depends on the globals that its code reads, and on their dependencies.
Those that can be found without pickling are found here and are sent first, so that they are loaded before
what uses them. Those found only while pickling (a function in a list, for example) follow (packing.py).
Functions of modules are imported by the trial, with everything that they use.
"""

from __future__ import annotations

import ast
import dis
import functools
import itertools
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_tune.payload.notebook_builtins import IPYTHON_NAMES, is_from_front_end

_READS_A_GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})

_ITEMS = 1000
"""How many items of a container are searched for a culprit."""


def notebook_globals() -> dict[str, Any]:
    """The notebook's variables; in a trial, those of its fresh `__main__`."""
    return sys.modules["__main__"].__dict__


def notebook_package() -> str:
    """The package that relative imports begin in: that of a script run by `python -m`, else ""."""
    return notebook_globals().get("__package__") or ""


def is_main(module: object) -> bool:
    """Whether `module` is a name of the notebook or script.

    The second is its name as multiprocessing imports it, into a process that it has spawned.
    """
    return module in ("__main__", "__mp_main__")


def dependencies(work: Mapping[str, Any]) -> dict[str, Any]:
    """The user's objects by name; dependencies come before the objects that use them.

    Args: work: has `names`, a `function` or both (see trials/program.py).
    """
    asked = dict(work.get("names", {}))
    if "function" in work:
        asked[name_of(work["function"])] = work["function"]
    found: dict[str, Any] = {}
    waiting = list(asked.values())
    for value in waiting:
        for function in functions_of(value):
            for name, used in globals_of(function):
                if name not in found:
                    found[name] = used
                    waiting.append(used)
    used_by_others = {name: found[name] for name in reversed(found) if name not in asked}
    return {**used_by_others, **asked}


def name_of(function: object) -> str:
    """The name under which a function or other callable is sent."""
    return str(getattr(function, "__name__", type(function).__name__))


def globals_of(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """The notebook's variables that a function of the notebook reads, by name."""
    main = notebook_globals()
    if function.__globals__ is not main:
        return
    for name in _global_names(function.__code__):
        if name in main and not (name in IPYTHON_NAMES and is_from_front_end(main[name])):
            yield name, main[name]
    yield from named_in_annotations(function)


def named_in_annotations(annotated: types.FunctionType | type) -> Iterator[tuple[str, Any]]:
    """The notebook's types that string annotations name, for `typing.get_type_hints`.

    Variables that are not types are left out: nothing evaluates the string for them.
    """
    if not is_main(annotated.__module__):
        return
    main = notebook_globals()
    of_a_class = isinstance(annotated, type)
    # vars: a class without annotations would inherit those of its base
    annotations = vars(annotated).get("__annotations__", {}) if of_a_class else annotated.__annotations__
    waiting: list[object] = list(annotations.values())
    for annotation in waiting:
        if isinstance(annotation, typing.ForwardRef):
            annotation = annotation.__forward_arg__
        if isinstance(annotation, str):
            for name in _names_in(annotation):
                if name in main and _is_for_types(main[name]):
                    yield name, main[name]
        elif not isinstance(annotation, type):
            waiting += getattr(annotation, "__args__", ())


def _is_for_types(value: object) -> bool:
    kinds = (type, types.ModuleType, types.GenericAlias, types.UnionType)
    return isinstance(value, kinds) or type(value).__module__ == "typing"


@functools.cache
def _names_in(text: str) -> tuple[str, ...]:
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        return ()
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names[node.id] = None
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.update(dict.fromkeys(_names_in(node.value)))
    return tuple(names)


def functions_of(value: object) -> list[types.FunctionType]:
    """The functions that `value` is or wraps, and those of its class if the notebook defines that."""
    found: dict[int, types.FunctionType] = {}
    seen: dict[int, object] = {}
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        # keep a reference: the id of a deleted object can be reused
        seen[id(each)] = each
        if isinstance(each, types.FunctionType):
            found[id(each)] = each
            waiting += _closed_over(each)
        elif isinstance(each, type):
            if is_main(each.__module__):
                waiting += [*vars(each).values(), *each.__bases__, type(each)]
        elif isinstance(each, (functools.partial, functools.partialmethod)):
            waiting += [each.func, *each.args, *each.keywords.values()]
        elif isinstance(each, types.MethodType):
            waiting += [each.__func__, each.__self__]
        elif isinstance(each, (staticmethod, classmethod)):
            waiting.append(each.__func__)
        elif isinstance(each, property):
            waiting += [each.fget, each.fset, each.fdel]
        elif isinstance(each, (functools._lru_cache_wrapper, functools.cached_property)):
            waiting.append(each.__wrapped__ if hasattr(each, "__wrapped__") else each.func)
        elif is_main(type(each).__module__):
            waiting.append(type(each))
    return list(found.values())


def _closed_over(function: types.FunctionType) -> Iterator[object]:
    yield getattr(function, "__wrapped__", None)
    for _, cell in cells_of(function):
        yield cell


def cells_of(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """The variables that a function closes over, with their current values."""
    for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield variable, cell.cell_contents
        except ValueError:
            continue  # empty cell


def codes_in(code: types.CodeType) -> Iterator[types.CodeType]:
    """`code` and that of every function and class inside it, at any depth."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes_in(constant)


@functools.cache
def _global_names(code: types.CodeType) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for each in codes_in(code):
        for instruction in dis.get_instructions(each):
            # co_names also contains attribute names, which are not globals
            if instruction.opname in _READS_A_GLOBAL:
                names[instruction.argval] = None
    return tuple(names)


def parts_of(name: str, value: object) -> Iterator[tuple[str, Any]]:
    """(description, part) of the parts of `value`, one level down: used names, items, attributes."""
    for function in functions_of(value):
        of_the_notebook = function.__globals__ is notebook_globals()
        for used in _global_names(function.__code__):
            if used in function.__globals__:
                shown = used if of_the_notebook else f"{used} (used by {name})"
                yield shown, function.__globals__[used]
        for variable, inner in cells_of(function):
            yield f"{variable} (used by {name})", inner
    if isinstance(value, dict):
        for key, inner in itertools.islice(value.items(), _ITEMS):
            yield f"{name}[{key!r}]", inner
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value[:_ITEMS]):
            yield f"{name}[{place}]", inner
    if not isinstance(value, (type, types.FunctionType, types.ModuleType)):
        for attribute, inner in getattr(value, "__dict__", {}).items():
            yield f"{name}.{attribute}", inner
