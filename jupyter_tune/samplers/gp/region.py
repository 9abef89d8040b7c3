"""Where candidates may lie: what of the present ranges satisfies the study's constraints on parameters.

The acquisition knows nothing of them. What violates one is left out of the pool, and a climb that leaves the
region is taken back along its straight way to the last point inside: an optimum at the edge, where it
often is, is found so.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import numpy as np
import numpy.typing as npt

from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.completion import finish
from jupyter_tune.samplers.feasible import allowed
from jupyter_tune.samplers.gp.encoding import Array, Encoding

_LEAST = 48
"""Points of a pool; fewer are filled up."""
_HALVINGS = 12


class Region:
    """The region of `study` around the given values; `seed`: the only source of chance."""

    def __init__(self, study: Study, encoding: Encoding, given: Mapping[str, Scalar], seed: int):
        self._study, self._encoding, self._given, self._seed = study, encoding, given, seed
        self.is_whole = not study.constraints.on_params
        """Whether there is no constraint on parameters."""

    def holds(self, u: Array) -> npt.NDArray[np.bool_]:
        """Which points satisfy the constraints: m x p -> m."""
        if self.is_whole:
            return np.ones(len(u), dtype=bool)
        return np.array([self._study.constraints.allow(self._params(point)) for point in u], dtype=bool)

    def inside(self, pool: Array) -> Array:
        """Those of `pool` that lie in the region, with others where they are few. Raises TuneError if none is
        found."""
        if self.is_whole:
            return pool
        held = pool[self.holds(pool)]
        if len(held) >= _LEAST:
            return held
        draws = (self._params(point) for point in pool)
        more = islice(allowed(self._study, self._given, draws, self._seed), _LEAST)
        points = np.array([self._encoding.to_unit(params) for params in more])
        return np.concatenate([held, points.reshape(-1, len(self._encoding))])

    def taken_back(self, starts: Array, ends: Array) -> Array:
        """`ends`: k x p, each on its straight way from its start as far as the region goes; the starts lie in
        it."""
        if self.is_whole:
            return ends
        near, far = np.zeros(len(ends)), np.ones(len(ends))
        out = ~self.holds(ends)
        reached = np.where(out[:, None], starts, ends)
        for _ in range(_HALVINGS if out.any() else 0):
            share = (near + far) / 2
            middle = self._encoding.snap(starts + share[:, None] * (ends - starts))
            is_in = self.holds(middle)
            reached = np.where((out & is_in)[:, None], middle, reached)
            near, far = np.where(is_in, share, near), np.where(is_in, far, share)
        return reached

    def _params(self, u: Array) -> Params:
        return finish(self._study, self._encoding.to_params(u), self._given)
