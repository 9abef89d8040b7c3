"""Which of the user's objects travel with a piece of work, by the names that the user gave them.

A function or class of the notebook takes along the globals that its code reads, and what those read in
their turn. Functions of modules are found by import on the other side, with all that they use.
"""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

_READS_A_GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})


def notebook_globals() -> dict[str, Any]:
    """The notebook's variables; in a trial, those of its fresh `__main__`."""
    return sys.modules["__main__"].__dict__


def travellers(work: Mapping[str, Any]) -> dict[str, Any]:
    """The user's objects by name: first the globals that functions use, so that each counts itself.

    Args: work: with `names`, a `function` or both (see program.py).
    """
    asked = dict(work.get("names", {}))
    if "function" in work:
        asked[name_of(work["function"])] = work["function"]
    found: dict[str, Any] = {}
    waiting = list(asked.values())
    for value in waiting:
        for name, used in _notebook_names(value):
            if name not in found:
                found[name] = used
                waiting.append(used)
    return {**found, **asked}


def name_of(function: object) -> str:
    """The name under which a function, or anything else that can be called, travels."""
    return str(getattr(function, "__name__", type(function).__name__))


def _notebook_names(value: object) -> Iterator[tuple[str, Any]]:
    """The notebook's globals that a function or class of the notebook uses."""
    main = notebook_globals()
    for function in _functions_of(value):
        if function.__globals__ is main and getattr(value, "__module__", None) == "__main__":
            for name in _global_names(function.__code__):
                if name in main:
                    yield name, main[name]


def _functions_of(value: object) -> list[types.FunctionType]:
    if isinstance(value, types.FunctionType):
        return [value]
    if isinstance(value, type):
        return [member for member in vars(value).values() if isinstance(member, types.FunctionType)]
    return []


def _global_names(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        # an attribute's name is no global, whatever the notebook has under that name
        if instruction.opname in _READS_A_GLOBAL:
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)


def parts_of(name: str, value: object) -> Iterator[tuple[str, Any]]:
    """What `value` is made of, one level down: what its code uses, or its attributes, each in words."""
    for function in _functions_of(value):
        of_the_notebook = function.__globals__ is notebook_globals()
        for used in dict.fromkeys(_global_names(function.__code__)):
            if used in function.__globals__:
                shown = used if of_the_notebook else f"{used} (used by {name})"
                yield shown, function.__globals__[used]
        for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            yield f"{variable} (used by {name})", cell.cell_contents
    if not isinstance(value, (type, types.FunctionType, types.ModuleType)):
        for attribute, inner in getattr(value, "__dict__", {}).items():
            yield f"{name}.{attribute}", inner
