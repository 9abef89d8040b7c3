"""What users may request of a running study: each request checked, then recorded.

A request that changes nothing is granted and recorded nowhere. One that cannot be granted is refused with
the reason, and nothing has happened.
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
from jupyter_tune.core.resuming import failed_again
from jupyter_tune.core.settings import with_budget
from jupyter_tune.core.steering import narrowed, undoing
from jupyter_tune.core.trial import CANCELLED, PRUNED, Trial
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.errors import DriverError, OptionError
from jupyter_tune.samplers.completion import space_for
from jupyter_tune.samplers.feasible import require_feasible
from jupyter_tune.wire import requests
from jupyter_tune.wire.requests import KEEP, Steering


def pause(loop: StudyLoop, request: requests.Pause) -> None:
    if not loop.study.paused:
        loop.record(StudyPaused())


def resume(loop: StudyLoop, request: requests.Resume) -> None:
    if request.edited:
        raise DriverError("resume: the study runs the code that it has; stop it first, then resume as edited")
    if loop.study.paused:
        loop.record(StudyResumed())


def more(loop: StudyLoop, request: requests.More) -> None:
    trials = with_budget(loop.study.settings, {"trials": request.trials}).trials
    if trials is None:
        raise OptionError("trials: give the number of additional trials, such as 20")
    total = loop.committed + max(trials, len(loop.study.queue))
    budget(loop, requests.Budget(trials=total))
    resume(loop, requests.Resume())


def narrow(loop: StudyLoop, request: requests.Narrow) -> int:
    event = narrowed(loop.study, request.ranges)
    require_feasible(loop.study, loop.study.space.narrow(event.ranges), {}, "narrow")
    before = loop.study.ranges.ranges()
    if event.ranges != before:
        loop.record(event)
    for name, was in (request.was or {}).items():
        if before.get(name) not in (list(was), event.ranges.get(name)):
            loop.notice(
                f"{name}: two changes met; it was {before[name]} since a moment before, and is "
                f"{event.ranges[name]} now; undo brings the former back",
                "info",
            )
    return loop.study.revision


def enqueue(loop: StudyLoop, request: requests.Enqueue) -> None:
    # they lie in the declared space, not only in the present ranges: a user who names values means them
    params = loop.study.space.given(request.params)
    require_feasible(loop.study, space_for(loop.study, params), params, "enqueue")
    trials = loop.study.settings.trials
    if trials is not None and loop.promised >= trials:
        raise DriverError(
            f"enqueue: all {trials} trials of the budget are taken; raise it first, by "
            f"set_budget(trials={loop.promised + 1})"
        )
    loop.record(TrialEnqueued(params))


def halt(loop: StudyLoop, request: requests.Halt) -> None:
    number, state = request.trial, request.state
    if state not in (PRUNED, CANCELLED):
        raise DriverError(f"halt: no state {state!r} to end a trial in; use {PRUNED} or {CANCELLED}")
    trial = trial_of(loop, number)
    if not trial.is_live:
        raise DriverError(f"halt: trial {number} has ended already, it is {trial.state}")
    if state == PRUNED and not trial.curve:
        raise DriverError(f"halt: trial {number} has reported no value yet; cancel it instead")
    if number not in loop.study.halts:
        loop.record(HaltRequested(number, state))


def retry(loop: StudyLoop, request: requests.Retry) -> None:
    again = failed_again(loop.study, request.which)
    loop.record(*again)


def budget(loop: StudyLoop, request: requests.Budget) -> None:
    given = {"trials": request.trials, "workers": request.workers}
    changes = {name: value for name, value in given.items() if value != KEEP}
    settings = loop.bounded(with_budget(loop.study.settings, changes))
    _change_budget(loop, BudgetChanged(settings.trials, settings.workers))


def undo(loop: StudyLoop, request: requests.Undo) -> None:
    event = undoing(loop.study, request.seq)
    if isinstance(event, BudgetChanged):
        _change_budget(loop, event)
    else:
        loop.record(event)


def _change_budget(loop: StudyLoop, event: BudgetChanged) -> None:
    if event.trials is not None and event.trials < loop.committed:
        raise OptionError(
            f"trials: {event.trials} is less than the {loop.committed} that are spent; "
            f"use {loop.committed} or more, or none for no limit"
        )
    settings = loop.study.settings
    if (event.trials, event.workers) != (settings.trials, settings.workers):
        loop.record(event)


def trial_of(loop: StudyLoop, number: Any) -> Trial:
    """The trial of that number. Raises DriverError if there is none."""
    trial = loop.study.trials.get(number)
    if trial is None:
        raise DriverError(f"there is no trial {number}; the last is {loop.study.highest}")
    return trial


_GRANTS: dict[str, Callable[[StudyLoop, Any], Any]] = {
    does.__name__: does for does in (pause, resume, more, narrow, enqueue, halt, retry, budget, undo)
}


def grant(loop: StudyLoop, request: Steering) -> Any:
    """Do what `request` asks, and give its result. Raises TuneError with the reason if it cannot be done."""
    loop.settle()
    study = loop.study
    if study.is_ended:
        raise DriverError(
            f"the study has ended ({study.end_reason}); study.resume(trials=20) goes on with it"
        )
    if study.stop_reason is not None:
        raise DriverError(f"the study is stopping ({study.stop_reason}); resume it once it has ended")
    return _GRANTS[requests.name_of(type(request))](loop, request)
