"""Uniform in the unit cube of the present ranges; the baseline of every other sampler.

Where values are few, a draw that repeats a trial is drawn again.

Only the standard library is imported here, so that a random study starts at once.
"""

from __future__ import annotations

import random

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.completion import space_for, uniform
from jupyter_tune.samplers.untried import first_untried


class RandomSampler:
    """Independent uniform draws in scale, decided by `seed` and by what has been tried."""

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        """Params for trial `command.number`, and "random", or the source of the given values.

        Raises: SpaceError if `command.given` does not fit the declared space.
        """
        given = command.given or {}
        draws = uniform(study, space_for(study, given), given, random.Random(seed))
        return first_untried(study, given, draws, seed), command.source or "random"
