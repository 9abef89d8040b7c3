"""Evaluates ranges, defaults and conditions before any trial runs.

Python evaluates them with the notebook's variables. Nothing else of the cell runs. A name that the cell
itself binds further up has a value only if an import or a pure expression binds it (literals, arithmetic,
other such names, calls of a few built-ins and of math); this is evaluated when a range uses it. Any other
name that the cell binds or modifies is an error, even if the notebook has a variable of that name.
"""

from __future__ import annotations

import ast
import builtins
import copy
import importlib
import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from jupyter_tune.errors import CellError
from jupyter_tune.notebook.cell.names import names_of

_MAX_BITS = 4096
_PURE_BUILTINS = frozenset(
    {abs, bool, dict, enumerate, float, frozenset, int, len, list, max, min, range, reversed, round, set}
    | {sorted, str, sum, tuple, zip}
)
"""Cheap built-ins without side effects."""


class UnknownValueError(Exception):
    """An expression that has no value before the trials run; the message says why."""


@dataclass(frozen=True)
class _Bound:
    """A name that an import or assignment of the cell binds.

    value:   the expression, or a function that does the import.
    earlier: the names that the cell had bound before.
    """

    value: ast.expr | Callable[[], object]
    earlier: Mapping[str, _Bound | None]


class Evaluator:
    """Evaluates expressions at the reader's position in the cell.

    Args:
        namespace:  the notebook's variables.
        parameters: the names declared so far; grows while the cell is read.
    """

    def __init__(self, namespace: Mapping[str, Any], parameters: Container[str]):
        self._namespace = namespace
        self._parameters = parameters
        # None: the value exists only in a trial
        self._cell_names: dict[str, _Bound | None] = {}

    def value(self, node: ast.expr, culprit: str) -> Any:
        """The value of an expression. Raises a CellError that begins with `culprit` if it has none."""
        try:
            return self._evaluate(node, self._cell_names)
        except UnknownValueError as error:
            raise CellError(f"{culprit}: {error}") from None

    def outcomes(self, node: ast.expr, name: str, values: Sequence[object]) -> list[bool]:
        """Whether `node` is true for each of `values` of `name`. Raises UnknownValueError."""
        return [bool(self._evaluate(node, self._cell_names, {name: value})) for value in values]

    def note(self, statement: ast.stmt) -> None:
        """Record the effect of a statement that declares nothing: its imports and assignments give names a
        value; other names that it binds or modifies lose theirs."""
        before = dict(self._cell_names)
        self.forget(statement)
        for name, value in _bindings(statement):
            if name not in self._parameters:
                self._cell_names[name] = _Bound(value, before)

    def forget(self, statement: ast.stmt) -> None:
        """Names that `statement` binds or modifies lose their value."""
        for name in _changed_by(statement, self._is_module):
            if name not in self._parameters:
                self._cell_names[name] = None

    def _is_module(self, name: str) -> bool:
        return isinstance(self._namespace.get(name), ModuleType)

    def _look_up(self, name: str, cell_names: Mapping[str, _Bound | None]) -> object:
        if name in cell_names:
            bound = cell_names[name]
            way_out = "assign it in a cell above, and run that one"
            if bound is None:
                raise UnknownValueError(
                    f"{name} is computed in this cell, which runs in the trials only; {way_out}"
                )
            if callable(bound.value):
                try:
                    return bound.value()
                except Exception as error:
                    raise UnknownValueError(f"{name} cannot be imported here: {error}") from None
            if not self._is_pure(bound.value, bound.earlier):
                raise UnknownValueError(
                    f"{name} is computed in this cell by {ast.unparse(bound.value)}, which runs in the "
                    f"trials only; {way_out}"
                )
            return self._evaluate(bound.value, bound.earlier)
        if name in self._parameters:
            raise UnknownValueError(f"{name} is a parameter; a range or default cannot depend on one")
        if name in self._namespace:
            return self._namespace[name]
        raise UnknownValueError(
            f"{name} is not known here; assign or import it in a cell above and run that one first"
        )

    def _evaluate(
        self,
        node: ast.expr,
        cell_names: Mapping[str, _Bound | None],
        given: Mapping[str, object] | None = None,
    ) -> Any:
        for part in ast.walk(node):
            if isinstance(part, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)):
                raise UnknownValueError(
                    f"{ast.unparse(part)} is not possible here; move it to a line of its own"
                )
        scope: dict[str, Any] = {"__builtins__": builtins, "__name__": "__main__", _POWER: _power}
        loads, _ = names_of(ast.unparse(node))
        for name in loads:
            if given is not None and name in given:
                scope[name] = given[name]
            elif name in cell_names or name in self._namespace or not hasattr(builtins, name):
                scope[name] = self._look_up(name, cell_names)
        guarded = ast.fix_missing_locations(ast.Expression(_PowerGuard().visit(copy.deepcopy(node))))
        try:
            return eval(compile(guarded, "<range>", "eval", dont_inherit=True), scope)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            # including SystemExit: a range must not end the kernel
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            raise UnknownValueError(f"{ast.unparse(node)}: {said}") from None

    def _is_pure(self, node: ast.expr, cell_names: Mapping[str, _Bound | None]) -> bool:
        """Whether evaluating `node` is cheap and has no side effects."""
        for part in ast.walk(node):
            match part:
                case ast.Call(func=ast.Name(id=name)) if (
                    getattr(builtins, name, None) in _PURE_BUILTINS
                    and name not in cell_names
                    and name not in self._namespace
                ):
                    pass
                case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()))):
                    pass
                case ast.Call(func=ast.Attribute(value=ast.Name() as module)):
                    try:
                        if self._evaluate(module, cell_names) is not math:
                            return False
                    except UnknownValueError:
                        return False
                case ast.Call() | ast.Await() | ast.Lambda():
                    return False
        return True


