"""Uniform in the unit cube of the present ranges; the yardstick of every other sampler.

Nothing but the standard library is imported here, so a random study starts at once.
"""

from __future__ import annotations

import random

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.completion import finish, space_for


class RandomSampler:
    """Independent uniform draws in scale; `seed` alone decides them."""

    def suggest(self, study: Study, wish: Suggest, seed: int) -> tuple[Params, str]:
        """Params for trial `wish.number`, and "random" (or whoever gave the values).

        Raises: SpaceError if `wish.given` does not fit the declared space.
        """
        given = wish.given or {}
        space = space_for(study, given)
        chance = random.Random(seed)
        # one draw per parameter, used or not: what is given or inactive does not shift the others
        params = space.from_unit({name: chance.random() for name in space})
        return finish(study, params, given), wish.source or "random"
