"""The space of a search: our ranges, or lists and distributions as RandomizedSearchCV takes them.

    Space, Float, Int, Categorical   as they are
    a list or an array               Categorical; ordered where it is numbers in ascending order
    uniform, loguniform, randint     of scipy.stats, as `jt.read_space` reads them
    any other value                  fixed

The first trial is the estimator as it was given: the default of a range that has none of its own is the
estimator's value, where that lies inside.
"""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from jupyter_tune.core.parameters import Categorical, Parameter, Params, with_default
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.spaces.domains import library_of, range_of, refused


def space_of(given: Any, estimator: Any) -> Space:
    """`given` as the space of a search over `estimator`.

    Raises: SpaceError naming the parameter that is no range, or that the estimator does not have.
    """
    if isinstance(given, Sequence) and not isinstance(given, str):
        raise SpaceError(
            "space: a list of dicts is no space here; say which parameters depend on which: "
            'Space({"kernel": Categorical(["rbf", "linear"]), "gamma": Float(0.01, 1)}, '
            'when={"gamma": {"kernel": ["rbf"]}})'
        )
    if not isinstance(given, Mapping):
        raise SpaceError(f"space: must be a mapping of names to ranges, got {given!r}")
    if not given:
        raise SpaceError("space: is empty; give at least one parameter of the estimator")
    own = estimator.get_params() if hasattr(estimator, "get_params") else {}
    ranges = {name: _starting_at(_range(name, each), own, name) for name, each in given.items()}
    conditions = {name: given.conditions(name) for name in given} if isinstance(given, Space) else {}
    space = Space(ranges, when={name: each for name, each in conditions.items() if each})
    _require_parameters(space, estimator)
    return space


def _range(name: str, given: Any) -> Any:
    if isinstance(given, (list, tuple, np.ndarray)):
        choices = given.tolist() if isinstance(given, np.ndarray) else list(given)
        return Categorical(choices, ordered=len(choices) > 2 and _ascends(choices))
    if hasattr(given, "rvs") and library_of(given) != "scipy":
        raise refused(name, f"the distribution {type(given).__name__}")
    return range_of(given, name)


def _ascends(choices: list[Any]) -> bool:
    are_numbers = all(isinstance(each, numbers.Real) and not isinstance(each, bool) for each in choices)
    return are_numbers and all(low < high for low, high in itertools.pairwise(choices))


def _starting_at(parameter: Parameter, own: Mapping[str, Any], name: str) -> Parameter:
    """`parameter` with the estimator's own value as its default, unless it was given one."""
    if name not in own:
        return parameter
    plain = parameter.choices[0] if isinstance(parameter, Categorical) else parameter.from_unit(0.5)
    if parameter.default is not plain and parameter.default != plain:
        return parameter
    try:
        return with_default(parameter, own[name], name)
    except SpaceError:  # it lies outside, or is None or a word: then the middle of the range
        return parameter


def _require_parameters(space: Space, estimator: Any) -> None:
    """Raises SpaceError for a parameter that `estimator` does not have."""
    for params in _beside_each_condition(space):
        try:
            clone(estimator).set_params(**clone(params, safe=False))
        except (ValueError, AttributeError, TypeError) as error:
            raise SpaceError(f"space: {error}") from None


def _beside_each_condition(space: Space) -> Iterator[dict[str, Any]]:
    """Params among which each parameter that can exist does."""
    yield space.decode(space.encoded.defaults())
    for name in space:
        needed = _what_it_needs(space, name)
        if needed:
            yield space.decode(space.encoded.complete(needed))


def _what_it_needs(space: Space, name: str) -> Params:
    needed: Params = {}
    for condition in space.conditions(name):
        needed |= _what_it_needs(space, condition.parent) | {condition.parent: condition.values[0]}
    return needed
