"""Constraints: what a trial has to satisfy, as a text over its parameters and metrics.

    params < 1e6        latency <= 20        width * depth < 4000        0.1 <= dropout + decay < 0.5
    opt != 'adam' or lr <= 0.01              log10(lr) + 2 * depth > -3  and  width % 8 == 0

A text is read by `ast` into a tree of functions; nothing of it is ever evaluated as Python. It holds
comparisons, also chained, joined by `and` and `or`; their sides are arithmetic (+ - * / // % **) on numbers,
names and the functions below. Choices are compared by == and != with texts, numbers, True, False and None.

    holds     a comparison with a parameter that a trial does not have holds: it does not apply.
              One whose sides have no value (1/0, log(-1), NaN) does not
    excess    how far beyond the bound: at most 0 where it holds, for samplers and for people. Of `and` the
              largest, of `or` the least; 1 or -1 where choices are compared

A name in a constraint that is no parameter is a metric. A constraint of parameters alone is decided before a
trial starts, any other one at its end.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.errors import OptionError

Known: TypeAlias = Mapping[str, Scalar]
"""The values of the names in a constraint."""

_Side: TypeAlias = Callable[[Known], Any]
_Excess: TypeAlias = Callable[[Known], float]

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "abs": abs,
    "ceil": math.ceil,
    "exp": math.exp,
    "floor": math.floor,
    "log": math.log,
    "log10": math.log10,
    "log2": math.log2,
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_ABOVE, _BELOW = (ast.Gt, ast.GtE), (ast.Lt, ast.LtE)
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_LONGEST = 1000
"""Characters of a constraint: deeper trees than these can hold are no constraint."""
TINY = math.ulp(0.0)
"""The excess of what only just fails: `a < b` where both are equal."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint. `text`: as it was given; `names`: those in it, in their order."""

    text: str
    names: tuple[str, ...]
    _excess: _Excess

    @classmethod
    def of(cls, text: str) -> Constraint:
        """Raises OptionError, naming what cannot stand in a constraint."""
        return _Reader(text).constraint()

    def excess(self, known: Known) -> float:
        """How far beyond its bound it is: > 0 where it is violated; inf without a value."""
        excess = self._excess(known)
        return math.inf if math.isnan(excess) else excess

    def holds(self, known: Known) -> bool:
        return self.excess(known) <= 0

    def __reduce__(self) -> tuple[Callable[[str], Constraint], tuple[str]]:
        # its functions are no data
        return Constraint.of, (self.text,)


class Constraints:
    """All constraints of a study. `on_params`: those of parameters alone; `on_metrics`: the others."""

    def __init__(self, texts: Sequence[str], parameters: Iterable[str]):
        declared = set(parameters)
        self.all = tuple(map(Constraint.of, texts))
        self.on_params = tuple(each for each in self.all if declared.issuperset(each.names))
        self.on_metrics = tuple(each for each in self.all if not declared.issuperset(each.names))
        self.metrics = tuple(
            dict.fromkeys(name for each in self.all for name in each.names if name not in declared)
        )
        """The metrics that they are about, in their order."""

    def __bool__(self) -> bool:
        return bool(self.all)

    def __str__(self) -> str:
        return " and ".join(each.text for each in self.all)

    def allow(self, params: Params) -> bool:
        """Whether these parameters satisfy what is about parameters alone."""
        return all(each.holds(params) for each in self.on_params)

    def broken_by(self, params: Params) -> str:
        """What these parameters violate, as text; "" for nothing."""
        return " and ".join(each.text for each in self.on_params if not each.holds(params))


class _Reader:
    """Reads one text into a Constraint."""

    def __init__(self, text: str):
        self._text = text
        self._names: dict[str, None] = {}

    def constraint(self) -> Constraint:
        if len(self._text) > _LONGEST:
            raise OptionError(f"constraint {self._text[:40]!r}...: is longer than {_LONGEST} characters")
        try:
            tree = ast.parse(self._text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise self._no(f"cannot be read ({getattr(error, 'msg', None) or error})") from None
        excess = self._condition(tree.body)
        if not self._names:
            raise self._no("names no parameter and no metric")
        return Constraint(self._text.strip(), tuple(self._names), excess)

    def _no(self, why: str) -> OptionError:
        return OptionError(f"constraint {self._text!r}: {why}; write it like 'width * depth < 4000'")

    def _condition(self, node: ast.expr) -> _Excess:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self._condition(value) for value in values]
                return _joined(max if isinstance(op, ast.And) else min, parts)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [left, *comparators]
                parts = [self._comparison(op, a, b) for op, a, b in zip(ops, sides, sides[1:], strict=False)]
                return parts[0] if len(parts) == 1 else _joined(max, parts)
        raise self._no(f"{ast.unparse(node)} is no comparison")

    def _comparison(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> _Excess:
        compare = _COMPARISONS.get(type(op))
        if compare is None:
            raise self._no("compares by something else than < <= > >= == !=")
        of_choices = isinstance(op, (ast.Eq, ast.NotEq)) and (_is_choice(left) or _is_choice(right))
        if of_choices:
            a, b = self._choice(left), self._choice(right)
        else:
            a, b = self._number(left), self._number(right)
        is_above, is_equality = isinstance(op, _ABOVE), not isinstance(op, (*_ABOVE, *_BELOW))

        def excess(known: Known) -> float:
            try:
                x, y = a(known), b(known)
                if is_equality:
                    far = 1.0 if of_choices else abs(x - y)
                    return -1.0 if compare(x, y) else far or TINY
                # the difference alone would say of the equal sides of < that they satisfy it
                distance = float(y - x if is_above else x - y)
                return min(distance, 0.0) if compare(x, y) else max(distance, TINY)
            except _AbsentError:
                return -math.inf
            except (ArithmeticError, ValueError, TypeError):
                return math.inf

        return excess

    def _choice(self, node: ast.expr) -> _Side:
        match node:
            case ast.Constant(value=str() | int() | float() | bool() | None as value):
                return lambda known: value
            case ast.Name(id=name):
                return self._name(name)
        raise self._no(f"{ast.unparse(node)} is compared with a choice and is no name")

    def _number(self, node: ast.expr) -> _Side:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                number = float(value)
                return lambda known: number
            case ast.Name(id=name):
                named = self._name(name)
                return lambda known: float(named(known))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                positive = self._number(operand)
                return lambda known: -positive(known)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._number(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                a, b, do = self._number(left), self._number(right), _ARITHMETIC[type(op)]
                return lambda known: _real(do(a(known), b(known)))
            case ast.Call(func=ast.Name(id=name), args=[*args], keywords=[]) if name in FUNCTIONS and args:
                function, sides = FUNCTIONS[name], [self._number(arg) for arg in args]
                return lambda known: _real(function(*(side(known) for side in sides)))
            case ast.Call(func=ast.Name(id=name)):
                raise self._no(f"{name}(...) is not known; there are {', '.join(FUNCTIONS)}")
        raise self._no(f"{ast.unparse(node)} is no arithmetic on numbers, parameters and metrics")

    def _name(self, name: str) -> _Side:
        self._names[name] = None

        def look_up(known: Known) -> Scalar:
            if name not in known:
                raise _AbsentError
            return known[name]

        return look_up


class _AbsentError(Exception):
    """A parameter that the trial does not have."""


def _joined(choose: Callable[[Iterable[float]], float], parts: Sequence[_Excess]) -> _Excess:
    return lambda known: choose(part(known) for part in parts)


def _real(value: Any) -> float:
    # a power of a negative number may be complex
    return float(value) if not isinstance(value, complex) else math.nan


def _is_choice(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not (
        isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    )
