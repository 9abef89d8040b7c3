"""Every point of the grid once, in an order that covers the space early.

The grid: all cells of a discrete parameter; of an uncountable Float, evenly spaced
points in scale with both ends. There are as many per Float as make the whole grid fit
the budget, at least 2; without a budget 5. Inactive parameters are no dimension, so
combinations that differ only in them are one point.

The order: with r_j values on axis j and L the least common multiple of all r_j, the
group Z_r1 x ... x Z_rd falls into orbits of length L under the step (a_1, ..., a_d), each
a_j prime to r_j. Walking orbit after orbit visits every point once, by index, without
ever holding the grid; any r_j consecutive points of an orbit show every value of axis j;
and a_j / r_j near the powers of the generalised golden ratio spreads them jointly.

Which point a trial gets: the first ones that no trial has had, the k-th of them if k
smaller numbers are still being suggested. So trial n is point n of the order, and
narrowed ranges or enqueued values leave no holes and no repetitions.

Source: Roberts 2018, "The unreasonable effectiveness of quasirandom sequences" (ratio).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.constraints import Constraints
from jupyter_tune.core.parameters import Int, Parameter, Params, Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError, TuneError
from jupyter_tune.samplers.completion import finish, space_for

MOST_COUNTED = 100_000
"""Points of a grid that are looked at for those that satisfy the constraints."""
PER_FLOAT = 5
"""Points per uncountable Float when no budget says how many."""


class GridSampler:
    """The grid of the present ranges, point by point; `seed` is not used."""

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        """Params for trial `command.number`, and "grid", or the source of the given values.

        Raises: TuneError if every point of the grid has been tried; SpaceError if
                `command.given` does not fit the declared space.
        """
        given = command.given or {}
        searching = _of_the_search(study.settings)
        per_float = points_per_float(study.ranges, searching)
        # of code that was edited since, every point is to be tried again
        tried = {point_key(t.params) for t in study.trials.values() if not study.is_earlier(t)}
        points = grid_points(space_for(study, given), per_float)
        untried = (p for p in points if point_key(p) not in tried and study.constraints.allow(p))
        if given:
            # the grid's nearest point may be tried already, where the given value lies beside it
            middle = next(grid_points(space_for(study, given), per_float))
            return finish(study, next(untried, middle), given), command.source or "grid"
        ahead = sum(number not in study.trials for number in range(command.number))
        params = next(islice(untried, ahead, None), None)
        if params is None:
            size = grid_size(study.ranges, searching, study.settings.subject_to)
            raise TuneError(
                f"sampler: all {size} points of the grid are tried, trial {command.number} has none left; "
                f"set trials to at most {size} or use sampler='random'"
            )
        return params, command.source or "grid"


def points_per_float(space: Space, trials: int | None) -> int:
    """How many points an uncountable Float has: all that keep the grid within `trials`."""
    if trials is None:
        return PER_FLOAT
    if all(parameter.cells is not None for parameter in space.values()):
        return PER_FLOAT
    # the count grows with per_float; where a Float can never be active it does not, hence the cap
    return max(2, bisect_right(range(trials + 1), trials, key=lambda points: _count(space, points)) - 1)


def grid_size(space: Space, trials: int | None, subject_to: Sequence[str] = ()) -> int:
    """How many different points the grid has that satisfy the constraints: the most trials that a grid study
    can use. With constraints, no more than `trials` are counted."""
    per_float = points_per_float(space, trials)
    constraints = Constraints(subject_to, space)
    if not constraints.on_params:
        return _count(space, per_float)
    points = islice(grid_points(space, per_float), MOST_COUNTED)
    return sum(1 for _ in islice(filter(constraints.allow, points), trials))


def describe(space: Space, trials: int | None) -> str:
    """The grid in one line for users: `54 points: lr 3, width 9, act 2`."""
    per_float = points_per_float(space, trials)
    axes = ", ".join(f"{name} {p.cells or per_float}" for name, p in space.items() if p.cells != 1)
    size = _count(space, per_float)
    return f"{size} point{'s' * (size != 1)}" + (f": {axes}" if axes else "")


def bound(space: Space, settings: Settings) -> tuple[int, str]:
    """`grid_size` with the trials that confirm, and `describe`. Raises OptionError if no point satisfies the
    constraints."""
    searching = _of_the_search(settings)
    size = grid_size(space, searching, settings.subject_to)
    constraints = Constraints(settings.subject_to, space)
    if not size:
        raise OptionError(
            f"sampler: no point of the grid satisfies {constraints}; use sampler='random', or loosen it"
        )
    described = describe(space, searching)
    if constraints.on_params:
        described = f"{described}; {size} within the constraints"
    return size + settings.confirm, described


def _of_the_search(settings: Settings) -> int | None:
    """How many trials may have a point of their own: all but those that measure one again."""
    return None if settings.trials is None else max(1, settings.trials - settings.confirm)


def grid_points(space: Space, per_float: int = PER_FLOAT) -> Iterator[Params]:
    """Every point once, in the order described above; lazily, so that a huge grid costs nothing."""
    radices = [p.cells or per_float for p in space.values()]
    conditional = [j for j, name in enumerate(space) if space.conditions(name)]
    names = list(space)
    for digits in spread_order(radices):
        values = {
            name: _value(p, digit, per_float) for (name, p), digit in zip(space.items(), digits, strict=True)
        }
        params: Params = {}
        for name, value in values.items():
            if space.active(name, params):
                params[name] = value
        # of the combinations that differ in inactive parameters only, the one at zero counts
        if all(digits[j] == 0 for j in conditional if names[j] not in params):
            yield params


def spread_order(radices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All digit tuples with 0 <= digit_j < radices[j], each once, spread from the start.

    The first is the middle one.
    """
    steps = _steps(radices)
    length = 1
    shared: list[int] = []
    for radix in radices:
        shared.append(math.gcd(length, radix))
        length = math.lcm(length, radix)
    orbits = math.prod(shared)
    stride = _coprime_near(orbits / _ratio(1), orbits)
    for orbit in range(orbits):
        # one representative per orbit: shift_j below gcd(lcm(r_1..r_j-1), r_j)
        rest = orbit * stride % orbits
        shifts = []
        for share in shared:
            rest, shift = divmod(rest, share)
            shifts.append(shift)
        for i in range(length):
            yield tuple(
                (radix // 2 + step * (i + shift)) % radix
                for step, shift, radix in zip(steps, shifts, radices, strict=True)
            )


def _steps(radices: Sequence[int]) -> list[int]:
    ratio = _ratio(len(radices))
    return [_coprime_near(radix / ratio ** (j + 1), radix) for j, radix in enumerate(radices)]


def _ratio(dimensions: int) -> float:
    """The root above 1 of x^(d+1) = x + 1; the golden ratio for d = 1."""
    root = 2.0
    for _ in range(64):
        root = (1 + root) ** (1 / (dimensions + 1))
    return root


def _coprime_near(target: float, radix: int) -> int:
    candidates = sorted(range(1, radix + 1), key=lambda step: abs(step - target)) if radix < 64 else None
    if candidates is None:
        near = max(1, round(target))
        candidates = [step for k in range(64) for step in (near + k, near - k) if 0 < step < radix]
    return next((step for step in candidates if math.gcd(step, radix) == 1), 1)


def _count(space: Space, per_float: int) -> int:
    """Distinct points: walks the values of parameters that others depend on, multiplies the rest."""
    parents = {c.parent for name in space for c in space.conditions(name)}
    names = list(space)

    def below(index: int, params: Params) -> int:
        if index == len(names):
            return 1
        name = names[index]
        if not space.active(name, params):
            return below(index + 1, params)
        cells = space[name].cells or per_float
        if name not in parents:
            return cells * below(index + 1, params)
        values = (_value(space[name], digit, per_float) for digit in range(cells))
        return sum(below(index + 1, {**params, name: value}) for value in values)

    return below(0, {})


def _value(parameter: Parameter, digit: int, per_float: int) -> Scalar:
    if parameter.cells is None:
        return parameter.from_unit(digit / (per_float - 1) if per_float > 1 else 0.5)
    if isinstance(parameter, Int):
        # log scale: cells are not of equal width, so the cell's middle cannot be asked for
        return parameter.low + digit * parameter.step
    return parameter.from_unit((digit + 0.5) / parameter.cells)


def point_key(params: Params) -> tuple[tuple[str, Scalar], ...]:
    """Equal for the same point, in whatever order its params are."""
    return tuple(sorted((name, _rounded(value)) for name, value in params.items()))


def _rounded(value: Scalar) -> Scalar:
    """`value` to nine digits: 0.3 as a user types it and 0.1 + 2 * 0.1 on the grid of steps are one value."""
    return float(f"{value:.9g}") if isinstance(value, float) else value
