"""Finds the names that a cell needs from the notebook and binds, and the metrics that it reports.

They are read from the text and from the notebook's functions. Nothing is called or changed: even reading an
attribute of an object may run code, so only types are examined.
"""

from __future__ import annotations

import ast
import builtins
import symtable
import sys
import warnings
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

from jupyter_tune.payload.dependencies import codes_in
from jupyter_tune.payload.notebook_builtins import IPYTHON_NAMES, is_from_front_end

PACKAGE = "jupyter_tune"
INTEGRATIONS = f"{PACKAGE}.integrations"
"""What of this package reports by itself: the callbacks of other libraries."""


def names_of(code: str) -> tuple[set[str], set[str]]:
    """Global names that `code` loads, and those that it assigns or defines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(code, "<cell>", "exec")
    loads: set[str] = set()
    assigns: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            reaches_out = table is top or symbol.is_global()
            # a class body may read a global before it binds the same name
            if symbol.is_referenced() and (
                reaches_out or (table.get_type() == "class" and not symbol.is_free())
            ):
                loads.add(symbol.get_name())
            if symbol.is_assigned() and reaches_out:
                assigns.add(symbol.get_name())
    return loads, assigns


def altered(tree: ast.Module) -> set[str]:
    """Names in `x += 1` and `del x`, which must exist before; a symbol table counts them as bound only."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)) | ast.Name(id=name, ctx=ast.Del()):
                names.add(name)
    return names


def imported(tree: ast.Module) -> set[str]:
    """Names that the cell's imports bind; "*" for `from … import *`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                names.update(alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name for alias in aliases)
    return names


def is_built_in(name: str, namespace: Mapping[str, Any]) -> bool:
    """Whether trials find `name` without the notebook."""
    if name not in IPYTHON_NAMES and not hasattr(builtins, name):
        return False
    if name not in namespace:
        return True
    own = namespace[name]
    # IPython replaces open() and exit() in every notebook; trials have Python's
    return own is getattr(builtins, name, None) or (name in IPYTHON_NAMES and is_from_front_end(own))


def _module_of(value: object) -> str:
    """The name of the module that defines `value`, or its type."""
    kind = type(value)
    # use the type: reading an attribute of a lazy proxy may run any code
    home = value if issubclass(kind, (type, FunctionType)) else kind
    module = (
        vars(value).get("__name__") if issubclass(kind, ModuleType) else getattr(home, "__module__", None)
    )
    return module if isinstance(module, str) else ""


def is_ours(value: object) -> bool:
    """Whether this package defines `value` or its type."""
    return _module_of(value).split(".")[0] == PACKAGE


def reported_metrics(
    tree: ast.Module, uses: frozenset[str], namespace: Mapping[str, Any]
) -> frozenset[str] | None:
    """Metrics named in the cell's report(...) calls; None if other code may report more."""
    called: set[ast.expr] = set()
    metrics: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_report(node.func):
            called.add(node.func)
            for keyword in node.keywords:
                if keyword.arg is None:
                    return None
                metrics.add(keyword.arg)
    if any(_is_report(node) and node not in called for node in ast.walk(tree)):
        return None
    if _imports_integrations(tree) or (_imports_the_unknown(tree) and not metrics):
        return None
    seen: set[int] = set()
    if any(_may_report(namespace[name], namespace, seen) for name in uses if name in namespace):
        return None
    return frozenset(metrics - {"step"})


def _is_report(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="report", ctx=ast.Load()) | ast.Attribute(attr="report", value=ast.Name()):
            return True
    return False


def _imports_integrations(tree: ast.Module) -> bool:
    """Whether the cell imports something that reports by itself."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases) if any(_is_integration(alias.name) for alias in aliases):
                return True
            case ast.ImportFrom(module=str(module)) if _is_integration(module):
                return True
    return False


def _is_integration(module: str) -> bool:
    return module == INTEGRATIONS or module.startswith(f"{INTEGRATIONS}.")


def _imports_the_unknown(tree: ast.Module) -> bool:
    """Whether the cell imports a module that may call report()."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            root = name.split(".")[0]
            if root == PACKAGE or root in sys.stdlib_module_names:
                continue
            module = sys.modules.get(name)
            if module is None or _mentions_us(module):
                return True
    return False


def _mentions_us(module: ModuleType) -> bool:
    return any(is_ours(value) for value in list(vars(module).values()))


def _may_report(value: object, namespace: Mapping[str, Any], seen: set[int]) -> bool:
    """Whether `value`, the notebook's code that it uses, or its module may call report()."""
    if id(value) in seen:
        return False
    seen.add(id(value))
    if is_ours(value):
        return _is_integration(_module_of(value))
    if isinstance(value, ModuleType):
        return _mentions_us(value)
    if isinstance(value, FunctionType):
        module = sys.modules.get(_module_of(value))
        if module is not None and module.__name__ != "__main__" and value.__globals__ is vars(module):
            return _mentions_us(module)
        names = {name for code in codes_in(value.__code__) for name in code.co_names}
        return "report" in names or any(
            _may_report(namespace[name], namespace, seen) for name in names if name in namespace
        )
    if isinstance(value, type):
        return any(
            _may_report(member, namespace, seen) for member in vars(value).values() if callable(member)
        )
    kind = type(value)
    return _module_of(kind) == "__main__" and _may_report(kind, namespace, seen)
