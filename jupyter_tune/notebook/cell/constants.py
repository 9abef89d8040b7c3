"""The names that ranges, defaults and conditions may use: those whose values are known before a trial runs.

Known is what the notebook has, and what the cell itself has bound to a literal further up. What the
cell computes is not, and hides what the notebook has under that name.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping
from typing import Any

from jupyter_tune.errors import CellError
from jupyter_tune.notebook.cell.literals import NotLiteralError, evaluate, is_plain

_COMPUTED = object()
"""The value of a name that the cell binds to anything but a literal."""


class Constants:
    """What is known where the reader of the cell stands.

    Args:
        namespace:  the notebook's variables.
        parameters: the names declared so far; grows while the cell is read.
    """

    def __init__(self, namespace: Mapping[str, Any], parameters: Container[str]):
        self._namespace = namespace
        self._parameters = parameters
        self._of_the_cell: dict[str, object] = {}

    def value(self, node: ast.expr, culprit: str) -> Any:
        """The value of an expression. Raises CellError that begins with `culprit` if it is not literal."""
        try:
            return evaluate(node, self.look_up, {})
        except NotLiteralError as error:
            raise CellError(f"{culprit}: {error}") from None

    def look_up(self, name: str) -> object:
        """The plain value of `name`. Raises NotLiteralError if it has none."""
        if name in self._of_the_cell:
            value = self._of_the_cell[name]
        elif name in self._parameters:
            raise NotLiteralError(f"{name} is a parameter; a range or default cannot depend on one")
        elif name in self._namespace:
            value = self._namespace[name]
        else:
            raise NotLiteralError(
                f"{name} is not known here; assign it in a cell above and run that one first"
            )
        if value is _COMPUTED or not is_plain(value):
            shown = "computed in this cell" if value is _COMPUTED else f"of type {type(value).__name__}"
            raise NotLiteralError(f"{name} is {shown}; ranges take numbers, strings and lists of them")
        return value

    def pass_by(self, statement: ast.stmt) -> None:
        """The reader has passed a statement that declares nothing: NAME = literal is known from now on,
        whatever else it binds no longer is."""
        self.forget(statement)
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value):
                if name not in self._parameters:
                    try:
                        self._of_the_cell[name] = evaluate(value, self.look_up, {})
                    except NotLiteralError:
                        self._of_the_cell[name] = _COMPUTED

    def forget(self, statement: ast.stmt) -> None:
        """Whatever `statement` binds is unknown from now on."""
        for name in _bound_by(statement):
            if name not in self._parameters:
                self._of_the_cell[name] = _COMPUTED


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.split(".")[0]
