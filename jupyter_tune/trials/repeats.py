"""Repeats: the code of a trial runs several times in one attempt, each time with another seed.

    trial.repeat   0, 1, ...; trial.seed of the first is that of the trial, the others follow from it
    reports        are those of the fold `repeat`; with folds of its own, of the fold "REPEAT.FOLD"
    a final value  is reported too, at the step of the last report of this run if it has reported the metric
    checkpoints    each repeat has a folder of its own, removed when the next one begins: an attempt that
                   starts anew finds those of the repeat that was cut off, and none of those that were over

The value of the trial is the mean, as of every trial with folds (core/folds.py). The pruner can stop it after
each repeat, which ends them all.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence

from jupyter_tune.core.launches import trial_seed
from jupyter_tune.trials.report import RunningTrial

Result = tuple[float | None, dict[str, float]]
"""A final value (None: the reports decide) and further metrics."""


def seed_of(seed: int, repeat: int) -> int:
    """The first repeat has the trial's own; the others those of trials in a study of that seed."""
    return trial_seed(seed, repeat) if repeat else seed


def run_repeats(
    count: int, running: RunningTrial, metrics: Sequence[str], once: Callable[[], Result]
) -> Result:
    """Call `once` for each of `count` repeats. Returns the result of the trial.

    Args: metrics: those that a trial must have, the study's first.
    """
    if count == 1:
        return once()
    seed = running.seed
    running.repeats = count
    for repeat in range(count):
        if repeat:
            shutil.rmtree(running.checkpoints, ignore_errors=True)
        running.repeat, running.seed, running.reported = repeat, seed_of(seed, repeat), set()
        value, found = once()
        if value is not None:
            found = {**found, metrics[0]: value}
        if found:
            corrects = metrics[0] in running.reported and running.channel is not None
            running.report(running.channel.last_step if corrects and running.channel else None, found)
    return None, {}
