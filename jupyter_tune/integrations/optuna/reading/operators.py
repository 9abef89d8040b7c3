"""The operators of Python by their syntax; those that could take for ever raise OverflowError."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

LONGEST = 1_000_000
"""Elements of a list that is made or gone through."""
_LARGEST_POWER = 4096


def _power(base: Any, exponent: Any) -> Any:
    # floats overflow quickly, whole numbers could take hours
    whole = isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1
    if whole and math.log2(abs(base)) * exponent > _LARGEST_POWER:
        raise OverflowError
    return base**exponent


def _times(one: Any, other: Any) -> Any:
    for sequence, count in ((one, other), (other, one)):
        repeats = isinstance(sequence, (str, list, tuple)) and isinstance(count, int)
        if repeats and len(sequence) * count > LONGEST:
            raise OverflowError
    return one * other


BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _times,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, several: one in several,
    ast.NotIn: lambda one, several: one not in several,
}
