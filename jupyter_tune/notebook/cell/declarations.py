"""Which statements of a cell declare a parameter, and the parameter that each declares.

    lr: Float(...) = 1e-2    lr: Annotated[float, Float(...)] = 1e-2    lr = Float(...)    (lr := Float(...))

Float, Int and Categorical are ours under their own names, unless the cell or the notebook has
something else under one of them, and as attributes of whatever name this package goes by.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter, with_default
from jupyter_tune.errors import CellError, SpaceError
from jupyter_tune.notebook.cell.names import PACKAGE, is_ours

KINDS: dict[str, Callable[..., Parameter]] = {"Float": Float, "Int": Int, "Categorical": Categorical}
GIVEN = frozenset({"report", "trial"})
"""Names that every trial finds in its cell."""

_SIGNATURES = {
    "Float": "Float(low, high, log=, reverse_log=, step=, default=)",
    "Int": "Int(low, high, log=, step=, default=)",
    "Categorical": "Categorical([...], ordered=, default=)",
}

_PLACES: dict[type[ast.AST], str] = {
    ast.For: "a for loop",
    ast.AsyncFor: "a for loop",
    ast.While: "a while loop",
    ast.FunctionDef: "a function",
    ast.AsyncFunctionDef: "a function",
    ast.ClassDef: "a class",
    ast.Try: "a try",
    ast.TryStar: "a try",
    ast.With: "a with block",
    ast.AsyncWith: "a with block",
    ast.Match: "a match",
}


@dataclass(frozen=True)
class Declaration:
    """`target` is to be a parameter of the range `call`; `value` is its default, if one is written."""

    target: ast.expr
    call: ast.Call
    value: ast.expr | None

    def parameter(self, value_of: Callable[[ast.expr], Any], culprit: str) -> Parameter:
        """What is declared.

        Args: value_of: the value of a literal expression. culprit: what to call it in errors.
        Raises: CellError, SpaceError.
        """
        func = self.call.func
        kind = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
        names = [keyword.arg for keyword in self.call.keywords]
        if None in names or any(isinstance(argument, ast.Starred) for argument in self.call.args):
            raise CellError(f"{culprit}: * and ** cannot be read here; write {_SIGNATURES[kind]}")
        arguments = [value_of(argument) for argument in self.call.args]
        keywords = {str(keyword.arg): value_of(keyword.value) for keyword in self.call.keywords}
        try:
            parameter = KINDS[kind](*arguments, **keywords)
        except SpaceError as error:
            raise SpaceError(f"{culprit}: {str(error).removeprefix(f'{kind}: ')}") from None
        except TypeError as error:
            complaint = str(error).replace(f"{kind}.__init__()", kind)
            raise CellError(f"{culprit}: {complaint}; write {_SIGNATURES[kind]}") from None
        return parameter if self.value is None else with_default(parameter, value_of(self.value), culprit)


class Declarations:
    """Finds the declarations of a cell, knowing which names stand for Float, Int and Categorical."""

    def __init__(self, tree: ast.Module, namespace: Mapping[str, Any]):
        self._foreign = {name for name in KINDS if not is_ours(namespace.get(name, Float))}
        self._packages = {"jt", PACKAGE} | {
            name
            for name, value in namespace.items()
            if isinstance(value, ModuleType) and value.__name__ == PACKAGE
        }
        for statement in tree.body:
            if isinstance(statement, ast.Import):
                self._packages |= {a.asname for a in statement.names if a.name == PACKAGE and a.asname}
            elif isinstance(statement, ast.ImportFrom):
                names = {a.asname or a.name for a in statement.names}
                ours = (statement.module or "").split(".")[0] == PACKAGE
                self._foreign = self._foreign - names if ours else self._foreign | (names & set(KINDS))

    def of(self, node: ast.AST) -> Declaration | None:
        """What this very node declares. Raises CellError where it nearly does."""
        match node:
            case ast.AnnAssign():
                if (call := self._annotated(node.annotation)) is not None:
                    return Declaration(node.target, call, node.value)
                if (call := self._call(node.value)) is not None:
                    return Declaration(node.target, call, None)
                bare = node.annotation
                if isinstance(bare, ast.Name) and bare.id in KINDS and bare.id not in self._foreign:
                    raise CellError(
                        f"{ast.unparse(node.target)} (line {node.lineno}): {bare.id} has no range; "
                        f"write {_SIGNATURES[bare.id]}"
                    )
            case ast.Assign():
                if (call := self._call(node.value)) is not None:
                    if len(node.targets) > 1:
                        raise CellError(
                            f"{ast.unparse(node.targets[0])} (line {node.lineno}): a range belongs to one "
                            "name; give every parameter its own line"
                        )
                    return Declaration(node.targets[0], call, None)
            case ast.NamedExpr():
                if (call := self._call(node.value)) is not None:
                    return Declaration(node.target, call, None)
        return None

    def first_inside(self, statement: ast.AST) -> Declaration | None:
        """The first that `statement` declares, at any depth."""
        found = (self.of(node) for node in ast.walk(statement))
        return next((declaration for declaration in found if declaration is not None), None)

    def refuse_inside(self, statement: ast.AST) -> None:
        """Raises CellError if `statement`, where nothing can be declared, declares something."""
        declaration = self.first_inside(statement)
        if declaration is not None:
            place = _PLACES.get(type(statement), "an expression")
            raise CellError(
                f"{ast.unparse(declaration.target)} (line {declaration.target.lineno}): a range cannot be "
                f"declared inside {place}; declare it at the top level of the cell, or under an if "
                "that compares a parameter"
            )

    def _annotated(self, node: ast.expr) -> ast.Call | None:
        match node:
            case ast.Subscript(
                value=ast.Name(id="Annotated") | ast.Attribute(attr="Annotated"), slice=ast.Tuple(elts=parts)
            ):
                return next((call for part in parts if (call := self._call(part)) is not None), None)
        return self._call(node)

    def _call(self, node: ast.expr | None) -> ast.Call | None:
        match node:
            case ast.Call(func=ast.Name(id=kind)) if kind in KINDS and kind not in self._foreign:
                return node
            case ast.Call(func=ast.Attribute(value=ast.Name(id=package), attr=kind)) if (
                package in self._packages and kind in KINDS
            ):
                return node
        return None
