"""The model fitted to a study, and the point that it chooses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata  # type: ignore[import-untyped]

from jupyter_tune.core.parameters import Params
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.samplers.gp.encoding import Array, Encoding
from jupyter_tune.samplers.gp.fitted import Fitted
from jupyter_tune.samplers.gp.model import Surrogate
from jupyter_tune.samplers.gp.observations import Observations
from jupyter_tune.samplers.gp.outputs import OutputTransform
from jupyter_tune.samplers.gp.plateaus import Plateaus
from jupyter_tune.samplers.gp.posterior import Posterior
from jupyter_tune.samplers.gp.region import Region
from jupyter_tune.samplers.gp.score import Score, Scored, both, log_improvement
from jupyter_tune.samplers.gp.search import maximise
from jupyter_tune.samplers.gp.several.models import Evidence, Feasibility, pending_of
from jupyter_tune.samplers.gp.tasks import Task, tasks_of, trend_of
from jupyter_tune.samplers.gp.threads import one_thread
from jupyter_tune.samplers.gp.units import tried_in, units_of

_AROUND = 5
"""Best trials that the search looks around."""
_OF_TASK = 2
"""Best results of each other task that it looks around too."""


@dataclass(frozen=True, slots=True)
class Belief:
    """The model fitted to a study, and its prediction at any point.

    `units`: n x p, the observations' u; `best`: the lowest posterior mean among the feasible of them.
    """

    encoding: Encoding
    outputs: OutputTransform
    model: Surrogate
    posterior: Posterior
    units: Array
    best: float
    tasks: list[Task]

    def score(self, u: Array) -> Scored:
        """Log expected improvement at `u`: m x p, in standardised units."""
        return log_improvement(self.encoding, self.posterior, self.best)(u)

    def best_first(self, losses: Array) -> Array:
        """g x p; u of the few best trials, to look around; `losses`: n, the observations'."""
        good = self.units[np.argsort(losses, kind="stable")[:_AROUND]]
        return np.concatenate([good, *(self.encoding.snap(task.best[:_OF_TASK]) for task in self.tasks)])

    def noise_share(self) -> float | None:
        """The part of the targets' variance that is noise, 0 to 1; None where they do not vary."""
        variance = float(self.model.targets.var())
        return min(1.0, self.model.noise / variance) if variance > 0 else None

    def skill(self) -> float:
        """Rank correlation, -1 to 1, of the leave-one-out means with the targets; 0 where either
        does not vary. Source: Rasmussen and Williams 2006, eq. 5.12."""
        left_out, targets = self.posterior.left_out(), self.model.targets
        if np.ptp(left_out) == 0 or np.ptp(targets) == 0:
            return 0.0
        return float(np.corrcoef(rankdata(left_out), rankdata(targets))[0, 1])


def believe(
    study: Study, space: Space, observations: Observations, tasks: list[Task] | None = None
) -> Belief:
    """The model of `study` for candidates in `space`; needs at least one observation.

    Args: tasks: of this study and space, where they are at hand.
    """
    encoding = Encoding(study.space, space)
    units = units_of(observations.trials, encoding)
    inputs = encoding.to_inputs(units)
    if tasks is None:
        tasks = tasks_of(study, encoding)
    fitted = Fitted.of(
        inputs,
        observations.losses,
        encoding.groups,
        pending=pending_of(study, encoding),
        trend=trend_of(tasks),
        noise=observations.noise,
        by_rank=observations.guessed,
    )
    feasible = np.array([trial.feasible for trial in observations.trials])
    best = float(fitted.posterior.mean(inputs)[feasible if feasible.any() else slice(None)].min())
    return Belief(encoding, fitted.outputs, fitted.surrogate, fitted.posterior, units, best, tasks)


def most_promising(
    study: Study, space: Space, given: Params, observations: Observations, seed: int, chance: float
) -> Params | None:
    """The model's choice in `space`; None if its skill is so low that `chance` decides for a hedge."""
    with one_thread():
        belief = believe(study, space, observations)
        if chance < 1 - 2 * belief.skill():
            return None
        return _maximum(study, belief, given, observations, seed)


def recommended(
    study: Study, space: Space, given: Params, observations: Observations, seed: int
) -> Params | None:
    """What other tasks recommend in `space` while little is known of this one; None if they say nothing."""
    with one_thread():
        encoding = Encoding(study.space, space)
        tasks = tasks_of(study, encoding)
        if not tasks:
            return None
        if observations.informative > 1:
            belief = believe(study, space, observations, tasks)
            return _maximum(study, belief, given, observations, seed)
        turn, task = divmod(len(study.trials) // 2, len(tasks))
        best = encoding.snap(tasks[task].best)
        starts = (encoding.to_params(u) for u in np.roll(best, -turn, axis=0))
        return next(filter(study.constraints.allow, starts), None)


def _maximum(study: Study, belief: Belief, given: Params, observations: Observations, seed: int) -> Params:
    """Where the acquisition of `belief` is highest."""
    encoding = belief.encoding
    score = Plateaus.of(belief.units, observations).avoided(_within_bounds(study, belief))
    region = Region(study, encoding, given, seed)
    good = belief.best_first(observations.losses)
    u, _ = maximise(score, encoding, good, tried_in(study, encoding), seed, region)
    return encoding.to_params(u)


def _within_bounds(study: Study, belief: Belief) -> Score:
    """The belief's score, with the log probability that a trial is feasible; that alone while none is."""
    if not study.constraints.on_metrics:
        return belief.score
    feasibility = Feasibility(study, belief.encoding, Evidence.of(study, belief.encoding))
    if study.best_trial is None:
        return feasibility.log_probability
    return both(belief.score, feasibility.log_probability)
