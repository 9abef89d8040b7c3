"""Which calls have a result that is known: cheap ones without side effects.

The lists, dicts and sets that an objective makes are *its own*: they may be changed while it is read, as
`params["gamma"] = ...` does. Those of the notebook are never changed.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

PURE = frozenset(
    {abs, all, any, bool, dict, divmod, enumerate, float, frozenset, int, isinstance, len, list, max, min}
    | {range, repr, reversed, round, set, slice, sorted, str, sum, tuple, zip}
)
CONTAINERS = (list, dict, set)
_PLAIN = (str, bytes, int, float, complex, bool, tuple, frozenset, range, *CONTAINERS)
_CHANGES = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"}
    | {"add", "discard", "update", "setdefault", "popitem"}
)


class Own:
    """The containers that the objective has made so far."""

    def __init__(self) -> None:
        # held, so that no other object gets the id of one of them
        self._held: dict[int, Any] = {}

    def make(self, value: Any) -> Any:
        """`value`, which the objective has just made."""
        if isinstance(value, CONTAINERS):
            self._held[id(value)] = value
        return value

    def has(self, value: Any) -> bool:
        return id(value) in self._held

    def known_call(self, function: Any) -> Callable[..., Any] | None:
        """`function` if calling it is cheap and changes nothing but what is the objective's own."""
        try:
            if function in PURE:
                return _listed(function) if function in (enumerate, reversed, zip) else function
        except TypeError:  # not hashable
            return None
        if isinstance(
            function, (types.BuiltinMethodType, types.MethodDescriptorType, types.MethodWrapperType)
        ):
            owner = getattr(function, "__self__", None)
            if owner is math:
                return function
            if type(owner) in _PLAIN and (function.__name__ not in _CHANGES or self.has(owner)):
                return function
            return None
        # np.sqrt, np.log2
        if type(function).__module__.partition(".")[0] == "numpy" and type(function).__name__ == "ufunc":
            return function  # type: ignore[no-any-return]
        return None


def _listed(function: Callable[..., Any]) -> Callable[..., Any]:
    # an iterator is used up by the first of the worlds that looks at it
    return lambda *args, **kwargs: list(function(*args, **kwargs))
