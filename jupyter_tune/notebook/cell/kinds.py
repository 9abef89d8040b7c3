"""Finds the expressions of a cell that are ranges: calls of Float, Int and Categorical, and existing ranges.

The three are recognised by their own names, unless the cell or the notebook binds one of these to something
else; by names that imports and the notebook give them; and as attributes of any name of this package. A name,
attribute or item that holds a range is a range too; the bounds and choices of a range are plain values.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any, TypeAlias

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.notebook.cell.makers import Makes, makes_ranges
from jupyter_tune.notebook.cell.names import PACKAGE

KINDS: dict[str, Callable[..., Parameter]] = {"Float": Float, "Int": Int, "Categorical": Categorical}

Range: TypeAlias = ast.Call | Parameter
"""The call in the cell, or the object in the notebook."""

_MISSING = object()


class Kinds:
    """The ranges of one cell.

    Args: namespace: the notebook's variables. Nothing in it is called.
    """

    def __init__(self, tree: ast.Module, namespace: Mapping[str, Any]):
        self._namespace = namespace
        self._names = {name: name for name in KINDS}
        self._packages = {"jt", PACKAGE}
        self._bound: set[str] = set()
        self._makers: dict[int, tuple[object, Makes]] = {}
        self.unsure: dict[str, str] = {}
        """Calls that may create ranges but have no readable source: text -> line."""
        for name, value in namespace.items():
            self._bind(name, value)
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=aliases):
                    for alias in aliases:
                        ours = alias.name.split(".")[0] == PACKAGE
                        self._note(alias.asname or alias.name.split(".")[0], package=ours)
                case ast.ImportFrom(module=module, names=aliases):
                    ours = (module or "").split(".")[0] == PACKAGE
                    for alias in aliases:
                        kind = alias.name if ours and alias.name in KINDS else None
                        self._note(alias.asname or alias.name, kind)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    self._note(name)
                case ast.Name(id=name, ctx=ast.Store()):
                    self._note(name)
                case (
                    ast.arg(arg=str(name))
                    | ast.ExceptHandler(name=str(name))
                    | ast.MatchAs(name=str(name))
                    | ast.MatchStar(name=str(name))
                    | ast.MatchMapping(rest=str(name))
                ):
                    # inside, the name does not refer to the notebook's variable
                    self._bound.add(name)

    def _bind(self, name: str, value: object) -> None:
        kind = next((kind for kind, made in KINDS.items() if value is made), None)
        package = isinstance(value, ModuleType) and value.__name__.split(".")[0] == PACKAGE
        if kind is not None or package or name in self._names or name in self._packages:
            self._note(name, kind, package=package)

    def _note(self, name: str, kind: str | None = None, *, package: bool = False) -> None:
        """Record that `name` is bound to `kind`, to this package, or to something else."""
        self._bound.add(name)
        self._names.pop(name, None)
        self._packages.discard(name)
        if kind is not None:
            self._names[name] = kind
        elif package:
            self._packages.add(name)

    @property
    def names(self) -> frozenset[str]:
        """Names of Float, Int and Categorical here; a trial's code does not need them."""
        return frozenset(self._names)

    def kind(self, node: ast.AST) -> str | None:
        """The name of the class if the expression is Float, Int or Categorical."""
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                return self._names.get(name)
            case (
                ast.Attribute(value=owner, attr=str(kind))
                | ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(kind)), *_])
                | ast.Subscript(
                    value=ast.Call(func=ast.Name(id="vars"), args=[owner])
                    | ast.Attribute(value=owner, attr="__dict__"),
                    slice=ast.Constant(value=str(kind)),
                )
            ) if kind in KINDS and self._is_package(owner):
                return kind
        return None

    def _is_package(self, node: ast.expr) -> bool:
        """Whether the expression is this package or one of its modules."""
        while isinstance(node, ast.Attribute):
            node = node.value
        match node:
            case ast.Name(id=name):
                return name in self._packages
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                return name.partition(".")[0] == PACKAGE
        return False

    def range(self, node: ast.AST | None) -> Range | None:
        """The range if the expression is one, else None."""
        if isinstance(node, ast.Call):
            return node if self.kind(node.func) is not None else None
        held = self._held(node)
        return held if isinstance(held, Parameter) else None

    def _held(self, node: ast.AST | None) -> object:
        """The notebook's object for a name, attribute or item, found without running code."""
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name not in self._bound:
                return self._namespace.get(name, _MISSING)
            case ast.Attribute(value=owner, attr=attribute):
                return inspect.getattr_static(self._held(owner), attribute, _MISSING)
            case ast.Subscript(value=owner, slice=ast.Constant(value=key)):
                return _item(self._held(owner), key)
            case ast.Subscript(
                value=owner, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(key)))
            ):
                return _item(self._held(owner), -key)
        return _MISSING

    def has_ranges(self, node: ast.AST) -> bool:
        """Whether the notebook's object is a range or a collection that contains one."""
        return _has_ranges(self._held(node))

    def calls_notebook(self, annotation: ast.AST) -> bool:
        """Whether the expression calls a function of the notebook, which may create a range."""
        return isinstance(annotation, ast.Call) and isinstance(
            self._held(annotation.func), (FunctionType, functools.partial)
        )

    def makes(self, node: ast.AST | None) -> bool:
        """Whether the expression calls a function of the notebook that creates ranges (makers.py)."""
        if not isinstance(node, (ast.Call, ast.Attribute)) or self.kind(node) or self._is_kind_called(node):
            return False
        function = self._run_by(node)
        if id(function) not in self._makers:
            # keep a reference: the id of a deleted object can be reused
            self._makers[id(function)] = (function, makes_ranges(function))
        made = self._makers[id(function)][1]
        if made is Makes.PERHAPS:
            self.unsure.setdefault(ast.unparse(node), f"line {node.lineno}")
        return made is Makes.YES

    def _is_kind_called(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and self.kind(node.func) is not None

    def _run_by(self, node: ast.Call | ast.Attribute) -> object:
        """The notebook's function that a call or property runs, if any."""
        if isinstance(node, ast.Attribute):
            owner = self._held(node.value)
            found = inspect.getattr_static(owner, node.attr, None) if owner is not _MISSING else None
            return found.fget if isinstance(found, property) else None
        match node.func:
            case ast.Call(func=made) if isinstance(kind := self._held(made), type):
                return inspect.getattr_static(kind, "__call__", None)
            case ast.Attribute(value=ast.Call(func=made), attr=name) if isinstance(
                kind := self._held(made), type
            ):
                return inspect.getattr_static(kind, name, None)
        return self._held(node.func)

    def stray(self, node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
        """(expression, description of its place) of every range inside `node`."""
        yield from self._stray(node, _place(node) or "an expression")

    def _stray(self, node: ast.AST, place: str) -> Iterator[tuple[ast.expr, str]]:
        if isinstance(node, ast.expr):
            if self._is_kind_called(node) or self.makes(node):
                yield node, place
                return
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "eval":
                yield from self._written_in(node, lambda code: [])
            if self.kind(node) is not None or self.has_ranges(node):
                yield node, place
                return
            if isinstance(node, ast.Subscript) and self._held(node) is not _MISSING:
                return
            if isinstance(node, ast.Attribute) and (
                isinstance(self.range(node.value), Parameter) or self.makes(node.value)
            ):
                return
        for name, field in ast.iter_fields(node):
            for child in field if isinstance(field, list) else [field]:
                if not isinstance(child, ast.AST):
                    continue
                inner = _place(child) or place
                if isinstance(node, ast.Call) and name in ("args", "keywords") and inner == place:
                    inner = "a call"
                if name in ("annotation", "returns"):
                    yield from self._annotated(child)
                yield from self._stray(child, inner)

    def _annotated(self, annotation: ast.AST) -> Iterator[tuple[ast.expr, str]]:
        """Ranges that an annotation names or contains in a string."""
        for node in ast.walk(annotation):
            if isinstance(node, ast.expr) and isinstance(self.range(node), Parameter):
                yield node, _place(annotation) or "an expression"
        # calls of the notebook's functions may create one
        yield from self._written_in(annotation, self._calls)

    def _written_in(
        self, holder: ast.AST, more: Callable[[ast.expr], list[ast.expr]]
    ) -> Iterator[tuple[ast.expr, str]]:
        """Ranges in strings inside `holder`; for a string without any, those that `more` finds."""
        for node in ast.walk(holder):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                try:
                    code = ast.parse(node.value.strip(), mode="eval").body
                except (SyntaxError, ValueError):
                    continue
                for mention in [each for each, _ in self._stray(code, "")] or more(code):
                    yield ast.copy_location(mention, node), "a string"

    def _calls(self, code: ast.expr) -> list[ast.expr]:
        return [node for node in ast.walk(code) if isinstance(node, ast.expr) and self.calls_notebook(node)]


def _item(holder: object, key: object) -> object:
    """The item of a plain collection at a key or index."""
    try:
        if type(holder) in (dict, Space, list, tuple):
            return holder[key]  # type: ignore[index]
    except (LookupError, TypeError):
        pass
    return _MISSING


def _has_ranges(value: object, depth: int = 3) -> bool:
    if isinstance(value, Parameter):
        return True
    if isinstance(value, functools.partial) and value.func in KINDS.values():
        return True
    if depth == 0 or type(value) not in (dict, Space, list, tuple, set, frozenset):
        return False
    parts = value.values() if isinstance(value, Mapping) else value
    return any(_has_ranges(part, depth - 1) for part in parts)  # type: ignore[attr-defined]


def _place(node: ast.AST) -> str | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return "a union"
    return _PLACES.get(type(node))


_PLACES: dict[type[ast.AST], str] = {
    ast.For: "a for loop",
    ast.AsyncFor: "a for loop",
    ast.While: "a while loop",
    ast.FunctionDef: "a function",
    ast.AsyncFunctionDef: "a function",
    ast.Lambda: "a lambda",
    ast.ClassDef: "a class",
    ast.Try: "a try",
    ast.TryStar: "a try",
    ast.With: "a with block",
    ast.AsyncWith: "a with block",
    ast.Match: "a match",
    ast.Dict: "a dict",
    ast.List: "a list",
    ast.Tuple: "a tuple",
    ast.Set: "a set",
    ast.IfExp: "a conditional expression",
    ast.BoolOp: "a condition",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.JoinedStr: "an f-string",
    ast.BinOp: "an expression",
    ast.Subscript: "a subscript",
}
