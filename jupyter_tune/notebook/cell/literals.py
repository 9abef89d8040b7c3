"""Literal expressions, read node by node: numbers, strings, lists, arithmetic, comparisons, names.

Nothing of the user's runs, whatever the text says; and nothing takes long: whole numbers
that would grow for hours are refused before they are computed.
"""

from __future__ import annotations

import ast
import math
import numbers
import operator
from collections.abc import Callable, Mapping
from typing import Any


class NotLiteralError(Exception):
    """An expression that is not literal; the message says what is wrong, in words."""


_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, among: item in among,
    ast.NotIn: lambda item, among: item not in among,
    ast.Is: lambda left, right: left is right,
    ast.IsNot: lambda left, right: left is not right,
}
_MAX_BITS = 4096


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real)


def is_plain(value: object) -> bool:
    """Whether `value` is a real number, a string, None, or lists of them."""
    if isinstance(value, (list, tuple, range)):
        return all(is_plain(item) for item in value)
    return value is None or isinstance(value, str) or _is_number(value)


def evaluate(node: ast.expr, look_up: Callable[[str], object], bound: Mapping[str, object]) -> Any:
    """The value of a literal expression. Raises NotLiteralError; runs nothing of the user's."""

    def inner(part: ast.expr) -> Any:
        return evaluate(part, look_up, bound)

    try:
        match node:
            case ast.Constant(value=value) if is_plain(value):
                return value
            case ast.Name(id=name):
                return bound[name] if name in bound else look_up(name)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return [inner(part) for part in parts]
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return _UNARY[type(op)](inner(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _arithmetic(op, inner(left), inner(right))
            case ast.BoolOp(op=op, values=parts):
                every = isinstance(op, ast.And)
                outcomes = map(inner, parts)
                return all(outcomes) if every else any(outcomes)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [inner(part) for part in (left, *comparators)]
                return all(_COMPARE[type(op)](a, b) for op, a, b in zip(ops, sides, sides[1:], strict=False))
    except (TypeError, ValueError, ArithmeticError) as error:
        raise NotLiteralError(f"{ast.unparse(node)}: {error}") from None
    raise NotLiteralError(
        f"{ast.unparse(node)} cannot be read before the trials run; use numbers, strings and lists of them, "
        "arithmetic, or a name assigned in a cell above"
    )


def _arithmetic(op: ast.operator, left: Any, right: Any) -> Any:
    lists = isinstance(left, (list, tuple)) and isinstance(right, (list, tuple))
    if lists and isinstance(op, ast.Add):
        return [*left, *right]
    if not _is_number(left) or not _is_number(right):
        raise TypeError("arithmetic here takes numbers only")
    base, exponent = abs(left), abs(right)
    # floats overflow by themselves; whole numbers would grow for hours
    if isinstance(op, ast.Pow) and base > 1 and math.log2(base) * exponent > _MAX_BITS:
        raise OverflowError("the result is too large")
    result = _BINARY[type(op)](left, right)
    if not _is_number(result):
        raise ArithmeticError("the result is not a real number")
    return result
