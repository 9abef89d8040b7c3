"""What the expressions of an objective give, as far as it is known before a trial."""

from __future__ import annotations

import ast
import inspect
import operator
import types
from collections.abc import Callable, Sequence
from typing import Any

from jupyter_tune.integrations.optuna.reading.operators import BINARY, COMPARE, LONGEST, UNARY
from jupyter_tune.integrations.optuna.reading.pure import Own
from jupyter_tune.integrations.optuna.reading.scopes import Scope
from jupyter_tune.integrations.optuna.reading.syntax import asks
from jupyter_tune.integrations.optuna.reading.values import (
    TRIAL,
    Dependent,
    Function,
    Made,
    TrialMethod,
    Unknown,
    is_symbol,
    lift,
    unknown,
)
from jupyter_tune.integrations.optuna.reading.worlds import Worlds

_SEVERAL: Any = (
    list,
    tuple,
    dict,
    set,
    frozenset,
    range,
    str,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)


class Expressions:
    """Evaluates expressions: all but calls, and what binds names."""

    def __init__(self, worlds: Worlds):
        self.worlds = worlds
        self.own = Own()
        # by id, with the object, whose id no other gets meanwhile
        self._laid: dict[int, tuple[Any, dict[str, Any]]] = {}

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression; suggestions in it are declared. Raises SpaceError."""
        evaluate = getattr(self, f"_{type(node).__name__.lower()}", None)
        if evaluate is not None:
            return evaluate(node, scope)
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.evaluate(part, scope)
        return unknown(node)

    # names and literals

    def _constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        try:
            return scope.get(node.id)
        except KeyError:
            return unknown(node)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        owner = self.evaluate(node.value, scope)
        if owner is TRIAL:
            return TrialMethod(node.attr)
        if isinstance(owner, Made):
            if node.attr in owner.attributes:
                return owner.attributes[node.attr]
            return _of_class(owner, node)
        if node.attr in (laid := self.laid_on(owner)):
            return laid[node.attr]
        if isinstance(owner, (TrialMethod, Function)):
            return unknown(node)
        return lift(lambda value: getattr(value, node.attr), node, owner)

    def _list(self, node: ast.List, scope: Scope) -> Any:
        found = self._elements(node.elts, scope)
        return found if isinstance(found, Unknown) else self.own.make(found)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Any:
        found = self._elements(node.elts, scope)
        return found if isinstance(found, Unknown) else tuple(found)

    def _set(self, node: ast.Set, scope: Scope) -> Any:
        found = self._elements(node.elts, scope)
        return found if isinstance(found, Unknown) else self.own.make(lift(set, node, found))

    def _elements(self, nodes: Sequence[ast.expr], scope: Scope) -> Any:
        found: list[Any] = []
        for each in nodes:
            if not isinstance(each, ast.Starred):
                found.append(self.evaluate(each, scope))
                continue
            several = self.worlds.known(lift(list, each, self.evaluate(each.value, scope)))
            if isinstance(several, Unknown):
                return several
            found.extend(several)
        return found

    def _dict(self, node: ast.Dict, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            given = self.evaluate(value, scope)
            named = given if key is None else self.worlds.known(self.evaluate(key, scope))
            try:
                found.update(given if key is None else {named: given})
            except Exception:  # it is unknown
                # what is read of it later is unknown, what else it has is not lost
                continue
        return self.own.make(found)

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Any:
        return lift(
            lambda *parts: "".join(parts), node, *(self.evaluate(each, scope) for each in node.values)
        )

    def _formattedvalue(self, node: ast.FormattedValue, scope: Scope) -> Any:
        conversions: dict[int, Callable[[Any], Any]] = {-1: lambda v: v, 115: str, 114: repr, 97: ascii}
        convert = conversions[node.conversion]
        spec = "" if node.format_spec is None else self.evaluate(node.format_spec, scope)
        return lift(
            lambda value, spec: format(convert(value), spec), node, self.evaluate(node.value, scope), spec
        )

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return Function(node, scope, self._defaults(node.args, scope))

    def _defaults(self, given: ast.arguments, scope: Scope) -> dict[str, Any]:
        positional = [*given.posonlyargs, *given.args][-len(given.defaults) :] if given.defaults else []
        pairs = [
            *zip(positional, given.defaults, strict=True),
            *zip(given.kwonlyargs, given.kw_defaults, strict=True),
        ]
        return {arg.arg: self.evaluate(default, scope) for arg, default in pairs if default is not None}

    # operators

    def _binop(self, node: ast.BinOp, scope: Scope) -> Any:
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        operation = BINARY.get(type(node.op))
        return unknown(node) if operation is None else self.own.make(lift(operation, node, left, right))

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Any:
        return lift(UNARY[type(node.op)], node, self.evaluate(node.operand, scope))

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Any:
        is_and = isinstance(node.op, ast.And)
        found = self.evaluate(node.values[0], scope)
        for each in node.values[1:]:
            if not is_symbol(found) or asks(each):
                found = self.worlds.known(found)
            if not is_symbol(found):
                truth = lift(bool, node, found)
                if not isinstance(truth, Unknown):
                    if truth is not is_and:
                        return found
                    found = self.evaluate(each, scope)
                    continue
            further = self.evaluate(each, scope)
            # unlike an operator, it does not look at what comes after a decision
            if isinstance(found, Dependent):
                found = lift(
                    (lambda a, b: a and b) if is_and else (lambda a, b: a or b), node, found, further
                )
            else:
                found = unknown(node)
        return found

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        operands = [self.evaluate(each, scope) for each in (node.left, *node.comparators)]
        operations = [COMPARE[type(each)] for each in node.ops]

        def compare(*values: Any) -> Any:
            return all(
                operation(one, other)
                for operation, one, other in zip(operations, values, values[1:], strict=False)
            )

        if any(isinstance(each, (Made, Function, TrialMethod)) for each in operands):
            return unknown(node)
        return lift(compare, node, *operands)

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Any:
        test = lift(bool, node.test, self.evaluate(node.test, scope))
        if asks(node.body) or asks(node.orelse) or not is_symbol(test):
            test = self.worlds.known(test)
        if not is_symbol(test):
            return self.evaluate(node.body if test else node.orelse, scope)
        body, orelse = self.evaluate(node.body, scope), self.evaluate(node.orelse, scope)
        return lift(lambda holds, one, other: one if holds else other, node, test, body, orelse)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        owner, index = self.evaluate(node.value, scope), self.evaluate(node.slice, scope)
        if isinstance(owner, (Made, Function, TrialMethod)):
            return unknown(node)
        return lift(operator.getitem, node, owner, index)

    def _slice(self, node: ast.Slice, scope: Scope) -> Any:
        ends = (
            None if each is None else self.evaluate(each, scope)
            for each in (node.lower, node.upper, node.step)
        )
        return lift(slice, node, *ends)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.evaluate(node.value, scope)
        scope.variables[node.target.id] = value
        return value

    # comprehensions

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Any:
        found: list[Any] = []
        inner = Scope({}, scope)
        all_known = self._go_through(
            node.generators, inner, lambda: found.append(self.evaluate(node.elt, inner))
        )
        return self.own.make(found) if all_known else unknown(node)

    _generatorexp = _listcomp

    def _setcomp(self, node: ast.SetComp, scope: Scope) -> Any:
        found: list[Any] = []
        inner = Scope({}, scope)
        all_known = self._go_through(
            node.generators, inner, lambda: found.append(self.evaluate(node.elt, inner))
        )
        return self.own.make(lift(set, node, found)) if all_known else unknown(node)

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        inner = Scope({}, scope)

        def take() -> None:
            key, value = self.worlds.known(self.evaluate(node.key, inner)), self.evaluate(node.value, inner)
            if not is_symbol(key):
                found[key] = value

        return self.own.make(found) if self._go_through(node.generators, inner, take) else unknown(node)

    def _go_through(self, parts: Sequence[ast.comprehension], scope: Scope, take: Callable[[], None]) -> bool:
        """Call `take` for each round. Returns whether all rounds are known; else it is called once."""
        if not parts:
            take()
            return True
        part, *rest = parts
        items = self.items(part.iter, scope)
        all_known = not isinstance(items, Unknown)
        for item in [items] if isinstance(items, Unknown) else items:
            self.bind(part.target, item, scope)
            tests = [self.worlds.known(lift(bool, each, self.evaluate(each, scope))) for each in part.ifs]
            if not any(test is False for test in tests):
                all_known &= not any(map(is_symbol, tests))
                all_known &= self._go_through(rest, scope, take)
        return all_known

    def items(self, node: ast.expr, scope: Scope) -> Any:
        """What a loop over `node` goes through, as a list; Unknown if that is not known."""
        found = self.worlds.known(self.evaluate(node, scope))
        if isinstance(found, _SEVERAL):
            return list(found) if len(found) <= LONGEST else unknown(node)
        return found if isinstance(found, Unknown) else unknown(node)

    # what the objective puts on objects that were there before

    def laid_on(self, value: Any) -> dict[str, Any]:
        """The attributes that the objective has put on an object that was there before."""
        return {} if is_symbol(value) else self._laid.get(id(value), (value, {}))[1]

    def lay(self, value: Any, attribute: str, given: Any) -> None:
        self._laid.setdefault(id(value), (value, {}))[1][attribute] = given

    # of the modules above

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        raise NotImplementedError

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        raise NotImplementedError


def _of_class(owner: Made, node: ast.Attribute) -> Any:
    """An attribute that an object has from its class."""
    found = inspect.getattr_static(owner.kind, node.attr, None)
    if isinstance(found, types.FunctionType):
        return types.MethodType(found, owner)
    if isinstance(found, staticmethod):
        return found.__func__
    # a property or another descriptor computes it
    return unknown(node) if found is None or hasattr(found, "__get__") else found
