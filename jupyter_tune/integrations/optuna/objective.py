"""An unchanged Optuna objective as a function that `jt.tune` takes.

    study = jt.tune(jt.optuna.objective(objective), maximize="value", trials=50)

The ranges of an objective are known only by running it: it asks for each with `trial.suggest_...`, and which
ones it asks for may depend on what it got before. A study here has its space before its first trial: sliders,
charts and conditional parameters need it. Three ways to find it:

    run it, and see     costs a whole training for each branch, and sees only the branches that were run
    break off a run     at the first call that suggests nothing: what comes first may well be loading the data
    read its source     what `reading/` does: it follows the calls of suggest_..., with loops, branches and
                        the functions that the trial is passed to, and runs none of the user's code

A range that the source does not tell, as one that depends on the data, is an error that names the line and
asks for `space=`, which is used as it is; then nothing is read.

In a trial the objective gets a stand-in for Optuna's trial (trial.py). Optuna itself is needed there only if
the objective imports it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.optuna.trial import ObjectiveTrial
from jupyter_tune.trials.channel import TrialHalted


class Objective:
    """A function of params, by name, that calls an Optuna objective with a trial."""

    def __init__(self, function: Callable[[Any], Any]):
        # updated=(): the attributes of a callable object stay its own
        functools.update_wrapper(self, function, updated=())
        self.function = function

    @property
    def tune_space(self) -> Space:
        """The ranges that the objective asks for. Raises SpaceError naming the line that does not tell."""
        # read in the kernel alone: a trial has its params
        from jupyter_tune.integrations.optuna.reading import read_objective

        return read_objective(self.function)

    def __call__(self, /, **params: Any) -> dict[str, float]:
        trial = ObjectiveTrial(params)
        try:
            returned = self.function(trial)
        except Exception as error:
            if not _is_pruned(error):
                raise
            raise trial.halt or TrialHalted("pruned", "the objective raised TrialPruned") from None
        return trial.result(returned)


def objective(function: Callable[[Any], Any]) -> Objective:
    """`function(trial)`, written for Optuna, as a function to tune: `jt.tune(jt.optuna.objective(f), ...)`.

    The ranges are read from the source of `function`; `jt.tune(..., space=...)` gives them where it does not
    tell. What it returns is the metric that `maximize` or `minimize` names; several numbers are several
    metrics, in that order.
    """
    if not callable(function):
        raise OptionError(f"objective: must be a function of a trial, got {function!r}")
    return Objective(function)


def _is_pruned(error: Exception) -> bool:
    """Whether it is Optuna's TrialPruned, which is not imported for that."""
    return any(
        kind.__name__ == "TrialPruned" and kind.__module__.partition(".")[0] == "optuna"
        for kind in type(error).__mro__
    )
