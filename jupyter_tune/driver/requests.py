"""What people may request of a running study: each request checked, then a fact in its inbox.

A request that changes nothing is granted and recorded nowhere. One that cannot be is refused with
the reason, and nothing has happened. Requests carry their fields as a client's message does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_tune.core.events import (
    BudgetChanged,
    HaltRequested,
    StudyPaused,
    StudyResumed,
    TrialEnqueued,
)
from jupyter_tune.core.option_values import with_budget
from jupyter_tune.core.steering import narrowed, undoing
from jupyter_tune.core.trial import CANCELLED, PRUNED, Trial
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.errors import DriverError, OptionError

Fields = dict[str, Any]


def pause(loop: StudyLoop, fields: Fields) -> None:
    if not loop.study.paused:
        loop.post(StudyPaused(), at_once=True)


def resume(loop: StudyLoop, fields: Fields) -> None:
    if loop.study.paused:
        loop.post(StudyResumed(), at_once=True)


def more(loop: StudyLoop, fields: Fields) -> None:
    """Go on, with `trials` more than there are now and are queued."""
    settings = loop.study.settings
    trials = with_budget(settings, {"trials": fields["trials"]}).trials
    if trials is None:
        raise OptionError("trials: give the number of additional trials, such as 20")
    total = loop.committed + max(trials, len(loop.study.queue))
    budget(loop, {"trials": total})
    resume(loop, fields)


def narrow(loop: StudyLoop, fields: Fields) -> int:
    """Draw from `ranges`: name -> (low, high) or choices. Returns the revision that holds."""
    event = narrowed(loop.study, fields["ranges"])
    if event.ranges != loop.study.ranges.ranges():
        loop.post(event, at_once=True)
    return loop.study.revision


def enqueue(loop: StudyLoop, fields: Fields) -> None:
    """Try `params` next, some or all of them. They lie in the declared space, not only in the
    present ranges: who names values means them."""
    params = loop.study.space.given(fields["params"])
    trials = loop.study.settings.trials
    if trials is not None and loop.promised >= trials:
        raise DriverError(
            f"enqueue: all {trials} trials of the budget are taken; raise it first, by "
            f"set_budget(trials={loop.promised + 1})"
        )
    loop.post(TrialEnqueued(params), at_once=True)


def halt(loop: StudyLoop, fields: Fields) -> None:
    """End the live trial `trial` as `state`: pruned (its best reading counts) or cancelled."""
    number, state = fields["trial"], fields["state"]
    if state not in (PRUNED, CANCELLED):
        raise DriverError(f"halt: no state {state!r} to end a trial in; use {PRUNED} or {CANCELLED}")
    trial = trial_of(loop, number)
    if not trial.is_live:
        raise DriverError(f"halt: trial {number} has ended already, it is {trial.state}")
    if state == PRUNED and not trial.curve:
        raise DriverError(f"halt: trial {number} has reported no value yet; cancel it instead")
    if number not in loop.study.halts:
        loop.post(HaltRequested(number, state), at_once=True)


def budget(loop: StudyLoop, fields: Fields) -> None:
    """Another budget of `trials` (None for no limit) and `workers`; what is not named stays."""
    settings = loop.bounded(with_budget(loop.study.settings, fields))
    _change_budget(loop, BudgetChanged(settings.trials, settings.workers))


def undo(loop: StudyLoop, fields: Fields) -> None:
    """Take back what record `seq` did; None for the newest that can be."""
    event = undoing(loop.study, fields.get("seq"))
    if isinstance(event, BudgetChanged):
        _change_budget(loop, event)
    else:
        loop.post(event, at_once=True)


def _change_budget(loop: StudyLoop, event: BudgetChanged) -> None:
    if event.trials is not None and event.trials < loop.committed:
        raise OptionError(
            f"trials: {event.trials} is less than the {loop.committed} that are spent; "
            f"use {loop.committed} or more, or none for no limit"
        )
    settings = loop.study.settings
    if (event.trials, event.workers) != (settings.trials, settings.workers):
        loop.post(event, at_once=True)


def trial_of(loop: StudyLoop, number: Any) -> Trial:
    """The trial of that number. Raises DriverError if there is none."""
    trial = loop.study.trials.get(number)
    if trial is None:
        raise DriverError(f"there is no trial {number}; the last is {loop.study.highest}")
    return trial


REQUESTS: dict[str, Callable[[StudyLoop, Fields], Any]] = {
    request.__name__: request for request in (pause, resume, more, narrow, enqueue, halt, budget, undo)
}
