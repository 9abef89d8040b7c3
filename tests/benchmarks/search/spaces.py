"""Parameters in the neutral form that travels to every peer; see peers/served.py.

A parameter with "when" is conditional: it exists while each of those parents, which come before it, has one
of the values listed for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.search.peers.served import is_active

Parameter: TypeAlias = dict[str, Any]
Params: TypeAlias = dict[str, Any]


def real(name: str, low: float, high: float, *, log: bool = False) -> Parameter:
    return {
        "name": name,
        "kind": "float",
        "low": float(low),
        "high": float(high),
        "log": log,
        "choices": None,
    }


def whole(name: str, low: int, high: int, *, log: bool = False) -> Parameter:
    return {"name": name, "kind": "int", "low": low, "high": high, "log": log, "choices": None}


def choice(name: str, *choices: str) -> Parameter:
    # strings only: some peers turn True into 1, or 1 into 1.0
    chosen = list(choices)
    return {"name": name, "kind": "categorical", "low": None, "high": None, "log": False, "choices": chosen}


def beside(parameter: Parameter, **parents: Sequence[str]) -> Parameter:
    """`parameter`, where each of `parents`, categorical and declared before it, has one of these values."""
    return {**parameter, "when": {parent: list(values) for parent, values in parents.items()}}


def cube(dimensions: int, low: float, high: float) -> tuple[Parameter, ...]:
    """x1 ... xD, all from `low` to `high`."""
    return tuple(real(f"x{number}", low, high) for number in range(1, dimensions + 1))


def draw(space: Sequence[Parameter], rng: np.random.Generator) -> Params:
    """One point at random, uniform on each parameter's own scale."""
    return from_unit(space, rng.random(len(space)))


def from_unit(space: Iterable[Parameter], unit: Iterable[float]) -> Params:
    """The configuration at a point of the unit cube; whole numbers and categories own equal cells."""
    params: Params = {}
    for parameter, u in zip(space, unit, strict=True):
        if is_active(parameter, params):
            params[parameter["name"]] = _value(parameter, float(u))
    return params


def to_unit(space: Iterable[Parameter], params: Params) -> NDArray[np.float64]:
    """Coordinates in the unit cube; a category has the middle of its cell."""
    return np.array([_coordinate(p, params[p["name"]]) for p in space])


def _value(parameter: Parameter, unit: float) -> Any:
    if parameter["kind"] == "categorical":
        choices = parameter["choices"]
        return choices[min(int(unit * len(choices)), len(choices) - 1)]
    low, high = _ends(parameter)
    value = low * (high / low) ** unit if parameter["log"] else low + (high - low) * unit
    if parameter["kind"] == "int":
        value = round(value)
    return min(max(value, parameter["low"]), parameter["high"])


def _coordinate(parameter: Parameter, value: Any) -> float:
    if parameter["kind"] == "categorical":
        return (parameter["choices"].index(value) + 0.5) / len(parameter["choices"])
    low, high = _ends(parameter)
    if parameter["log"]:
        return math.log(value / low) / math.log(high / low)
    return float((value - low) / (high - low))


def _ends(parameter: Parameter) -> tuple[float, float]:
    """The range; of whole numbers with half a one on either side, so that all have room."""
    half = 0.5 if parameter["kind"] == "int" else 0.0
    return parameter["low"] - half, parameter["high"] + half


class OutsideSpaceError(ValueError):
    """A tuner has suggested what the space does not have."""


def check(space: tuple[Parameter, ...], params: Params) -> Params:
    """`params` in the space's order and types. Raises OutsideSpaceError naming what does not fit.

    A peer's ends may be a rounding error off (it works in logarithms), so those are clipped.
    """
    active = [parameter for parameter in space if is_active(parameter, params)]
    if set(params) != {parameter["name"] for parameter in active}:
        raise OutsideSpaceError(f"wanted {[parameter['name'] for parameter in active]}, got {sorted(params)}")
    return {parameter["name"]: _check(parameter, params[parameter["name"]]) for parameter in active}


def _check(parameter: Parameter, value: Any) -> Any:
    name = parameter["name"]
    if parameter["kind"] == "categorical":
        if value not in parameter["choices"]:
            raise OutsideSpaceError(f"{name}: {value!r} is none of {parameter['choices']}")
        return value
    low, high = parameter["low"], parameter["high"]
    slack = 1e-6 * max(abs(low), abs(high))
    if not low - slack <= value <= high + slack:
        raise OutsideSpaceError(f"{name}: {value!r} is outside {low} to {high}")
    if parameter["kind"] == "int":
        if value != int(value):
            raise OutsideSpaceError(f"{name}: {value!r} is not a whole number")
        return int(value)
    return float(min(high, max(low, value)))
