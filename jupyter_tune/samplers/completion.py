"""The space a suggestion is drawn from when some of its values are given.

A given value is a range of one point: every sampler draws from `space_for(study, given)` as from any space,
and `finish` puts the values back exactly as they were given. Two cases need care:

- a parameter that exists only beside certain values of another: giving it fixes that other parameter to
  one of those values;
- a value outside the narrowed ranges, enqueued before they were narrowed: it is kept, and all other
  parameters obey the ranges.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from jupyter_tune.core.conditions import Condition
from jupyter_tune.core.parameters import Categorical, Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import SpaceError


def space_for(study: Study, given: Mapping[str, Scalar]) -> Space:
    """`study.ranges` with every given parameter held at its value.

    Raises: SpaceError if a name is unknown or a value lies outside the declared range.
    """
    if not given:
        return study.ranges
    ranges: dict[str, list[Scalar]] = study.ranges.ranges()
    # children first, so that what a grandchild needs of its parent reaches the grandparent
    needed = dict(_checked(study.space, given))
    for name in reversed(list(study.space)):
        if name in needed:
            for condition in study.space.conditions(name):
                if condition.parent not in needed:
                    needed[condition.parent] = _one_of(study, condition)
    for name, value in needed.items():
        parameter = study.space[name]
        if isinstance(parameter, Categorical):
            ranges[name] = [value]
        else:
            # a value beside the grid of steps stands in the cell that it falls into
            cell = value if parameter.cells is None else parameter.from_unit(parameter.to_unit(value))
            ranges[name] = [cell, cell]
    return study.space.narrow(ranges)


def finish(study: Study, params: Params, given: Mapping[str, Scalar]) -> Params:
    """`params` with the given values exactly as they were given.

    Raises: SpaceError if a given parameter does not exist beside the other values.
    """
    return study.space.complete({**params, **_checked(study.space, given)}) if given else params


def uniform(
    study: Study, space: Space, given: Mapping[str, Scalar], chance: random.Random
) -> Iterator[Params]:
    """Params drawn from `space` by `chance` alone, with the given values, for ever."""
    while True:
        # one draw per parameter, used or not: given and inactive ones do not shift the others
        yield finish(study, space.from_unit({name: chance.random() for name in space}), given)


def _checked(space: Space, given: Mapping[str, Scalar]) -> Params:
    for name in given:
        if name not in space:
            raise SpaceError(f"{name}: no such parameter; there are {', '.join(space) or 'none'}")
    return {name: space[name].check(value, name) for name, value in given.items()}


def _one_of(study: Study, condition: Condition) -> Scalar:
    """The first value of the condition that the present ranges still hold, else its first."""
    now = study.ranges[condition.parent]
    for value in condition.values:
        if isinstance(now, Categorical):
            if value in now.choices:
                return value
        elif isinstance(value, (int, float)) and now.low <= value <= now.high:
            return value
    return condition.values[0]
