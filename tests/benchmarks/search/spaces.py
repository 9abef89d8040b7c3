"""Parameters in the neutral form that travels to every peer; see peers/served.py."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

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


def cube(dimensions: int, low: float, high: float) -> tuple[Parameter, ...]:
    """x1 ... xD, all from `low` to `high`."""
    return tuple(real(f"x{number}", low, high) for number in range(1, dimensions + 1))


def draw(space: tuple[Parameter, ...], rng: np.random.Generator) -> Params:
    """One point at random, uniform on each parameter's own scale."""
    units = rng.random(len(space)).tolist()
    return {parameter["name"]: _value(parameter, unit) for parameter, unit in zip(space, units, strict=True)}


def _value(parameter: Parameter, unit: float) -> Any:
    """What lies at `unit` of the range, in [0, 1); whole numbers and choices own equal parts of it."""
    if parameter["kind"] == "categorical":
        return parameter["choices"][int(unit * len(parameter["choices"]))]
    low, high, is_whole = parameter["low"], parameter["high"], parameter["kind"] == "int"
    start, end = (low - 0.5, high + 0.5) if is_whole else (low, high)
    value = start * (end / start) ** unit if parameter["log"] else start + (end - start) * unit
    return min(high, max(low, round(value))) if is_whole else min(high, max(low, value))


def check(space: tuple[Parameter, ...], params: Params) -> Params:
    """`params` in the space's order and types. Raises ValueError naming what does not fit.

    A peer's ends may be a rounding error off (it works in logarithms), so those are clipped.
    """
    if set(params) != {parameter["name"] for parameter in space}:
        raise ValueError(f"wanted {[parameter['name'] for parameter in space]}, got {sorted(params)}")
    return {parameter["name"]: _check(parameter, params[parameter["name"]]) for parameter in space}


def _check(parameter: Parameter, value: Any) -> Any:
    name = parameter["name"]
    if parameter["kind"] == "categorical":
        if value not in parameter["choices"]:
            raise ValueError(f"{name}: {value!r} is none of {parameter['choices']}")
        return value
    low, high = parameter["low"], parameter["high"]
    slack = 1e-6 * max(abs(low), abs(high))
    if not low - slack <= value <= high + slack:
        raise ValueError(f"{name}: {value!r} is outside {low} to {high}")
    if parameter["kind"] == "int":
        if value != int(value):
            raise ValueError(f"{name}: {value!r} is not a whole number")
        return int(value)
    return float(min(high, max(low, value)))
