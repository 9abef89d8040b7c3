"""The first of some draws that no trial has had, pending trials included.

In a space of few values chance repeats itself long before everything is tried: six draws of
ten values are all different in one study of seven. A repetition adds no information where
training is deterministic, and a sampler that starts with points of its own has only a few of them.

Standard library only, as for every sampler that a random study loads.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import islice

from jupyter_tune.core.parameters import Float, Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.completion import finish, space_for
from jupyter_tune.samplers.feasible import allowed
from jupyter_tune.samplers.grid import grid_points, point_key

_DRAWS = 64
_POINTS = 4096
"""Most points of the grid that are looked at, so that a suggestion's cost is bounded."""


def first_untried(study: Study, given: Mapping[str, Scalar], draws: Iterable[Params], seed: int) -> Params:
    """The first of `draws` that satisfies the constraints and repeats no trial of `study`.

    Args:
        given: the given values; the draws have them.
        draws: at least one; at most 64 that satisfy the constraints are taken.
        seed:  the only source of chance, where draws do not suffice.

    Returns: where all of them repeat a trial, the first untried point of the grid; where there is
             none either, the first draw: a second measurement shows the noise.
    Raises:  TuneError if nothing is found that satisfies the constraints.
    """
    some = islice(allowed(study, given, draws, seed), _DRAWS)
    first = next(some)
    if _is_one_of_many(space_for(study, given), first):
        return first
    trials = [trial for trial in study.trials.values() if not study.is_earlier(trial)]
    if not any(_agree(first, trial.params) for trial in trials):
        return first
    tried = {point_key(trial.params) for trial in trials}
    for params in some:
        if point_key(params) not in tried:
            return params
    # of one point more than there are trials, one at least is untried
    points = islice(grid_points(space_for(study, given)), min(len(tried) + 1, _POINTS))
    completed = (finish(study, point, dict(given)) for point in points)
    new = (params for params in completed if point_key(params) not in tried)
    return next(filter(study.constraints.allow, new), first)


def _is_one_of_many(space: Space, draw: Params) -> bool:
    """Whether one of its values was drawn from a continuous range: then no other draw has it."""
    return any(
        isinstance(range_, Float)
        and range_.cells is None
        and not math.isclose(range_.low, range_.high, rel_tol=1e-3)
        for range_ in (space[name] for name in draw)
    )


def _agree(one: Params, other: Params) -> bool:
    """Whether they are one point; much cheaper than their keys, as two mostly differ in their first value."""
    return one.keys() == other.keys() and all(_is_close(value, other[name]) for name, value in one.items())


def _is_close(one: Scalar, other: Scalar) -> bool:
    return one == other or (isinstance(one, float) and isinstance(other, float) and math.isclose(one, other))
