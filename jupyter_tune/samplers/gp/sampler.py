"""One suggestion by the Gaussian process.

    too little known     the next Sobol point: until min(p + 2, 8) trials have told something
                         or are about to, and at least three (two, if p = 1) have
    a hedge              the next Sobol point too, where early stopping makes losses a guess: with
                         chance 1/3, or more, 1 - 2 r, where the model has little skill; r is the rank
                         correlation of what it says of every trial unseen, and what came
    other tasks          while too little is known, every second point is theirs: their best results in
                         turn, and the model's choice once two trials have told something
    otherwise            the point of the present ranges with the highest log expected
                         improvement over the lowest posterior mean among the trials, off
                         the ground that is known to be flat

What other tasks say (tasks.py) is the mean of the process, as far as it holds here (trend.py).

Values asked for are held and the rest is searched around them. Trials outside narrowed
ranges go on teaching, because the model lives in the declared cube. Nothing is kept from
one suggestion to the next, so the same study, command and seed give the same params in a
fresh process, on a resumed study and in a replay.

Why a third: what the sampler finds good runs long, a random point is mostly stopped at the first
rung, so a third of the trials costs a tenth of the steps. Mean regret after 10 and 25 full trainings,
ASHA, 4 workers, 4 to 8 seeds; "noise" is a tenth of the range between best and median:

                                     gp alone    a third hedged    random alone
    4 learning-curve surrogates      .12 .05     .15 .03           .20 .14
    the same, noise                  .18 .14     .16 .03           .20 .16
    5 tables, 8 dimensions           .27 .08     .24 .13           .42 .21
    the same, noise                  .41 .29     .31 .23           .45 .18

The incumbent is the best posterior mean rather than the best value: with noisy training
the luckiest trial is no mark that improvements should be measured from.
"""

from __future__ import annotations

import numpy as np

from jupyter_tune.core.commands import Suggest
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.samplers.completion import finish, space_for
from jupyter_tune.samplers.gp.observations import Observations, observe
from jupyter_tune.samplers.sobol import sobol_params

_HEDGE = 1 / 3


class GpSampler:
    """Bayesian optimisation with a GPyTorch Gaussian process."""

    def suggest(self, study: Study, command: Suggest, seed: int) -> tuple[Params, str]:
        """Params for trial `command.number`, and their source: gp, or sobol at the start.

        Raises: SpaceError if `command.given` does not fit the declared space.
        """
        given = command.given or {}
        space = space_for(study, given)
        if not space.varying:
            return finish(study, space.defaults(), given), command.source or "gp"
        params = _most_promising(study, space, given, seed)
        if params is None:
            return sobol_params(study, given, _turn(study, command.number)), command.source or "sobol"
        return finish(study, params, given), command.source or "gp"


def _turn(study: Study, number: int) -> int:
    """Index of the Sobol point for trial `number`. Trials from other tasks do not use up points: every second
    point alone would leave parts of the space empty."""
    if not study.priors:
        return number
    return number - sum(trial.source == "gp" for trial in study.trials.values() if trial.number < number)


def _most_promising(study: Study, space: Space, given: Params, seed: int) -> Params | None:
    """The model's choice in `space`; None where it knows too little, or the hedge has its turn."""
    if len(study.objectives) > 1:
        return _most_promising_of_several(study, space, given, seed)
    observations = observe(study)
    unheard = len(study.live) - sum(trial.is_live for trial in observations.trials)
    if _knows_too_little(study, observations.informative, unheard):
        return _by_other_tasks(study, space, given, observations, seed)
    chance = _chance(seed) if observations.guessed else 1.0
    if chance < _HEDGE:
        return None
    # here, not above: it brings torch with it, for which the first trials need not wait
    from jupyter_tune.samplers.gp.belief import most_promising

    return most_promising(study, space, given, observations, seed, chance)


def _most_promising_of_several(study: Study, space: Space, given: Params, seed: int) -> Params | None:
    complete = (trial for trial in study.in_state(COMPLETE) if not study.is_earlier(trial))
    known = sum(trial.values is not None for trial in complete)
    if _knows_too_little(study, known, study.live_count):
        return None
    from jupyter_tune.samplers.gp.several.choice import most_promising_of_several

    return most_promising_of_several(study, space, given, seed)


def _by_other_tasks(
    study: Study, space: Space, given: Params, observations: Observations, seed: int
) -> Params | None:
    """What other tasks recommend while little is known of this one; None where a Sobol point has its turn."""
    if not study.priors or len(study.trials) % 2 == 0:
        return None
    from jupyter_tune.samplers.gp.belief import recommended

    return recommended(study, space, given, observations, seed)


def _knows_too_little(study: Study, known: int, unheard: int) -> bool:
    """`known`: trials that have told something; `unheard`: those that run and have not."""
    dimensions = len(study.space.varying)
    return known < min(3, dimensions + 1) or known + unheard < min(dimensions + 2, 8)


def _chance(seed: int) -> float:
    """In [0, 1); a stream apart from the search's, which starts from `seed` alone."""
    return float(np.random.default_rng([seed, 1]).random())
