"""What ends a study although its budget is not spent: rules, each of which gives a reason or None.

    stop_requested   the user, the timeout, or an executor that cannot run trials
    target_reached   the best trial is as good as the target, or better
    no_better_trial  `patience` trials have ended since the best one
    all_fail_alike   no trial ever succeeded, and the last SAME_FAILURES failed of one thing

The first that gives a reason counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from jupyter_tune.core.events import StopRequested
from jupyter_tune.core.failures import failure_kind, last_line
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, PRUNED, Trial

SAME_FAILURES = 5
"""Failures of one kind, with no trial that ever succeeded, after which a study is given up."""

StopRule: TypeAlias = Callable[[Study], str | None]


def stop_reason(study: Study) -> str | None:
    """Why no further trial may start and running ones are cancelled; None to go on."""
    return next((reason for rule in STOP_RULES if (reason := rule(study)) is not None), None)


def stop_requested(study: Study) -> str | None:
    return study.stop_reason


def target_reached(study: Study) -> str | None:
    target = study.settings.target
    return f"target {target:g} reached" if target is not None and is_reached(study, target) else None


def no_better_trial(study: Study) -> str | None:
    patience, ended = study.settings.patience, study.finished_since_best
    if study.best_trial is None or patience is None or ended < patience:
        return None
    return f"no better trial in the last {ended}"


def all_fail_alike(study: Study) -> str | None:
    counts = study.counts
    # results from elsewhere came from code that worked there
    succeeded = counts[COMPLETE] + counts[PRUNED] - study.added
    if counts[FAILED] < SAME_FAILURES or succeeded or any(trial.curve for trial in study.live):
        return None
    last = list(islice(_last_failed(study), SAME_FAILURES))
    if len(last) < SAME_FAILURES or len({failure_kind(trial.error, trial.reason) for trial in last}) > 1:
        return None
    return f"every trial failed: {last_line(last[-1].error) or last[-1].reason}"


def _last_failed(study: Study) -> Iterator[Trial]:
    """The failed trials, the last one first."""
    # a study that was resumed after its end starts anew: what made its trials fail may be mended
    for number in range(study.highest, study.reopened_after, -1):
        trial = study.trials.get(number)
        if trial is not None and trial.state == FAILED:
            yield trial


STOP_RULES: tuple[StopRule, ...] = (stop_requested, target_reached, no_better_trial, all_fail_alike)
"""In the order in which they are asked."""


def is_reached(study: Study, target: float | None) -> bool:
    """Whether the best trial is as good as `target`, or better."""
    best = study.best_trial
    if target is None or best is None or best.value is None:
        return False
    return study.objective.is_reached(target, best.value)


def timeout_reached(timeout_s: float) -> StopRequested:
    """What is recorded once a study has run for `timeout_s`; the driver has the clock."""
    return StopRequested(f"timeout of {timeout_s:g} s reached")
