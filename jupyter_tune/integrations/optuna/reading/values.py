"""What stands for values while an objective is read.

Anything that is known is itself: a number, a list made by the objective, a function of the notebook. Lists
and dicts may hold the others:

    Unknown     what only a trial has, and why
    Dependent   a function of the values of some parameters
    TRIAL       the trial
    Made        an object that the objective makes of a class of the user's, with the trial
    Function    a function that the objective defines
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn


class NotPlainError(Exception):
    """A value that only a trial has was used as if it were known."""


class Stands:
    """A value that stands for another: whatever looks at it fails, and what came of it is unknown."""

    def _refuse(self, *_: object) -> NoReturn:
        raise NotPlainError

    __bool__ = __len__ = __iter__ = __str__ = __repr__ = __format__ = __index__ = __float__ = __int__ = (
        _refuse
    )
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __contains__ = _refuse
    __hash__ = _refuse


class Unknown(Stands):
    """`what` is not known: a text, or the expression."""

    def __init__(self, what: str | ast.AST):
        self._what = what

    @property
    def why(self) -> str:
        """What is not known, as text."""
        return self._what if isinstance(self._what, str) else ast.unparse(self._what)


class Dependent(Stands):
    """`of` gives the value for a mapping of parameters to values; it reads those in `parents` alone."""

    def __init__(self, parents: tuple[str, ...], of: Callable[[Mapping[str, Any]], Any]):
        self.parents, self.of = parents, of


class _Trial(Stands):
    pass


TRIAL = _Trial()


@dataclass(eq=False)
class TrialMethod:
    name: str


@dataclass(eq=False)
class Made:
    kind: type
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Function:
    """`scope`: the variables around it, which it also sees later changes of."""

    node: ast.FunctionDef | ast.Lambda
    scope: Any
    defaults: dict[str, Any]


def is_symbol(value: object) -> bool:
    """Whether `value` is nothing that the objective itself would see."""
    return isinstance(value, (Stands, TrialMethod, Made, Function))


def lift(operation: Callable[..., Any], node: ast.AST, *operands: Any) -> Any:
    """`operation` of `operands`: unknown if one is, a function of parameters if one is that."""
    for operand in operands:
        if isinstance(operand, Unknown):
            return operand
    if any(operand is TRIAL for operand in operands):
        return unknown(node)
    parents = tuple(
        dict.fromkeys(
            itertools.chain.from_iterable(each.parents for each in operands if isinstance(each, Dependent))
        )
    )
    if parents:

        def of(point: Mapping[str, Any]) -> Any:
            return operation(*(at(operand, point) for operand in operands))

        return Dependent(parents, of)
    try:
        return operation(*operands)
    except Exception:  # the objective would raise here, or a part of an operand is unknown
        return unknown(node)


def at(value: Any, point: Mapping[str, Any]) -> Any:
    """What `value` is with these values of the parameters."""
    return value.of(point) if isinstance(value, Dependent) else value


def unknown(node: ast.AST) -> Unknown:
    return Unknown(node)
