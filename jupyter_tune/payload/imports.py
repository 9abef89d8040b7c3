"""Finds the modules that code imports, from its bytecode. Nothing is run or imported.

import a.b                 a.b
from a import b            a and a.b, which may be a module
from . import b            the same, relative to the package of the code
import_module("a.b")       every string in the same code object that may be a module's name
"""

from __future__ import annotations

import ast
import dis
import importlib.util
import types
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from jupyter_tune.payload.dependencies import codes_in, dependencies, functions_of, notebook_package

_IMPORTS = bytes([dis.opmap["IMPORT_NAME"]])
_BY_TEXT = {"import_module", "__import__"}


def imports_of(work: Mapping[str, Any]) -> set[str]:
    """The modules that the code of `work` (see trials/program.py) imports."""
    package = notebook_package()
    return {name for code in codes_of(work) for name in imports_in(code, package)}


def codes_of(work: Mapping[str, Any]) -> Iterator[types.CodeType]:
    """The code of the cell, and of every function that is sent with it."""
    if "source" in work:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        with suppress(SyntaxError):  # the trial fails with it
            yield compile(work["source"], "<cell>", "exec", flags=flags, dont_inherit=True)
    for value in dependencies(work).values():
        members = vars(value).values() if isinstance(value, type) else ()
        functions = {function for each in (value, *members) for function in functions_of(each)}
        yield from (function.__code__ for function in functions)


def imports_in(code: types.CodeType, package: str = "") -> Iterator[str]:
    """The modules that `code` and the code inside it import. `package`: the base of relative imports."""
    for each in codes_in(code):
        if _IMPORTS in each.co_code[::2]:
            yield from _statements(each, package)
        if _BY_TEXT & {*each.co_names}:
            yield from (text for text in each.co_consts if isinstance(text, str) and _is_module_name(text))


def bound_by_import(source: bytes, package: str = "") -> dict[str, tuple[str, str]]:
    """The names that `from module import name as own` binds in a module: own name -> (module, name).

    Args: package: the base of relative imports. Raises: SyntaxError.
    """
    return {
        alias.asname or alias.name: (_absolute(node.module or "", node.level, package), alias.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _statements(code: types.CodeType, package: str) -> Iterator[str]:
    module = ""
    before: list[Any] = [0, None]
    for instruction in dis.get_instructions(code):
        if instruction.opname == "EXTENDED_ARG":
            continue
        if instruction.opname == "IMPORT_NAME":
            # the two instructions before load the level and the names to import
            module = _absolute(instruction.argval, before[-2], package)
            if module:
                yield module
        elif instruction.opname == "IMPORT_FROM" and module:
            yield f"{module}.{instruction.argval}"
        before = [before[-1], instruction.argval]


def _absolute(name: str, level: Any, package: str) -> str:
    """The module's full name; "" for a relative import outside a package."""
    if not level:
        return name
    try:
        return importlib.util.resolve_name("." * level + name, package)
    except ImportError:
        return ""


def _is_module_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))
