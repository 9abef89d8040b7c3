"""A ConfigurationSpace of ConfigSpace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.spaces.domains import refused


def space_of_config_space(declared: Any) -> Space:
    """The ranges and conditions. Raises SpaceError naming what has no counterpart here."""
    if declared.forbidden_clauses:
        clause = declared.forbidden_clauses[0]
        raise SpaceError(
            f"{clause}: a forbidden clause is a constraint here; remove it, and give subject_to='...' to "
            "the study"
        )
    ranges = {str(each.name): _range_of(each) for each in declared.values()}
    when: dict[str, list[Condition]] = {}
    for condition in declared.conditions:
        for child, found in _conditions_of(condition):
            when.setdefault(child, []).append(found)
    return Space({name: ranges[name] for name in _parents_first(list(ranges), when)}, when=when)


def _range_of(declared: Any) -> Parameter:
    kind, name = type(declared).__name__, declared.name
    if kind == "UniformFloatHyperparameter":
        return Float(declared.lower, declared.upper, log=declared.log, default=declared.default_value)
    if kind == "UniformIntegerHyperparameter":
        return Int(declared.lower, declared.upper, log=declared.log, default=declared.default_value)
    if kind == "CategoricalHyperparameter":
        if getattr(declared, "weights", None) is not None:
            raise refused(name, "a choice with weights")
        return Categorical(declared.choices, default=declared.default_value)
    if kind == "OrdinalHyperparameter":
        return Categorical(declared.sequence, ordered=True, default=declared.default_value)
    if kind == "Constant":
        return Categorical([declared.value])
    raise refused(name, kind)


def _conditions_of(declared: Any) -> Iterator[tuple[str, Condition]]:
    kind = type(declared).__name__
    if kind == "AndConjunction":
        for part in declared.components:
            yield from _conditions_of(part)
    elif kind == "EqualsCondition":
        yield declared.child.name, Condition(declared.parent.name, (declared.value,))
    elif kind == "InCondition":
        yield declared.child.name, Condition(declared.parent.name, tuple(declared.values))
    else:
        child = getattr(declared, "child", None)
        raise SpaceError(
            f"{child.name if child is not None else declared}: {kind} has no counterpart here; there are "
            "EqualsCondition, InCondition and AndConjunction"
        )


def _parents_first(names: list[str], when: dict[str, list[Condition]]) -> list[str]:
    ordered: dict[str, None] = {}

    def put(name: str) -> None:
        for condition in when.get(name, ()):
            put(condition.parent)
        ordered.setdefault(name)

    for name in names:
        put(name)
    return list(ordered)
