"""Where the acquisition is highest, in a space of numbers and choices.

1. A pool: 512 Sobol points and 256 around the best trials, snapped before they are
   scored; of a finite space of at most 1,024 points, all of them.
2. From the best four of the pool, twice: L-BFGS in the axes that are continuous or
   fine, one step of neighbour search in the others (every level of a short axis and every
   choice, the next levels of a longer one).
3. The best that is no exact copy of a trial. Where every candidate is one (a finite
   space, all tried), a copy: measuring the most promising point again gives information
   about the noise, and refusing would end the study.

In a conditional space a branch that is owed a trial (branches.py) comes first: before all this, and after it
where the best score is hardly a gain. It gets the best of a few Sobol points: on ground that the model does
not know, the best of many would be a corner, where the deviation is largest.

Scores are a function u -> acquisition (score.py); nothing here knows how it is made.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.stats import qmc  # type: ignore[import-untyped]

from jupyter_tune.samplers.gp.branches import is_new, owed
from jupyter_tune.samplers.gp.encoding import Array, Axis, Encoding
from jupyter_tune.samplers.gp.region import Region
from jupyter_tune.samplers.gp.score import Score

_SOBOL, _LOCAL, _STARTS, _ROUNDS, _STEPS = 512, 256, 4, 2, 12
_SHORT = 12
"""Most levels of an axis that is searched by neighbours only."""
_BLOCK = 256
"""Points that are scored at once: what 300 observations need for them stays in the processor's cache."""

_FEW = 8
"""Points among which the choice in a branch that is owed a trial is made."""
LITTLE = math.log(0.01)
"""An expected improvement that is hardly a gain: a hundredth of the results' deviation."""


def maximise(
    score: Score,
    encoding: Encoding,
    good: Array,
    tried: Array,
    seed: int,
    region: Region,
    little: float = LITTLE,
) -> tuple[Array, float]:
    """The point with the highest score that is not among `tried`.

    Args:
        score:    see Score.
        good:     g x p; points to look around, best first; g >= 0.
        tried:    t x p; points to refuse.
        seed:     the only source of chance.
        region:   where the point has to lie.
        little:   a score that is hardly a gain.

    Returns: u: p, snapped into the encoding's ranges, and its score.
    Raises:  TuneError if no point of the region is found.
    """
    pool = _whole(encoding)
    if pool is not None:
        pool = region.inside(pool)
        due = pool[owed(encoding, tried, pool, hopes=True)]
        pool = due if len(due) else pool
        return _first_new(pool, _scores(score, pool), tried)
    chance = np.random.default_rng(seed)
    pool = region.inside(_pool(encoding, good, chance))
    spread = pool[:_SOBOL]
    due = spread[owed(encoding, tried, spread, hopes=True)][:_FEW]
    if len(due):
        return _first_new(due, _scores(score, due), tried)
    scores = _scores(score, pool)
    best = pool[np.argsort(-scores, kind="stable")[: 4 * _STARTS]]
    starts = np.unique(best, axis=0, return_index=True)[1]
    refined = best[np.sort(starts)[:_STARTS]]
    found: list[Array] = []
    for _ in range(_ROUNDS):
        refined = _climb(score, encoding, refined, region)
        found.append(refined)
        moves, owner = _neighbours(encoding, refined, chance)
        inside = region.holds(moves)
        moves, owner = moves[inside], owner[inside]
        if len(moves):
            refined = _step(score, encoding, refined, moves, owner)
            found.append(refined)
        else:
            break  # without levels to step over, one climb is all there is
    refined = np.concatenate(found[::-1])
    candidates = np.concatenate([refined, pool])
    u, value = _first_new(candidates, np.concatenate([_scores(score, refined), scores]), tried)
    if value < little:
        due = spread[owed(encoding, tried, spread, hopes=False)][:_FEW]
        if len(due):
            return _first_new(due, _scores(score, due), tried)
    return u, value


def candidates(encoding: Encoding, good: Array, chance: np.random.Generator) -> Array:
    """The points among which `maximise` looks first, m x p: all of a small finite space, else a pool."""
    pool = _whole(encoding)
    return _pool(encoding, good, chance) if pool is None else pool


def _scores(score: Score, u: Array) -> Array:
    if len(u) <= _BLOCK:
        return score(u).values
    return np.concatenate([score(u[at : at + _BLOCK]).values for at in range(0, len(u), _BLOCK)])


def _whole(encoding: Encoding) -> Array | None:
    """Every point of a small finite space, else None."""
    levels = [axis.levels for axis in encoding.axes]
    known = [axis_levels for axis_levels in levels if axis_levels is not None]
    if len(known) < len(levels) or math.prod(map(len, known)) > 2 * _SOBOL:
        return None
    points = encoding.snap(np.array(list(product(*known)), dtype=np.float64))
    return np.asarray(np.unique(points, axis=0))


