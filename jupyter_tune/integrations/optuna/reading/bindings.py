"""Assignments in an objective: to names, parts of containers and attributes; arguments of functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from jupyter_tune.integrations.optuna.reading.calls import Calls
from jupyter_tune.integrations.optuna.reading.scopes import Scope
from jupyter_tune.integrations.optuna.reading.source import Source, parameters_of
from jupyter_tune.integrations.optuna.reading.values import Dependent, Made, Unknown, is_symbol, lift, unknown


class Bindings(Calls):
    """Binds values to targets."""

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Assign `value` to a target."""
        match target:
            case ast.Name(id=name):
                scope.variables[name] = value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for part, one in zip(targets, self._unpacked(targets, value, target), strict=True):
                    self.bind(part.value if isinstance(part, ast.Starred) else part, one, scope)
            case ast.Subscript(value=owner, slice=index):
                self._put(owner, self.evaluate(owner, scope), self.evaluate(index, scope), value, scope)
            case ast.Attribute(value=owner, attr=attribute):
                held = self.evaluate(owner, scope)
                if isinstance(held, Made):
                    held.attributes[attribute] = value
                elif not is_symbol(held):
                    self.lay(held, attribute, value)

    def _unpacked(self, targets: list[ast.expr], value: Any, node: ast.expr) -> list[Any]:
        if any(isinstance(each, ast.Starred) for each in targets):
            value = self.worlds.known(value)
        if isinstance(value, Dependent):
            return [
                lift(lambda several, place=place: several[place], node, value)
                for place in range(len(targets))
            ]
        if not isinstance(value, (list, tuple, str, range)):
            return [unknown(node)] * len(targets)
        items = list(value)
        starred = [place for place, each in enumerate(targets) if isinstance(each, ast.Starred)]
        if starred:
            place, more = starred[0], len(items) - len(targets) + 1
            if more < 0:
                return [unknown(node)] * len(targets)
            items = [*items[:place], items[place : place + more], *items[place + more :]]
        return items if len(items) == len(targets) else [unknown(node)] * len(targets)

    def _put(self, owner: ast.expr, held: Any, index: Any, value: Any, scope: Scope) -> None:
        if self.own.has(held):
            index = self.worlds.known(index)
            with suppress(Exception):  # the index is unknown: the rest stays known
                held[index] = value
        elif isinstance(owner, ast.Name) and not is_symbol(held):
            # one of the notebook's is not changed
            scope.variables[owner.id] = unknown(owner)


def enter(
    scope: Scope, source: Source, args: Sequence[Any], kwargs: Mapping[str, Any], make: Callable[[Any], Any]
) -> None:
    """Give a function its arguments."""
    given = source.node.args
    positional = [each.arg for each in (*given.posonlyargs, *given.args)]
    names = parameters_of(source.node)
    missing = {name: Unknown(name) for name in names}
    scope.variables |= {**missing, **source.defaults}
    scope.variables |= dict(zip(positional, args, strict=False))
    scope.variables |= {name: value for name, value in kwargs.items() if name in names}
    if given.vararg is not None:
        scope.variables[given.vararg.arg] = tuple(args[len(positional) :])
    if given.kwarg is not None:
        more = {name: value for name, value in kwargs.items() if name not in names}
        scope.variables[given.kwarg.arg] = make(more)
