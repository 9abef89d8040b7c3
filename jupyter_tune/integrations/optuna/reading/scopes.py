"""The variables of a function that is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