def _pool(encoding: Encoding, good: Array, chance: np.random.Generator) -> Array:
    p = len(encoding)
    if p <= qmc.Sobol.MAXDIM:
        spread = qmc.Sobol(p, scramble=True, rng=chance).random(_SOBOL)
    else:
        spread = chance.random((_SOBOL, p))
    pool = encoding.spread(spread)
    if not len(good):
        return pool
    around = good[np.arange(_LOCAL) % len(good)].copy()
    # few axes at a time: in many dimensions a step in all of them leaves the neighbourhood
    touched = chance.random((_LOCAL, p)) < max(0.3, 2 / p)
    touched[np.arange(_LOCAL), chance.integers(p, size=_LOCAL)] = True
    size = 10 ** chance.uniform(-2.5, -0.7, size=(_LOCAL, 1))
    moved = around + touched * size * chance.standard_normal((_LOCAL, p))
    for j, axis in enumerate(encoding.axes):
        if axis.levels is not None and axis.is_unordered:
            other = axis.levels[chance.integers(len(axis.levels), size=_LOCAL)]
            moved[:, j] = np.where(touched[:, j], other, around[:, j])
    return np.concatenate([pool, encoding.snap(moved)])


def _is_smooth(axis: Axis) -> bool:
    return axis.levels is None or (len(axis.levels) > _SHORT and not axis.is_unordered)


def _climb(score: Score, encoding: Encoding, starts: Array, region: Region) -> Array:
    """`starts`: k x p, each moved uphill in the smooth axes, all by one joint L-BFGS, snapped and taken back
    into the region."""
    smooth = [j for j, axis in enumerate(encoding.axes) if _is_smooth(axis)]
    if not smooth:
        return starts
    u, shape = starts.copy(), (len(starts), len(smooth))

    def fall(x: Array) -> tuple[float, Array]:
        u[:, smooth] = x.reshape(shape)
        scored = score(u)
        return -float(scored.values.sum()), -scored.gradient()[:, smooth].ravel()

    ends = [(encoding.axes[j].low, encoding.axes[j].high) for j in smooth] * len(starts)
    found = minimize(
        fall,
        starts[:, smooth].ravel(),
        jac=True,
        method="L-BFGS-B",
        bounds=ends,
        options={"maxiter": _STEPS, "ftol": 1e-6},
    )
    climbed = starts.copy()
    climbed[:, smooth] = found.x.reshape(shape)
    climbed = region.taken_back(starts, encoding.snap(climbed))
    # snapping can undo the gain: a start is left only for something better
    before, after = np.split(_scores(score, np.concatenate([starts, climbed])), 2)
    return np.where((after > before)[:, None], climbed, starts)


def _neighbours(
    encoding: Encoding, points: Array, chance: np.random.Generator
) -> tuple[Array, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """All single moves of `points`: k x p along discrete axes -> m x p, and whose move each is: m."""
    moves, owner = [], []
    for k, point in enumerate(points):
        for j, axis in enumerate(encoding.axes):
            if axis.levels is None or len(axis.levels) == 1:
                continue
            for level in _near(axis, point[j], chance):
                if level != point[j]:
                    move = point.copy()
                    move[j] = level
                    moves.append(move)
                    owner.append(k)
    if not moves:
        return np.empty((0, points.shape[1])), np.empty(0, dtype=np.intp)
    return encoding.snap(np.array(moves)), np.array(owner, dtype=np.intp)


def _near(axis: Axis, u: float, chance: np.random.Generator) -> Array:
    levels = axis.levels
    assert levels is not None  # discrete axes only
    if len(levels) <= _SHORT:
        return levels
    if axis.is_unordered:
        return chance.choice(levels, size=2 * _SHORT)
    here = int(np.abs(levels - u).argmin())
    return levels[max(0, here - 2) : here + 3]


def _step(
    score: Score,
    encoding: Encoding,
    points: Array,
    moves: Array,
    owner: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> Array:
    """`points`, each at the best of its `moves` if that is higher."""
    stepped = points.copy()
    before, after = np.split(_scores(score, np.concatenate([points, moves])), [len(points)])
    for k in range(len(points)):
        own = np.flatnonzero(owner == k)
        if len(own) and after[own].max() > before[k]:
            stepped[k] = moves[own[after[own].argmax()]]
    return stepped


def _first_new(candidates: Array, scores: Array, tried: Array) -> tuple[Array, float]:
    order = np.argsort(-scores, kind="stable")
    best = next((at for at in order if is_new(candidates[[at]], tried)[0]), order[0])
    return candidates[best], float(scores[best])
