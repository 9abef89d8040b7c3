"""Calls in an objective: of the trial's methods, of functions that get the trial, and of pure functions."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.optuna.ranges import METHODS, arguments_of
from jupyter_tune.integrations.optuna.reading.expressions import Expressions
from jupyter_tune.integrations.optuna.reading.scopes import Scope
from jupyter_tune.integrations.optuna.reading.source import GIVE_THEM, Source, source_of
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

_KEEPERS = frozenset({list, tuple, dict, zip, enumerate})
"""They look at no element of what they are given."""


class Calls(Expressions):
    """Evaluates calls."""

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        function = self.evaluate(node.func, scope)
        args = self._elements(node.args, scope)
        kwargs = self._keywords(node.keywords, scope)
        if isinstance(function, TrialMethod):
            return self._ask(function.name, node, args, kwargs)
        if isinstance(function, (Unknown, Dependent)) or isinstance(args, Unknown) or kwargs is None:
            return unknown(node)
        if isinstance(function, Function):
            inner = Source(function.node, {}, function.defaults, self.worlds.shown)
            return self.call_source(inner, args, kwargs, function.scope)
        given = [*args, *kwargs.values()]
        owner = function.__self__ if isinstance(function, types.MethodType) else None
        if any(self._has_trial(each) for each in (*given, owner)):
            return self._pass_trial(function, args, kwargs, node)
        known = self.own.known_call(function)
        if known is None or any(isinstance(each, (Made, TrialMethod, Function)) for each in given):
            return unknown(node)

        def call(*values: Any) -> Any:
            return known(*values[: len(args)], **dict(zip(kwargs, values[len(args) :], strict=True)))

        # a container of the objective's own takes values that are not known, too
        if self.own.has(getattr(known, "__self__", None)) or function in _KEEPERS:
            try:
                return self.own.make(call(*given))
            except Exception:  # it looks at one of them
                return unknown(node)
        return self.own.make(lift(call, node, *given))

    def _has_trial(self, value: Any) -> bool:
        laid = self.laid_on(value)
        return value is TRIAL or isinstance(value, Made) or any(map(self._has_trial, laid.values()))

    def _keywords(self, keywords: Sequence[ast.keyword], scope: Scope) -> dict[str, Any] | None:
        """None where they are not known."""
        found: dict[str, Any] = {}
        for each in keywords:
            value = self.evaluate(each.value, scope)
            if each.arg is not None:
                found[each.arg] = value
                continue
            several = self.worlds.known(value)
            if not isinstance(several, Mapping) or not all(isinstance(key, str) for key in several):
                return None
            found |= several
        return found

    def _ask(self, method: str, node: ast.Call, args: Any, kwargs: dict[str, Any] | None) -> Any:
        """A call of a method of the trial."""
        if method not in METHODS:
            return unknown(node)
        if isinstance(args, Unknown) or kwargs is None:
            raise self._refusal(node, f"its arguments are known only in a trial; {GIVE_THEM}")
        try:
            asked = arguments_of(method, args, kwargs)
        except TypeError as error:
            raise self._refusal(node, str(error)) from None
        asked["name"] = self.worlds.known(asked["name"])
        for argument, value in asked.items():
            for part in value if isinstance(value, (list, tuple)) else [value]:
                self._require_known(part, argument, node)
        try:
            parameter = METHODS[method](**asked)
        except SpaceError as error:
            raise self._refusal(node, str(error)) from None
        return self.worlds.declare(asked["name"], parameter, node.lineno)

    def _refusal(self, node: ast.Call, said: str) -> SpaceError:
        return self.worlds.error(node.lineno, f"{ast.unparse(node)}: {said}")

    def _require_known(self, value: Any, argument: str, node: ast.Call) -> None:
        if isinstance(value, Dependent):
            parents = " and ".join(value.parents)
            raise self._refusal(
                node,
                f"{argument} depends on {parents}, and a range cannot. Give the widest ranges, and what must "
                "hold between the two: jt.tune(..., space={...}, subject_to='one <= other')",
            )
        if is_symbol(value):
            what = value.why if isinstance(value, Unknown) else "the trial"
            raise self._refusal(node, f"{what} is known only in a trial; {GIVE_THEM}")

    def _pass_trial(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        """A call that gets the trial, or an object that may hold it: its source is read, where it has one."""
        if isinstance(function, type):
            return self._make(function, args, kwargs, node)
        try:
            source = source_of(function)
        except SpaceError:  # a library's, such as a callback that reports
            return unknown(node)
        return self.call_source(source, args, kwargs)

    def _make(self, kind: type, args: list[Any], kwargs: dict[str, Any], node: ast.Call) -> Any:
        begin = inspect.getattr_static(kind, "__init__", None)
        if not isinstance(begin, types.FunctionType):
            return unknown(node)
        try:
            source = source_of(begin)
        except SpaceError:
            return unknown(node)
        made = Made(kind)
        self.call_source(source, [made, *args], kwargs)
        return made

    def call_source(
        self, source: Source, args: Sequence[Any], kwargs: Mapping[str, Any], around: Scope | None = None
    ) -> Any:
        raise NotImplementedError
