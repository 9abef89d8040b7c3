"""Turns an `if` into conditions of the parameters declared under it.

A test is supported if it compares one parameter that is declared above and has few values: it is evaluated
for each of them. In `a and b` each part may compare a parameter of its own. Another test is an error only if
something is declared under it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter, Scalar
from jupyter_tune.notebook.cell.evaluator import Evaluator, UnknownValueError

MAX_CONDITION_VALUES = 1000
"""An Int with more values cannot be compared by an `if` with declarations."""

Values: TypeAlias = tuple[Scalar, ...]
Conditions: TypeAlias = dict[str, Values]
"""Parent -> the values with which a block runs; all of them must hold."""

Where: TypeAlias = Conditions | str
"""The conditions under which a block runs, or a text that says why they are not supported."""


class _Cases(NamedTuple):
    """The values of `parent` for which a test holds, and those for which it fails."""

    parent: str
    holds: Values
    fails: Values


class Branches:
    """Finds the conditions of the branches of an `if`.

    Args:
        parameters: those declared so far; grows while the cell is read.
        known:      evaluates all other names.
    """

    def __init__(self, parameters: Mapping[str, Parameter], known: Evaluator):
        self._parameters = parameters
        self._evaluator = known

    def split(self, test: ast.expr, where: Where) -> tuple[Where, Where]:
        """The conditions of the body and of the else of `if test`, inside a block with conditions `where`."""
        if isinstance(where, str):
            return where, where
        parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
        if len(self._subjects(test)) == 1:
            parts = [test]
        holds: Where = where
        fails: Where = where
        for part in parts:
            cases = self._cases(part)
            if isinstance(cases, str):
                return cases, cases
            holds = _both(holds, cases.parent, cases.holds, f"{ast.unparse(part)} never holds here")
            fails = _both(where, cases.parent, cases.fails, f"{ast.unparse(part)} always holds here")
        if len(parts) > 1:
            fails = f"the else of `{ast.unparse(test)}` compares two parameters; nest two ifs instead"
        return holds, fails

    def _subjects(self, test: ast.expr) -> list[str]:
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        return sorted(names & set(self._parameters))

    def _cases(self, test: ast.expr) -> _Cases | str:
        """For which values `test` holds and fails, or a text that says why it is not supported."""
        subjects = self._subjects(test)
        if len(subjects) != 1:
            return f"`if {ast.unparse(test)}` must compare one parameter declared above it"
        parent = subjects[0]
        parameter = self._parameters[parent]
        if parameter.cells is None or parameter.cells > MAX_CONDITION_VALUES or isinstance(parameter, Float):
            return (
                f"`if {ast.unparse(test)}`: {parent} has too many values for a condition; "
                f"use a Categorical, or an Int of at most {MAX_CONDITION_VALUES} values"
            )
        values = values_of(parameter)
        try:
            objects = parameter.choices if isinstance(parameter, Categorical) else values
            outcomes = self._evaluator.outcomes(test, parent, objects)
        except UnknownValueError as error:
            return f"`if {ast.unparse(test)}`: {error}"
        cases = list(zip(values, outcomes, strict=True))
        return _Cases(
            parent,
            tuple(value for value, holds in cases if holds),
            tuple(value for value, holds in cases if not holds),
        )


def values_of(parameter: Parameter) -> Sequence[Scalar]:
    """All values of a Categorical (their labels) or Int, in order."""
    if isinstance(parameter, Categorical):
        return parameter.labels
    if isinstance(parameter, Int):
        return range(parameter.low, parameter.high + 1, parameter.step)
    raise TypeError(f"{parameter!r} has no list of values")


def _both(where: Where, parent: str, values: Values, otherwise: str) -> Where:
    """`where` combined with `parent` in `values`; the text `otherwise` if no value is left."""
    if isinstance(where, str):
        return where
    left = tuple(v for v in where.get(parent, values) if v in values)
    return {**where, parent: left} if left else f"{otherwise}: no trial would have it; check the values"
