"""What an `if` says of the parameters that are declared under it.

A test is understood if it compares one parameter, declared above, that has few values: it is evaluated
for each of them. `a and b` may compare one parameter each. Why another test is not understood is said only
where something is declared under it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter, Scalar
from jupyter_tune.notebook.cell.known import Known, NotKnownError

MAX_CONDITION_VALUES = 1000
"""A whole-number parameter with more values cannot be the subject of an `if` with declarations."""

Values: TypeAlias = tuple[Scalar, ...]
Conditions: TypeAlias = dict[str, Values]
"""Parent -> the values with which a block runs; all of them must hold."""

Where: TypeAlias = Conditions | str
"""What must hold for a block to run; or, in words, why that cannot be said."""


class _Cases(NamedTuple):
    """The values of `parent` with which a test holds, and those with which it fails."""

    parent: str
    holds: Values
    fails: Values


class Branches:
    """Splits ifs into what holds in their branches.

    Args:
        parameters: those declared so far; grows while the cell is read.
        known:      the values of all other names.
    """

    def __init__(self, parameters: Mapping[str, Parameter], known: Known):
        self._parameters = parameters
        self._known = known

    def split(self, test: ast.expr, where: Where) -> tuple[Where, Where]:
        """What holds in the body and in the else of `if test`, inside a block where `where` holds."""
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
        """When `test` holds and when not; or why that cannot be said."""
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
            outcomes = self._known.outcomes(test, parent, objects)
        except NotKnownError as error:
            return f"`if {ast.unparse(test)}`: {error}"
        cases = list(zip(values, outcomes, strict=True))
        return _Cases(
            parent,
            tuple(value for value, holds in cases if holds),
            tuple(value for value, holds in cases if not holds),
        )


def values_of(parameter: Parameter) -> Sequence[Scalar]:
    """Every value of a countable parameter, in order; of choices their labels."""
    if isinstance(parameter, Categorical):
        return parameter.labels
    if isinstance(parameter, Int):
        return range(parameter.low, parameter.high + 1, parameter.step)
    raise TypeError(f"{parameter!r} has no list of values")


def _both(where: Where, parent: str, values: Values, otherwise: str) -> Where:
    """`where` and `parent` in `values`; `otherwise` if nothing is left."""
    if isinstance(where, str):
        return where
    left = tuple(v for v in where.get(parent, values) if v in values)
    return {**where, parent: left} if left else f"{otherwise}: no trial would have it; check the values"