_POWER = "power of the range"


class _PowerGuard(ast.NodeTransformer):
    """Replaces the operator ** by calls of `_power`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow):
            return node
        return ast.Call(ast.Name(_POWER, ast.Load()), [node.left, node.right], [])


def _power(base: Any, exponent: Any) -> Any:
    # floats overflow quickly, ints could take hours
    whole = isinstance(base, int) and isinstance(exponent, int)
    if whole and abs(base) > 1 and math.log2(abs(base)) * exponent > _MAX_BITS:
        raise OverflowError("the result is too large")
    return base**exponent


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, ast.expr | Callable[[], object]]]:
    """(name, value) of the names that a statement binds by import or assignment."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _unpacked(target, value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.Import(names=aliases):
            for alias in aliases:
                yield _imported(alias.name, alias.asname)
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            for alias in aliases:
                yield alias.asname or alias.name, _member(module, alias.name)


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case (
            ast.Tuple(elts=targets) | ast.List(elts=targets),
            ast.Tuple(elts=values) | ast.List(elts=values),
        ) if len(targets) == len(values) and not any(isinstance(v, ast.Starred) for v in (*targets, *values)):
            for inner_target, inner_value in zip(targets, values, strict=True):
                yield from _unpacked(inner_target, inner_value)


def _imported(name: str, alias: str | None) -> tuple[str, Callable[[], object]]:
    root = name.split(".")[0]

    def load() -> object:
        module = importlib.import_module(name)
        return module if alias else importlib.import_module(root)

    return alias or root, load


def _member(module: str, name: str) -> Callable[[], object]:
    def load() -> object:
        home = importlib.import_module(module)
        return getattr(home, name) if hasattr(home, name) else importlib.import_module(f"{module}.{name}")

    return load


def _changed_by(statement: ast.stmt, is_module: Callable[[str], bool]) -> Iterator[str]:
    """Names that a statement binds, or whose object it may modify."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.split(".")[0]
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                if (root := _root(node)) is not None:
                    yield root
            case ast.Expr(value=ast.Call(func=ast.Attribute() as method)):
                # acts.append("elu"); functions of modules do not modify the module
                root = _root(method)
                if root is not None and not is_module(root):
                    yield root


def _root(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
