"""What the coming trials are likely to gain: the search played on, in worlds that the model thinks possible.

A world is a draw of the posterior over a pool of points, those among which the search looks for its next
point. In each of PATHS worlds the search goes on for n trials: it takes the point with the highest
expected improvement (or any point, where the sampler has no model), gets the world's value there with the
noise of a training, and learns from it. How much better the best value becomes is the gain of that world; the
mean and the band are over all worlds. So the gain takes into account that trials learn from one another,
which the expected improvement of one trial, or of a batch, does not.

The model is surer of its worlds than it should be, the more so the farther they are played on: the gain of 20
trials lay above its band three times of ten, and as often below. So the band of n trials is widened: the
lower end is a _FEW-th of that of the worlds, the upper one sqrt(n) times as far. Both were fitted to the
first seed of tests/benchmarks/stopping; docs/benchmarks.md has how often the truth is inside on another.

No world, and no band, gains more than what lies between the best and the median complete trial: the model
knows no limits of a metric, and with pruned trials far below the best it held an accuracy of 1.6 possible.
Over 53 histories of that benchmark the truth lay in the band of 20 trials 82 times of 100 with this limit and
85 without, in those of 1, 5 and 10 as often.

Trials that run are played again, as if they were among the coming ones: their results are not known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.samplers.gp.acquisition import log_ei
from jupyter_tune.samplers.gp.belief import Belief, believe
from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.observations import observe
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.search import candidates
from jupyter_tune.samplers.gp.threads import one_thread

FEWEST = 5
"""Complete trials; before, their median does not say what a gain can be."""
PATHS = 64
LOW, HIGH = 0.1, 0.9
_JITTER = 1e-6
_FEW = 50


@dataclass(frozen=True, slots=True)
class Prospects:
    """In the metric's units. `noise`: deviation between two trainings with the same params; `spread`: between
    the best value and the median complete trial; `gains`: [trials, mean, low, high], an 80 % band."""

    noise: float
    spread: float
    gains: list[list[float]]


def prospects(
    study: Study, horizons: Sequence[int], seed: int = 0, *, guided: bool = True
) -> Prospects | None:
    """What `horizons` numbers of coming trials are likely to gain; None while too little is known.

    Args: guided: whether the sampler asks the model where to go; otherwise it goes anywhere.
    """
    best, observations = study.best_trial, observe(study)
    losses = observations.losses[[trial.state == COMPLETE for trial in observations.trials]]
    if best is None or best.value is None or len(losses) < FEWEST:
        return None
    loss = np.array([study.objective.loss(best.value)])
    with one_thread():
        belief = believe(study, study.ranges, observations)
        target = belief.outputs.to_target(loss)
        chance = np.random.default_rng([seed, len(study.trials)])
        pool = candidates(belief.encoding, belief.best_first(observations.losses), chance)
        reached = _played_on(belief, pool, max(horizons), float(target[0]), chance, guided)
        spread = float(np.median(losses) - losses.min())
        # where half of them are as good as the best, the worst says it; where all are alike, the model
        most = spread or float(np.ptp(losses)) or math.inf
        gains = np.clip(loss - belief.outputs.to_loss(reached), 0.0, most)
        noise = math.sqrt(belief.model.noise) * float(belief.outputs.slope(target)[0])
    rows = [[float(n), *_band(gains[:, n - 1], n, most)] for n in sorted(horizons)]
    return Prospects(noise, spread, rows)


def _band(gains: Array, trials: int, most: float) -> tuple[float, float, float]:
    low, high = np.quantile(gains, (LOW, HIGH))
    return float(gains.mean()), float(low) / _FEW, min(float(high) * math.sqrt(trials), most)


def _played_on(
    belief: Belief, pool: Array, steps: int, best: float, chance: np.random.Generator, guided: bool
) -> Array:
    """The best target after each of `steps` trials, in each world: w x steps; `best`: that until now."""
    model = belief.model
    known = Posterior(model)
    at_first, covariance = known.joint(belief.encoding.to_inputs(pool))
    m, noise = len(pool), model.noise
    factor = np.linalg.cholesky(covariance + _JITTER * np.eye(m) * covariance.diagonal().max())
    worlds = at_first + chance.standard_normal((PATHS, m)) @ factor.T
    luck = chance.standard_normal((steps, PATHS)) * math.sqrt(noise)
    mean, variance = np.tile(at_first, (PATHS, 1)), np.tile(covariance.diagonal(), (PATHS, 1))
    # what each trial has taught: v_t with covariance_t = covariance - sum v v^T
    taught = np.zeros((PATHS, steps, m))
    lead = np.full(PATHS, min(belief.best, best))
    reached = np.full(PATHS, best)
    rows, after = np.arange(PATHS), []
    for step in range(steps):
        if guided:
            score = log_ei(mean, np.sqrt(np.maximum(variance, 1e-12)), lead[:, None])
            chosen = score.argmax(axis=1)
        else:
            chosen = chance.integers(m, size=PATHS)
        there = worlds[rows, chosen]
        before = taught[:, :step]
        column = covariance[chosen] - (before[rows, None, :, chosen] @ before)[:, 0]
        deviation = np.sqrt(np.maximum(column[rows, chosen] + noise + _JITTER, 1e-9))
        direction = column / deviation[:, None]
        mean = mean + direction * ((there + luck[step] - mean[rows, chosen]) / deviation)[:, None]
        variance = variance - direction**2
        taught[:, step] = direction
        lead = np.minimum(lead, mean[rows, chosen])
        # a value that was only lucky is no gain
        reached = np.minimum(reached, there)
        after.append(reached)
    return np.stack(after, axis=1)
