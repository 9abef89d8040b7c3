"""Rules about trials that fail."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from jupyter_tune.core.failures import failure_kind, last_line
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import FAILED, Trial

SAME_FAILURES = 5
"""Failures of one kind, with no trial that ever succeeded, after which a study is given up."""


def too_many_failures(study: Study) -> str | None:
    most, failed = study.settings.max_failures, study.progress.failed
    if most is None or failed < most:
        return None
    last = next(_last_failed(study), None)
    why = "" if last is None else f", the last one: {_why(last)}"
    return f"{failed} {'trial has' if failed == 1 else 'trials have'} failed{why}"


def all_fail_alike(study: Study) -> str | None:
    # results from elsewhere came from code that worked there
    if study.counts[FAILED] < SAME_FAILURES or study.succeeded or any(trial.curve for trial in study.live):
        return None
    last = list(islice(_last_failed(study), SAME_FAILURES))
    if len(last) < SAME_FAILURES or len({failure_kind(trial.error, trial.reason) for trial in last}) > 1:
        return None
    return f"every trial failed: {_why(last[-1])}"


def failed_as_a_whole(study: Study) -> str | None:
    """Why a study that has ended is no success: its failures ended it, or nothing in it succeeded."""
    if (why := too_many_failures(study)) is not None:
        return why
    if not study.counts[FAILED] or study.succeeded:
        return None
    last = next(_last_failed(study), None)
    return "every trial failed" + ("" if last is None else f": {_why(last)}")


def _why(trial: Trial) -> str:
    """Why a trial failed, in a line."""
    return last_line(trial.error) or trial.reason


def _last_failed(study: Study) -> Iterator[Trial]:
    """The failed trials, the last one first."""
    # a study that was resumed after its end starts anew: what made its trials fail may be mended
    for number in range(study.highest, study.reopened_after, -1):
        trial = study.trials.get(number)
        if trial is not None and trial.state == FAILED:
            yield trial
