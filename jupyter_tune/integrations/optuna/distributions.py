"""Optuna's distributions and the ranges here, one as the other."""

from __future__ import annotations

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.optuna import ranges


def range_of(distribution: BaseDistribution, name: str) -> Parameter:
    """A distribution as a range. Raises SpaceError naming the parameter, for one that has no range here."""
    low, high = getattr(distribution, "low", 0), getattr(distribution, "high", 0)
    match distribution:
        case FloatDistribution():
            return ranges.suggest_float(name, low, high, step=distribution.step, log=distribution.log)
        case IntDistribution():
            return ranges.suggest_int(name, low, high, step=distribution.step, log=distribution.log)
        case CategoricalDistribution():
            return Categorical(distribution.choices)
    raise SpaceError(f"{name}: {distribution!r} has no range here; there are float, int and categorical ones")


def distribution_of(parameter: Parameter) -> BaseDistribution:
    """A range as a distribution over labels. `reverse_log`, the default and the order of choices are lost."""
    match parameter:
        case Float():
            return FloatDistribution(parameter.low, parameter.high, log=parameter.log, step=parameter.step)
        case Int():
            return IntDistribution(parameter.low, parameter.high, log=parameter.log, step=parameter.step)
        case Categorical():
            return CategoricalDistribution(parameter.labels)


def united(one: Parameter, other: Parameter, name: str) -> Parameter:
    """The smallest range that holds both. Raises SpaceError for choices that differ."""
    if one == other:
        return one
    if isinstance(one, Float) and isinstance(other, Float):
        low, high = min(one.low, other.low), max(one.high, other.high)
        step = one.step if one.step == other.step and one.low == other.low else None
        return Float(low, high, log=one.log and other.log, step=step)
    if isinstance(one, Int) and isinstance(other, Int):
        low, high, log = min(one.low, other.low), max(one.high, other.high), one.log and other.log
        same = one.step == other.step and (one.low - other.low) % one.step == 0
        return Int(low, high, log=log, step=one.step if same and one.step > 1 and not log else None)
    raise SpaceError(f"{name}: is {one!r} in one trial and {other!r} in another; no range here holds both")
