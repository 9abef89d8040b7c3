"""Scrambled Sobol points: trial n is point n, in whatever order trials are asked for.

The sequence belongs to the study (its seed scrambles it), so that all its trials
together fill the space; `seed` of a suggestion is not used. Where values are few, point n may repeat
a trial: then the next point of the sequence that does not is taken.

SciPy makes the points: gpytorch needs it anyway, it loads in half a second without
torch, and it goes up to 21,201 dimensions. torch.quasirandom would cost a study that
never fits a model two seconds and 200 MB.

Source: Owen 1998 (scrambling); Joe and Kuo 2008 (direction numbers).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc  # type: ignore[import-untyped]

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.errors import OptionError
from jupyter_tune.samplers.completion import finish, space_for
from jupyter_tune.samplers.untried import first_untried

MAX_DIMENSIONS: int = qmc.Sobol.MAXDIM
_BLOCK = 64
_PARTS = 1024
"""Trials whose points never meet, where constraints pass points over."""


class SobolSampler:
    """Points of one scrambled Sobol sequence, by trial number."""

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        """Params for trial `command.number`, and "sobol", or the source of the given values.

        Raises: SpaceError if `command.given` does not fit the declared space; OptionError if
                the space has more dimensions than the sequence.
        """
        return sobol_params(study, command.given or {}, command.number), command.source or "sobol"


def sobol_params(study: Study, given: Params, number: int) -> Params:
    """Point `number` of the study's sequence as params, or the next one that repeats no trial."""
    # where a trial may pass over points that others take unseen, each has a part of the sequence of its own:
    # constraints forbid points, and of a conditional space some branches have few and others no end of them
    conditional = any(study.space.conditions(name) for name in study.space)
    step = _PARTS if study.constraints.on_params or conditional else 1
    # constants of the declared space have no dimension; narrowing does not change the count
    names, space = study.space.varying, space_for(study, given)
    points = _points(len(names), study.settings.seed, number, step)
    units = (
        dict.fromkeys(study.space, 0.5) | dict(zip(names, point.tolist(), strict=True)) for point in points
    )
    draws = (finish(study, space.from_unit(unit), given) for unit in units)
    return first_untried(study, given, draws, study.settings.seed + number)


def _points(dimensions: int, seed: int, first: int, step: int) -> Iterator[npt.NDArray[np.float64]]:
    """Point `first` of the sequence scrambled by `seed`, and every `step`-th after it, for ever."""
    point = sobol_point(dimensions, seed, first)
    yield point
    while dimensions == 0:
        yield point
    # most trials take the first point, for which a block is kept; more are one sequence that goes on
    sequence = _sequence(dimensions, seed).fast_forward(first + step)
    while True:
        yield sequence.random()[0]
        sequence.fast_forward(step - 1)


def sobol_point(dimensions: int, seed: int, index: int) -> npt.NDArray[np.float64]:
    """Point `index` of the sequence scrambled by `seed`.

    Returns: `dimensions`; in [0, 1).
    Raises:  OptionError above 21,201 dimensions.
    """
    if dimensions > MAX_DIMENSIONS:
        raise OptionError(
            f"sampler: sobol has at most {MAX_DIMENSIONS} dimensions, the space has {dimensions}; "
            "use sampler='random'"
        )
    if dimensions == 0:
        return np.empty(0)
    point: npt.NDArray[np.float64] = _block(dimensions, seed, index // _BLOCK)[index % _BLOCK]
    return point


@lru_cache(maxsize=16)
def _block(dimensions: int, seed: int, number: int) -> npt.NDArray[np.float64]:
    sequence = _sequence(dimensions, seed)
    if number:
        sequence.fast_forward(number * _BLOCK)
    points: npt.NDArray[np.float64] = sequence.random(_BLOCK)
    return points


def _sequence(dimensions: int, seed: int) -> qmc.Sobol:
    return qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed))
