"""Reads the statements of a cell in order and collects its parameters and their conditions."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.errors import CellError
from jupyter_tune.notebook.cell.conditions import Branches, Conditions, Where, values_of
from jupyter_tune.notebook.cell.declarations import TRIAL_NAMES, Declaration, Declarations
from jupyter_tune.notebook.cell.evaluator import Evaluator
from jupyter_tune.notebook.cell.kinds import Kinds


class Reader:
    """Walks the statements of a cell.

    parameters: those declared so far.
    spans:      the declaring statements, each with the parameter's name.
    others:     the statements that declare nothing.
    kinds:      recognises ranges.
    """

    def __init__(self, tree: ast.Module, namespace: Mapping[str, Any]):
        self.parameters: dict[str, Parameter] = {}
        self.spans: list[tuple[ast.stmt, str]] = []
        self.others: list[ast.stmt] = []
        self._where: dict[str, Conditions] = {}
        self._lines: dict[str, int] = {}
        self.kinds = Kinds(tree, namespace)
        self._declarations = Declarations(self.kinds)
        self._evaluator = Evaluator(namespace, self.parameters)
        self._branches = Branches(self.parameters, self._evaluator)

    def space(self) -> Space:
        when = {name: conditions for name in self.parameters if (conditions := self._conditions(name))}
        return Space(self.parameters, when=when)

    def _conditions(self, name: str) -> list[Condition]:
        return [
            Condition(parent, values)
            for parent, values in self._where[name].items()
            # a condition that always holds is dropped, unless the parent itself is conditional
            if self._where[parent] or len(values) < (self.parameters[parent].cells or 0)
        ]

    def read(self, statements: Sequence[ast.stmt], where: Where) -> None:
        """Raises CellError or SpaceError, with the line, for an invalid or misplaced declaration."""
        for statement in statements:
            if (declaration := self._declarations.of(statement)) is not None:
                self._declare(statement, declaration, where)
            elif isinstance(statement, ast.If) and self._declarations.are_inside(statement):
                self._declarations.refuse_inside(statement.test)
                holds, fails = self._branches.split(statement.test, where)
                self.read(statement.body, holds)
                self.read(statement.orelse, fails)
                self._evaluator.forget(statement)
            else:
                self._declarations.refuse_inside(statement)
                self._evaluator.note(statement)
                self.others.append(statement)

    def _declare(self, statement: ast.stmt, declaration: Declaration, where: Where) -> None:
        line = statement.lineno
        if not isinstance(declaration.target, ast.Name):
            raise CellError(
                f"{ast.unparse(declaration.target)} (line {line}): only a plain name can be a parameter; "
                "declare lr: Float(...), then assign it"
            )
        name = declaration.target.id
        culprit = f"{name} (line {line})"
        if name in TRIAL_NAMES:
            raise CellError(f"{culprit}: every trial defines this name; use another")
        if isinstance(where, str):
            raise CellError(f"{culprit}: {where}")
        parameter = declaration.parameter(lambda node: self._evaluator.value(node, culprit), culprit)
        if name in self.parameters:
            where = self._merged(name, parameter, where, culprit)
        self.parameters[name] = parameter
        self._where[name] = where
        self._lines[name] = line
        self.spans.append((statement, name))

    def _merged(self, name: str, parameter: Parameter, where: Conditions, culprit: str) -> Conditions:
        """The conditions of a name that is declared in two branches that exclude each other."""
        before, first = self._where[name], self._lines[name]
        differing = [parent for parent in before if before[parent] != where.get(parent)]
        if before.keys() != where.keys() or len(differing) != 1:
            raise CellError(f"{culprit}: already declared on line {first}; rename one")
        parent = differing[0]
        if set(before[parent]) & set(where[parent]):
            raise CellError(f"{culprit}: already declared on line {first}; rename one")
        if parameter != self.parameters[name]:
            raise CellError(
                f"{culprit}: line {first} declares it with another range or default; "
                "use the same in both branches, or two names"
            )
        both = (*before[parent], *where[parent])
        return {**where, parent: tuple(v for v in values_of(self.parameters[parent]) if v in both)}
