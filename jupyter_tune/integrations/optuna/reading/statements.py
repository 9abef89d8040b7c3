"""Follows the statements of an objective in one world."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from jupyter_tune.integrations.optuna.reading.bindings import Bindings, enter
from jupyter_tune.integrations.optuna.reading.scopes import Scope, merged
from jupyter_tune.integrations.optuna.reading.source import Source
from jupyter_tune.integrations.optuna.reading.syntax import asks, changed_by, leaves, loaded, mentions
from jupyter_tune.integrations.optuna.reading.values import (
    TRIAL,
    Dependent,
    Function,
    Made,
    Unknown,
    is_symbol,
    lift,
    unknown,
)
from jupyter_tune.integrations.optuna.reading.worlds import Worlds

_DEEPEST = 30
_MOST_STEPS = 200_000
_MOST_ROUNDS = 10_000
_SHORT = 100
"""Most rounds of a loop without suggestions that are followed, for what they compute."""


class _Leaves(Exception):  # noqa: N818
    """The flow leaves a block."""


class _Return(_Leaves):
    def __init__(self, value: Any):
        self.value = value


class _Raise(_Leaves):
    pass


class _Break(_Leaves):
    pass


class _Continue(_Leaves):
    pass


class Interpreter(Bindings):
    """Follows one objective from its beginning to its end."""

    def __init__(self, worlds: Worlds):
        super().__init__(worlds)
        self._depth = self._steps = 0

    def run(self, source: Source) -> None:
        """Follow the objective. Raises SpaceError."""
        # a trial of this world would end there
        with suppress(_Raise):
            self.call_source(source, [TRIAL], {})

    def call_source(
        self, source: Source, args: Sequence[Any], kwargs: Mapping[str, Any], around: Scope | None = None
    ) -> Any:
        """What a function returns. Raises SpaceError."""
        node = source.node
        if self._depth >= _DEEPEST:
            return unknown(node)
        scope = Scope(source.names, around)
        enter(scope, source, [*source.args, *args], {**source.kwargs, **kwargs}, self.own.make)
        self._depth += 1
        try:
            if isinstance(node, ast.Lambda):
                return self.evaluate(node.body, scope)
            self.follow(node.body, scope)
            return None
        except _Return as returned:
            return returned.value
        finally:
            self._depth -= 1

    def follow(self, block: Iterable[ast.stmt], scope: Scope) -> None:
        for statement in block:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise self.worlds.error(statement.lineno, "the objective has more steps than can be read")
            step = getattr(self, f"_on_{type(statement).__name__.lower()}", self._forget)
            step(statement, scope)

    # simple statements

    def _on_expr(self, node: ast.Expr, scope: Scope) -> None:
        self.evaluate(node.value, scope)

    def _on_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)

    def _on_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _on_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        before: Any = ast.copy_location(loaded(node.target), node)
        whole = ast.copy_location(ast.BinOp(before, node.op, node.value), node)
        self.bind(node.target, self.evaluate(whole, scope), scope)

    def _on_return(self, node: ast.Return, scope: Scope) -> None:
        raise _Return(None if node.value is None else self.evaluate(node.value, scope))

    def _on_raise(self, node: ast.Raise, scope: Scope) -> None:
        raise _Raise

    def _on_break(self, node: ast.Break, scope: Scope) -> None:
        raise _Break

    def _on_continue(self, node: ast.Continue, scope: Scope) -> None:
        raise _Continue

    def _on_pass(self, node: ast.stmt, scope: Scope) -> None:
        """Nothing of it matters here."""

    _on_assert = _on_global = _on_nonlocal = _on_pass

    def _on_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            # what is not loaded yet is not loaded for this
            scope.variables[alias.asname or name] = sys.modules.get(name, unknown(node))

    def _on_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            home = sys.modules.get(node.module or "")
            scope.variables[alias.asname or alias.name] = getattr(home, alias.name, unknown(node))

    def _on_functiondef(self, node: ast.FunctionDef, scope: Scope) -> None:
        decorated = bool(node.decorator_list)
        function = Function(node, scope, self._defaults(node.args, scope))
        scope.variables[node.name] = unknown(node) if decorated else function

    # compound statements

    def _on_if(self, node: ast.If, scope: Scope) -> None:
        test = lift(bool, node.test, self.evaluate(node.test, scope))
        if isinstance(test, Dependent) and not self._matters(node, scope):
            self._forget(node, scope)
            return
        test = self.worlds.known(test)
        if is_symbol(test):
            self._follow_all([node.body, node.orelse], scope)
        else:
            self.follow(node.body if test else node.orelse, scope)

    def _on_for(self, node: ast.For, scope: Scope) -> None:
        matters = self._matters(node, scope)
        if not matters and isinstance(self.evaluate(node.iter, scope), Dependent):
            self._forget(node, scope)
            return
        items = self.items(node.iter, scope)
        if not matters and (isinstance(items, Unknown) or len(items) > _SHORT):
            self._forget(node, scope)
            return
        if isinstance(items, Unknown):
            self._once(node.target, node.body, scope, items)
            self._follow_all([node.orelse, []], scope)
            return
        with suppress(_Break):
            for item in items:
                self.bind(node.target, item, scope)
                with suppress(_Continue):
                    self.follow(node.body, scope)
            self.follow(node.orelse, scope)

    def _on_while(self, node: ast.While, scope: Scope) -> None:
        if not self._matters(node, scope):
            self._forget(node, scope)
            return
        with suppress(_Break):
            for _ in range(_MOST_ROUNDS):
                test = self.worlds.known(lift(bool, node.test, self.evaluate(node.test, scope)))
                if is_symbol(test):
                    self._once(None, node.body, scope, test)
                    return
                if not test:
                    self.follow(node.orelse, scope)
                    return
                with suppress(_Continue):
                    self.follow(node.body, scope)

    def _once(self, target: ast.expr | None, body: list[ast.stmt], scope: Scope, item: Unknown) -> None:
        """One round of a loop of which it is not known how many it has."""
        # whatever a round changes may be anything in the next one
        for statement in body:
            self._forget(statement, scope)
        if target is not None:
            self.bind(target, item, scope)
        with suppress(_Break, _Continue):
            self._follow_all([body, []], scope)

    def _on_with(self, node: ast.With, scope: Scope) -> None:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(
                    item.optional_vars, unknown(item.context_expr) if value is not TRIAL else value, scope
                )
        self.follow(node.body, scope)

    def _on_try(self, node: ast.Try, scope: Scope) -> None:
        try:
            self.follow(node.body, scope)
        except _Raise:
            self._follow_all([each.body for each in node.handlers], scope)
        else:
            self._follow_all([[], *(each.body for each in node.handlers)], scope)
            self.follow(node.orelse, scope)
        self.follow(node.finalbody, scope)

    def _on_match(self, node: ast.Match, scope: Scope) -> None:
        subject = self.evaluate(node.subject, scope)
        patterns = [self._values_of(case.pattern, scope) for case in node.cases]
        if any(case.guard for case in node.cases) or any(each is None for each in patterns):
            self._follow_all([*(case.body for case in node.cases), []], scope)
            return

        def place(value: Any) -> int:
            fits = (
                number for number, values in enumerate(patterns) if values == () or value in (values or ())
            )
            return next(fits, -1)

        found = self.worlds.known(lift(place, node.subject, subject))
        if is_symbol(found):
            self._follow_all([*(case.body for case in node.cases), []], scope)
        elif found >= 0:
            self.follow(node.cases[found].body, scope)

    def _values_of(self, pattern: ast.pattern, scope: Scope) -> tuple[Any, ...] | None:
        """The values that a pattern takes, () for all; None where it is not as simple."""
        match pattern:
            case ast.MatchValue(value=value):
                found = self.evaluate(value, scope)
                return None if is_symbol(found) else (found,)
            case ast.MatchSingleton(value=value):
                return (value,)
            case ast.MatchOr(patterns=several):
                parts = [self._values_of(each, scope) for each in several]
                return None if not all(parts) else tuple(one for part in parts for one in part or ())
            case ast.MatchAs(pattern=None, name=None):
                return ()
        return None

    def _follow_all(self, blocks: Sequence[Sequence[ast.stmt]], scope: Scope) -> None:
        """Follow blocks of which one will run; it is not known which."""
        before = dict(scope.variables)
        ends: list[dict[str, Any]] = []
        left: _Leaves | None = None
        for block in blocks:
            scope.variables = dict(before)
            try:
                self.follow(block, scope)
                ends.append(scope.variables)
            except _Leaves as leaves:
                # one that returns says more than one that raises
                left = leaves if left is None or isinstance(leaves, _Return) else left
        if not ends and left is not None:
            scope.variables = before
            raise left
        scope.variables = merged(ends)

    # what is not followed

    def _forget(self, node: ast.stmt, scope: Scope) -> None:
        """What a statement binds or changes is not known any more."""
        for name, is_bound in changed_by(node):
            if not is_bound and (not scope.has(name) or _stays(scope.get(name))):
                continue
            scope.variables[name] = Unknown(f"{name}, which is computed in the objective,")

    def _matters(self, node: ast.stmt, scope: Scope) -> bool:
        """Whether something in `node` may ask for a range, or ends the function."""
        if asks(node) or (isinstance(node, ast.If) and leaves(node)):
            return True
        for name, is_owner in mentions(node):
            value = scope.get(name) if scope.has(name) else None
            # trial.report(...) does not pass the trial on
            if value is TRIAL and not is_owner:
                return True
            if isinstance(value, Made) or (isinstance(value, Function) and asks(value.node)):
                return True
        return False


def _stays(value: Any) -> bool:
    """Whether no method changes it."""
    if isinstance(value, (str, int, float, tuple, types.ModuleType, type)) or value is None:
        return True
    return is_symbol(value) and not isinstance(value, (Unknown, Dependent))
