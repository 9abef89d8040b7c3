"""The variables of a function that is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_tune.integrations.optuna.reading.values import Unknown


class Scope:
    """The variables of one call, those of the functions around it, and the names that all of them use."""

    def __init__(self, names: Mapping[str, Any], around: Scope | None = None):
        self.names, self.around = names, around
        self.variables: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        """Raises KeyError."""
        if name in self.variables:
            return self.variables[name]
        return self.names[name] if self.around is None else self.around.get(name)

    def has(self, name: str) -> bool:
        try:
            self.get(name)
        except KeyError:
            return False
        return True


def merged(ends: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The variables after one of several blocks."""
    names = dict.fromkeys(name for end in ends for name in end)
    merged: dict[str, Any] = {}
    for name in names:
        first = next(end[name] for end in ends if name in end)
        same = all(name in end and _is_same(end[name], first) for end in ends)
        merged[name] = first if same else Unknown(f"{name}, which depends on the trial's course,")
    return merged


def _is_same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    plain = (str, int, float, bool, type(None))
    return type(one) is type(other) and isinstance(one, plain) and one == other
