"""The search space: named parameters, which of them exist beside which, and the unit cube.

Narrowing never moves the cube: `Space.narrow` gives a new Space whose ranges lie
inside the declared ones, and models keep using the declared cube, so what was
learnt outside the narrowed ranges still counts.
"""

from __future__ import annotations

import math
import numbers
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jupyter_tune.core.conditions import Condition, When, conditions_of
from jupyter_tune.core.parameters import (
    Categorical,
    Parameter,
    Params,
    Scalar,
    is_missing,
    parameter_from_json,
)
from jupyter_tune.errors import SpaceError


def space_with(space: Space | Mapping[str, Any], when: When | None) -> Space:
    """The space, with these conditions where it is a mapping. Raises SpaceError where it has its own."""
    if not isinstance(space, Space):
        return Space(space, when=when)
    if when:
        raise SpaceError("when: a Space holds its conditions itself; give them to it: Space(..., when=...)")
    return space


class Space(Mapping[str, Parameter]):
    """An ordered, immutable set of named parameters.

    Args:
        parameters: name -> Float, Int or Categorical; any other scalar is a fixed value.
        when:       name -> conditions, all of which must hold for the parameter to exist: a mapping of
                    parents, declared earlier, to the values beside which it does, as in
                    {"momentum": {"opt": ["sgd"]}}; or Conditions.
        named:      the same as `parameters`, as keywords.

    Raises: SpaceError naming the parameter.
    """

    __slots__ = ("_conditions", "_parameters")

    def __init__(
        self,
        parameters: Mapping[str, Any] | None = None,
        *,
        when: When | None = None,
        **named: Any,
    ):
        self._parameters: dict[str, Parameter] = {}
        everything: dict[Any, Any] = {**(parameters or {}), **named}
        for given, declared in everything.items():
            if not isinstance(given, str) or not given:
                raise SpaceError(f"a parameter's name must be a string, got {given!r}")
            if not given.strip() or any(unicodedata.category(c) == "Cs" for c in given):
                raise SpaceError(f"{given!r} cannot be a parameter's name; use plain text")
            # Python itself compares identifiers in this form, so two spellings are one variable
            name = unicodedata.normalize("NFC", given)
            if name in self._parameters:
                raise SpaceError(f"{given}: this name is declared twice; rename one")
            self._parameters[name] = _as_parameter(name, declared)
        self._conditions: dict[str, tuple[Condition, ...]] = {}
        for name, given in (when or {}).items():
            self._conditions[name] = tuple(self._check_condition(name, c) for c in conditions_of(name, given))

    def _check_condition(self, name: str, condition: Condition) -> Condition:
        order = list(self._parameters)
        if name not in order or condition.parent not in order:
            raise SpaceError(f"{name}: depends on {condition.parent!r}, which is not a parameter")
        if order.index(condition.parent) >= order.index(name):
            raise SpaceError(f"{name}: depends on {condition.parent!r}; declare that one first")
        parent = self._parameters[condition.parent]
        return Condition(
            condition.parent,
            tuple(_encode(parent, v, f"{name}: if {condition.parent}") for v in condition.values),
        )

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __repr__(self) -> str:
        return "Space(" + ", ".join(f"{name}={p!r}" for name, p in self.items()) + ")"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(tuple(self._parameters))

    def conditions(self, name: str) -> tuple[Condition, ...]:
        """All of them must hold for `name` to exist; none if it always does."""
        return self._conditions.get(name, ())

    def active(self, name: str, params: Mapping[str, Scalar]) -> bool:
        """Whether `name` exists beside these values of the parameters before it."""
        return all(
            c.parent in params and self._label(c.parent, params[c.parent]) in c.values
            for c in self._conditions.get(name, ())
        )

    def _label(self, name: str, value: Any) -> Scalar:
        parameter = self._parameters[name]
        if isinstance(parameter, Categorical) and not parameter.is_plain:
            return parameter.encode(value, name)
        label: Scalar = value
        return label

    @property
    def varying(self) -> list[str]:
        """The parameters that are no constants."""
        return [name for name, parameter in self.items() if not parameter.is_constant]

    @property
    def encoded(self) -> Space:
        """This space over labels in place of objects: the one that journals and samplers deal with."""
        if all(not isinstance(p, Categorical) or p.is_plain for p in self.values()):
            return self
        return self._with({name: p.encoded if isinstance(p, Categorical) else p for name, p in self.items()})

    def encode(self, params: Mapping[str, Any]) -> Params:
        """`params` with labels in place of objects. Raises SpaceError for what is none of the choices."""
        if not isinstance(params, Mapping):
            raise SpaceError(f"params are given as name -> value, got {params!r}")
        return {name: self._label(name, v) if name in self else v for name, v in params.items()}

    def encode_ranges(self, ranges: Mapping[str, Sequence[Any]]) -> dict[str, list[Scalar]]:
        """`ranges`, as `narrow` takes them, with labels in place of objects."""
        return {
            name: [self._label(name, v) if name in self else v for v in to] for name, to in ranges.items()
        }

    def decode(self, params: Mapping[str, Scalar]) -> dict[str, Any]:
        """`params` with the very objects in place of their labels."""
        objects = self.objects
        return {name: objects[name][value] if name in objects else value for name, value in params.items()}

    @property
    def objects(self) -> dict[str, dict[Scalar, Any]]:
        """The choices of each parameter by their labels, where they are not their own."""
        return {
            name: dict(zip(p.labels, p.choices, strict=True))
            for name, p in self.items()
            if isinstance(p, Categorical) and not p.is_plain
        }

    def _with(self, parameters: Mapping[str, Parameter]) -> Space:
        """These parameters under the same names, with the same conditions."""
        changed = Space(parameters)
        changed._conditions = self._conditions
        return changed

    def defaults(self) -> Params:
        """The params of the first trial."""
        return self.complete({})

    def complete(self, given: Mapping[str, Scalar]) -> Params:
        """`given` checked, with every other active parameter at its default.

        For a parameter that is not active, None and NaN are what a table has where there is no value.

        Raises: SpaceError if a name is unknown, or a value outside or of a parameter that is not active.
        """
        return self._assemble(given, lambda name: self[name].default)

    def given(self, params: Mapping[str, Scalar]) -> Params:
        """Those of `params` that exist beside each other, in this space's types.

        Raises: SpaceError as `complete` does.
        """
        complete = self.complete(params)
        return {name: complete[name] for name in params if name in complete}

    def from_unit(self, unit: Mapping[str, float]) -> Params:
        """The point of the unit cube as params; inactive coordinates are passed over."""
        return self._assemble({}, lambda name: self[name].from_unit(unit[name]))

    def _assemble(self, given: Mapping[str, Scalar], fill: Callable[[str], Scalar]) -> Params:
        if not isinstance(given, Mapping):
            raise SpaceError(f"params are given as name -> value, got {given!r}")
        for name in given:
            if name not in self:
                raise SpaceError(f"{name}: no such parameter; there are {', '.join(self) or 'none'}")
        params: Params = {}
        for name, parameter in self.items():
            if self.active(name, params):
                params[name] = parameter.check(given[name], name) if name in given else fill(name)
            elif name in given and not is_missing(given[name]):
                raise SpaceError(f"{name}: does not exist with {_beside(self, name, params)}; leave it out")
        return params

    def to_unit(self, params: Mapping[str, Scalar]) -> dict[str, float]:
        """Coordinates in the unit cube; an inactive parameter has its default's."""
        return {name: p.to_unit(params.get(name, p.default)) for name, p in self.items()}

    def check(self, params: Mapping[str, Scalar]) -> Params:
        """`params` as this space's types; SpaceError if one is missing, unknown or outside."""
        complete = self.complete(params)
        missing = [name for name in complete if name not in params]
        if missing:
            raise SpaceError(f"{missing[0]}: has no value; give one, or use enqueue, which fills in the rest")
        return complete

    def contains(self, params: Mapping[str, Scalar]) -> bool:
        """Whether `check` would take these params."""
        try:
            self.check(params)
        except SpaceError:
            return False
        return True

    def narrow(self, ranges: Mapping[str, Sequence[Scalar]]) -> Space:
        """This space with some ranges replaced by parts of themselves.

        Args: ranges: name -> (low, high), or the choices to keep.
        Raises: SpaceError if a name is unknown or a range reaches outside the declared one.
        """
        parameters = dict(self._parameters)
        for name, to in ranges.items():
            if name not in parameters:
                raise SpaceError(f"{name}: no such parameter; there are {', '.join(self)}")
            parameters[name] = parameters[name].narrow(to, name)
        return self._with(parameters)

    def ranges(self) -> dict[str, list[Scalar]]:
        """Name -> [low, high], or the choices: what `narrow` takes."""
        return {name: list(p.range) for name, p in self.items()}

    def grid_size(self, per_float: int) -> int:
        """Points of the full grid, with `per_float` points on every uncountable parameter."""
        return math.prod(p.cells or per_float for p in self.values())

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data, which `from_json` takes."""
        return {
            "parameters": [{"name": name, **p.to_json()} for name, p in self.items()],
            "when": {
                name: [{"parent": c.parent, "values": list(c.values)} for c in conditions]
                for name, conditions in self._conditions.items()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Space:
        """The space that `to_json` wrote. Raises SpaceError for a kind of parameter not known here."""
        parameters = {
            p["name"]: parameter_from_json({k: v for k, v in p.items() if k != "name"})
            for p in data["parameters"]
        }
        when = {
            name: [Condition(c["parent"], tuple(c["values"])) for c in conditions]
            for name, conditions in data["when"].items()
        }
        return cls(parameters, when=when)


def _as_parameter(name: str, declared: Any) -> Parameter:
    if isinstance(declared, Parameter):
        return declared
    if declared is None or isinstance(declared, str) or _is_finite(declared):
        return Categorical([declared])
    raise SpaceError(
        f"{name}: {declared!r} is not a range; use Float(low, high), Int(low, high), "
        "Categorical([...]) or a fixed value"
    )


def _is_finite(value: object) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)


def _encode(parameter: Parameter, value: Any, name: str) -> Scalar:
    return (
        parameter.encode(value, name) if isinstance(parameter, Categorical) else parameter.check(value, name)
    )


def _beside(space: Space, name: str, params: Mapping[str, Scalar]) -> str:
    return ", ".join(f"{c.parent}={params.get(c.parent)!r}" for c in space.conditions(name))
