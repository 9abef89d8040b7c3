"""The ranges that `trial.suggest_...` ask for: the signatures are Optuna's, the results ranges of a Space.

The reader of objectives and the trial both ask here, so that a call means the same before and in a trial.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter


def suggest_float(
    name: str, low: float, high: float, *, step: float | None = None, log: bool = False
) -> Float:
    if step is not None and low < high and step > high - low:
        # as in Optuna: the grid has one value
        return Float(low, low)
    return Float(low, high, step=step, log=log)


def suggest_int(name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> Int:
    if not log and low < high and step > high - low:
        return Int(low, low)
    return Int(low, high, step=None if step == 1 else step, log=log)


def suggest_categorical(name: str, choices: Sequence[Any]) -> Categorical:
    return Categorical(choices)


def suggest_uniform(name: str, low: float, high: float) -> Float:
    return Float(low, high)


def suggest_loguniform(name: str, low: float, high: float) -> Float:
    return Float(low, high, log=True)


def suggest_discrete_uniform(name: str, low: float, high: float, q: float) -> Float:
    return suggest_float(name, low, high, step=q)


METHODS: Mapping[str, Callable[..., Parameter]] = {
    each.__name__: each
    for each in (
        suggest_float,
        suggest_int,
        suggest_categorical,
        suggest_uniform,
        suggest_loguniform,
        suggest_discrete_uniform,
    )
}
_SIGNATURES = {name: inspect.signature(method) for name, method in METHODS.items()}


def arguments_of(method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name. Raises TypeError as the call would."""
    return dict(_SIGNATURES[method].bind(*args, **kwargs).arguments)
