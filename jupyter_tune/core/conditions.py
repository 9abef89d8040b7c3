"""Which parameters exist only beside which values of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from jupyter_tune.core.parameters import Scalar
from jupyter_tune.errors import SpaceError


@dataclass(frozen=True, slots=True)
class Condition:
    """A parameter exists only while `parent` has one of `values`; a space holds their labels."""

    parent: str
    values: tuple[Scalar, ...]


When: TypeAlias = Mapping[str, Mapping[str, Any] | Sequence[Condition]]
"""Parameter -> parent -> the values of the parent beside which the parameter exists."""


def conditions_of(name: str, given: object) -> list[Condition]:
    """What a space was given as the conditions of parameter `name`: see Space. Raises SpaceError."""
    if isinstance(given, Mapping):
        conditions = [Condition(parent, _values(values)) for parent, values in given.items()]
    elif isinstance(given, (list, tuple)) and all(isinstance(each, Condition) for each in given):
        conditions = list(given)
    else:
        raise SpaceError(f'{name}: when: write {{"{name}": {{"parent": [values]}}}}, got {given!r}')
    for condition in conditions:
        if not condition.values:
            raise SpaceError(
                f"{name}: when: {condition.parent!r} has no value beside which {name} exists; name one"
            )
    return conditions


def _values(given: Any) -> tuple[Any, ...]:
    # a text or a number is one value
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)
