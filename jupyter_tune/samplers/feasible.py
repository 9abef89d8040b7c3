"""Params that satisfy the study's constraints on parameters.

Draws that violate one are passed over. Where MANY in a row do, the region is too small to be hit: from the
least violating of them a walk goes downhill, by steps that grow after a success and shrink after a failure,
until nothing is violated. What violates is the sum of the excesses, each in units of what it was among the
draws. Standard library only, as for every sampler that a random study loads.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from jupyter_tune.core.constraints import Constraint
from jupyter_tune.core.parameters import Categorical, Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError, SpaceError, TuneError
from jupyter_tune.samplers.completion import finish, space_for, uniform

MANY = 400
_STARTS, _STEPS = 8, 600
"""Walks that are tried, and steps of each."""
_NO_VALUE = 1e9
"""The excess of a constraint without a value, in units of the usual one."""


def allowed(
    study: Study, given: Mapping[str, Scalar], draws: Iterable[Params], seed: int
) -> Iterator[Params]:
    """Those of `draws` that satisfy the constraints, for ever; where they are too few, others that do.

    Args: given: the given values; the draws have them.
    Raises: TuneError if none is found.
    """
    if not study.constraints.on_params or not (space := space_for(study, given)).varying:
        yield from draws
        return
    some = iter(draws)
    chance = random.Random(seed)
    while True:
        missed: list[Params] = []
        for params in islice(some, MANY):
            if study.constraints.allow(params):
                yield params
                break
            missed.append(params)
        else:
            if not missed:
                return
            while True:
                yield _walked(study, space, given, missed, chance)


def require_feasible(study: Study, space: Space, given: Mapping[str, Scalar], request: str) -> None:
    """Raises OptionError, which begins with `request`, unless some params of `space` with the given values
    satisfy the constraints."""
    constraints = study.constraints
    if not constraints.on_params:
        return
    try:
        broken = constraints.broken_by(space.check(given)) if given else ""
    except SpaceError:
        broken = ""  # they are a part of the params
    if broken:
        raise OptionError(f"{request}: these values violate {broken}; choose others")
    chance = random.Random(0)
    some = list(islice(uniform(study, space, given, chance), MANY))
    if not any(map(constraints.allow, some)):
        try:
            _walked(study, space, given, some, chance)
        except TuneError as error:
            raise OptionError(f"{request}: {error}") from None


def _walked(
    study: Study, space: Space, given: Mapping[str, Scalar], draws: list[Params], chance: random.Random
) -> Params:
    """Feasible params, by a walk from one of the least violating `draws`. Raises TuneError."""
    constraints = study.constraints.on_params
    scales = [_scale(constraint, draws) for constraint in constraints]

    def violation(params: Params) -> float:
        parts = zip(constraints, scales, strict=True)
        return sum(min(max(0.0, each.excess(params)) / scale, _NO_VALUE) for each, scale in parts)

    starts = sorted(draws, key=violation)[:_STARTS]
    chance.shuffle(starts)
    for start in starts:
        here, best, size = space.to_unit(_inside(space, start)), violation(start), 0.3
        for _ in range(_STEPS):
            there = _moved(space, here, size, chance)
            params = finish(study, space.from_unit(there), given)
            reached = violation(params)
            if reached == 0 and study.constraints.allow(params):
                return params
            if reached <= best:
                size = min(0.5, size * 1.6) if reached < best else size
                here, best = there, reached
            else:
                size = max(1e-9, size * 0.92)
    texts = " and ".join(each.text for each in constraints)
    beside = f" beside {', '.join(f'{name}={value!r}' for name, value in given.items())}" if given else ""
    raise TuneError(
        f"no values in these ranges{beside} were found that satisfy {texts}; widen or loosen them"
    )


def _scale(constraint: Constraint, draws: list[Params]) -> float:
    excesses = [constraint.excess(params) for params in draws]
    return max((excess for excess in excesses if 0 < excess < math.inf), default=1.0)


def _inside(space: Space, params: Params) -> Params:
    """`params` without what lies beside `space`: values that were given so."""
    return {name: value for name, value in params.items() if _holds(space, name, value)}


def _holds(space: Space, name: str, value: Scalar) -> bool:
    try:
        space[name].check(value, name)
    except SpaceError:
        return False
    return True


def _moved(space: Space, unit: Mapping[str, float], size: float, chance: random.Random) -> dict[str, float]:
    touched = max(0.3, 1 / max(1, len(space)))
    moved = dict(unit)
    for name, parameter in space.items():
        if parameter.is_constant or chance.random() > touched:
            continue
        if isinstance(parameter, Categorical) and not parameter.ordered:
            moved[name] = chance.random()
        else:
            step = chance.gauss(0.0, size)
            # a step of a coarse axis that reaches no other cell is none
            cell = 1 / parameter.cells if parameter.cells else 0.0
            there = abs(unit[name] + math.copysign(max(abs(step), cell), step))
            # thrown back from the ends: walks that stopped there would all end in one corner
            moved[name] = there if there <= 1 else max(0.0, 2 - there)
    return moved
