"""Finds, before a study starts, calls that need the notebook itself, which trials do not have.

get_ipython().system("ls")     get_ipython() is None in a trial. Code that tests it first
ip = get_ipython(); ip.kernel  (`if ip is not None:`) is accepted
exit                           ends a notebook without being called, but does nothing in a trial
"""

from __future__ import annotations

import dis
import itertools
import types
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_tune.errors import PayloadError
from jupyter_tune.payload.dependencies import codes_in, dependencies
from jupyter_tune.payload.imports import codes_of

_SHELL = "get_ipython"
_LEAVING = ("exit", "quit")

_BESIDE = {"CACHE", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL"}
_CALLS = {"CALL", "CALL_FUNCTION"}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR"}
_LOADS = {"LOAD_DEREF", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME"}
_STORES = {"STORE_DEREF", "STORE_FAST", "STORE_GLOBAL", "STORE_NAME"}


def refuse_notebook_calls(work: Mapping[str, Any]) -> None:
    """Raises PayloadError with the name and line of a call in `work` that needs the notebook."""
    own = dependencies(work).keys()
    for code in codes_of(work):
        for each in codes_in(code):
            asked = {_SHELL, *_LEAVING} & {*each.co_names} - own
            if asked:
                _refuse(each, asked)


def _refuse(code: types.CodeType, asked: set[str]) -> None:
    steps = [(name, value, line) for name, value, line in _steps(code) if name not in _BESIDE]
    # names that the code assigns are its own; importing them from IPython changes nothing
    asked = asked - {
        value
        for (before, _, _), (name, value, _) in itertools.pairwise(steps)
        if name in _STORES and before != "IMPORT_FROM"
    }
    shells = {f"{_SHELL}()"}
    tested: set[str] = set()
    used: list[tuple[str, str, int]] = []
    # each load of a name, with the two instructions after it
    for (load, name, line), (second, value, _), (third, attribute, _) in zip(
        steps, steps[1:], steps[2:], strict=False
    ):
        if load not in _LOADS:
            continue
        if name == _SHELL and name in asked and second in _CALLS:
            if third in _ATTRIBUTES:
                used.append((f"{_SHELL}()", attribute, line))
            elif third in _STORES:
                shells.add(attribute)
            elif third != "POP_TOP":
                tested.add(f"{_SHELL}()")
        elif name in _LEAVING and name in asked and second == "POP_TOP":
            raise PayloadError(
                f"{name} ({_place(code, line)}): does nothing in a trial; call it, {name}(), to end the trial"
            )
        elif second in _ATTRIBUTES:
            used.append((name, value, line))
        else:
            tested.add(name)
    for name, attribute, line in used:
        if name in shells - tested:
            raise _needs_the_notebook(f"{name}.{attribute}", code, line)


def _steps(code: types.CodeType) -> Iterator[tuple[str, Any, int]]:
    line = code.co_firstlineno
    for step in dis.get_instructions(code):
        line = step.starts_line or line
        yield step.opname, step.argval, line


def _needs_the_notebook(what: str, code: types.CodeType, line: int) -> PayloadError:
    return PayloadError(
        f"{what} ({_place(code, line)}): a trial has no notebook, get_ipython() is None there; "
        "do this in a cell above"
    )


def _place(code: types.CodeType, line: int) -> str:
    if code.co_name == "<module>":
        return f"line {line}"
    return f"line {line - code.co_firstlineno + 1} of {code.co_name}()"
