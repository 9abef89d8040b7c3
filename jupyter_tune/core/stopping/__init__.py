"""What ends a study although its budget of trials is not spent: rules, each of which gives a reason or None.

    stop_requested      the user, the timeout, or an executor that cannot run trials
    target_reached      the best trial is as good as the target, or better
    no_better_trial     `patience` trials have ended since the best one
    hardly_any_better   the last `patience` trials have improved the best by less than `patience_gain` of it
    nothing_to_gain     the coming trials are not expected to gain what a repeated training would change
    not_worth_its_time  the coming trials are expected to gain less than their time is worth
    budget_spent        the trials have taken the steps, or the hours, of the `budget`
    too_many_failures   `max_failures` trials have failed
    all_fail_alike      no trial ever succeeded, and the last SAME_FAILURES failed of one thing

The first that gives a reason counts. Each is a function of the study: what needs the model is computed by the
driver and recorded before (GainEstimated). After the end of a study all of them count anew.

Those from the target to the price say that enough is found (ENOUGH), the others are limits. It makes a
difference with `confirm` alone: a limit ends the study at once, and the others end its search, after which
the best trials are measured again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from jupyter_tune.core.events import StopRequested
from jupyter_tune.core.stopping.budget import budget_spent
from jupyter_tune.core.stopping.failures import (
    SAME_FAILURES,
    all_fail_alike,
    failed_as_a_whole,
    too_many_failures,
)
from jupyter_tune.core.stopping.gain import not_worth_its_time, nothing_to_gain
from jupyter_tune.core.stopping.improvement import (
    hardly_any_better,
    is_reached,
    no_better_trial,
    target_reached,
)
from jupyter_tune.core.study import Study

__all__ = [
    "SAME_FAILURES",
    "STOP_RULES",
    "all_fail_alike",
    "failed_as_a_whole",
    "is_reached",
    "search_end",
    "stop_reason",
    "timeout_reached",
]

StopRule: TypeAlias = Callable[[Study], str | None]


def stop_reason(study: Study) -> str | None:
    """Why no further trial may start and running ones are cancelled; None to go on."""
    rules = STOP_RULES[:1] if study.is_in_a_round else LIMITS if study.settings.confirm else STOP_RULES
    return _first(rules, study)


def search_end(study: Study) -> str | None:
    """Why the search ends, before the best trials are measured again; None to go on."""
    return None if study.is_in_a_round or not study.settings.confirm else _first(ENOUGH, study)


def _first(rules: Iterable[StopRule], study: Study) -> str | None:
    return next((reason for rule in rules if (reason := rule(study)) is not None), None)


def stop_requested(study: Study) -> str | None:
    return study.stop_reason


STOP_RULES: tuple[StopRule, ...] = (
    stop_requested,
    target_reached,
    no_better_trial,
    hardly_any_better,
    nothing_to_gain,
    not_worth_its_time,
    budget_spent,
    too_many_failures,
    all_fail_alike,
)
"""In the order in which they are asked."""

ENOUGH = (target_reached, no_better_trial, hardly_any_better, nothing_to_gain, not_worth_its_time)
LIMITS = tuple(rule for rule in STOP_RULES if rule not in ENOUGH)


def timeout_reached(timeout_s: float) -> StopRequested:
    """What is recorded once a study has run for `timeout_s`; the driver has the clock."""
    return StopRequested(f"timeout of {timeout_s:g} s reached")
