"""Parameters: ranges of values, their validation, and their place in [0, 1].

A parameter maps its values onto [0, 1] and back. The map is by rank of scale:
linear, logarithmic (`log`), or logarithmic in the distance to 1 (`reverse_log`,
for momenta and decays: 0.9, 0.99, 0.999 are equally far apart). Discrete
parameters own cells of equal width; `to_unit` gives the cell's middle.

    values.py        what a value may be, and what a bound
    scale.py         the map of a range, and grids in it
    numeric.py       Float and Int
    categorical.py   Categorical
    labels.py        choices that are any objects, as JSON holds them
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from jupyter_tune.core.parameters.categorical import Categorical
from jupyter_tune.core.parameters.numeric import Float, Int
from jupyter_tune.core.parameters.values import Params, Scalar, is_missing
from jupyter_tune.errors import SpaceError

__all__ = [
    "Categorical",
    "Float",
    "Int",
    "Parameter",
    "Params",
    "Scalar",
    "is_missing",
    "parameter_from_json",
    "with_default",
]

Parameter: TypeAlias = Float | Int | Categorical


def parameter_from_json(data: Mapping[str, Any]) -> Parameter:
    """The parameter that `to_json` wrote. Raises SpaceError for a kind that this version does not know."""
    fields = {key: value for key, value in data.items() if key != "kind"}
    match data["kind"]:
        case "float":
            return Float(fields.pop("low"), fields.pop("high"), **fields)
        case "int":
            step = fields.pop("step", 1)
            return Int(fields.pop("low"), fields.pop("high"), step=None if step == 1 else step, **fields)
        case "categorical":
            return Categorical(fields.pop("choices"), **fields)
        case other:
            raise SpaceError(f"unknown kind of parameter {other!r}; this study needs a newer jupyter_tune")


def with_default(parameter: Parameter, default: Any, name: str) -> Parameter:
    """`parameter` with another default; SpaceError naming `name` if it lies outside."""
    if isinstance(parameter, Categorical):
        return parameter.starting_at(default, f"{name}: default")
    return parameter_from_json(
        {**parameter.to_json(), "default": parameter.check(default, f"{name}: default")}
    )
