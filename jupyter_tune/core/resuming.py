"""An ended or interrupted study goes on: what must be the same, what holds now, what is recorded first.

    ranges, metric, direction            must be the study's own, else it would be another search
    defaults of the ranges               may differ: they are the first trial's alone
    trials, workers                      those asked for now hold
    timeout, target, patience and all
    other rules that end the study       those asked for now hold
    retries and timeout of a trial       those asked for now hold
    how many keep their files            the number asked for now holds; what is removed stays so
    sampler, pruner, its steps, seed     stay the study's own; the user is told of a difference

After an end:
- The trials that it cancelled run again, and failed ones if the user requests it.
- Trials without a better one, failures, budget and timeout count anew, and so do the trials that a model
  needs to be asked whether there is something left to gain.
- A target that was reached is lifted if the study is resumed without options; one given again holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from jupyter_tune.core.events import (
    BudgetChanged,
    DriverStarted,
    Event,
    PriorAdded,
    RulesChanged,
    StudyResumed,
    TrialAdded,
    TrialReopened,
)
from jupyter_tune.core.parameters import Parameter
from jupyter_tune.core.settings import Settings, with_budget
from jupyter_tune.core.space import Space
from jupyter_tune.core.steering import RESUME
from jupyter_tune.core.stopping import all_fail_alike, is_reached
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, FAILED, Trial
from jupyter_tune.errors import DriverError, OptionError

_SEARCH = ("metric", "direction", "also", "subject_to", "repeats")
_WORDS = {"also": "further metrics", "subject_to": "constraints"}
_BUDGET = ("trials", "workers")
_RULES = ("timeout_s", "target", "patience")
_OF_TRIALS = ("retries", "trial_timeout_s")
_OTHER_RULES = (
    "patience_gain",
    "stop_when_converged",
    "price",
    "budget",
    "devices_per_trial",
    "max_failures",
    "keep",
)


def other_search(study: Study, space: Space, settings: Settings) -> list[str]:
    """How this search differs from that of `study`, a phrase for each difference."""
    found = [
        f"{_WORDS.get(name, name)}: {_shown(there)} in the study, {_shown(here)} here"
        for name in _SEARCH
        if (there := getattr(study.settings, name)) != (here := getattr(settings, name))
    ]
    for name in dict.fromkeys([*study.space, *space]):
        if name not in space:
            found.append(f"{name}: a parameter of the study, not declared here")
        elif name not in study.space:
            found.append(f"{name}: declared here, no parameter of the study")
        elif _range(study.space[name]) != _range(space[name]):
            found.append(f"{name}: {study.space[name]!r} in the study, {space[name]!r} here")
        elif study.space.conditions(name) != space.conditions(name):
            found.append(f"{name}: exists under another condition in the study")
    return found


def _shown(value: object) -> str:
    """A setting in words: ("latency", "minimize") is `minimize latency`."""
    if not isinstance(value, tuple):
        return str(value)
    return ", ".join(each if isinstance(each, str) else " ".join(each[::-1]) for each in value) or "none"


def _range(parameter: Parameter) -> dict[str, Any]:
    return {key: value for key, value in parameter.to_json().items() if key != "default"}


def kept_settings(study: Study, settings: Settings) -> list[str]:
    """What the study keeps although `settings` differ, a phrase for each."""
    change = {*_SEARCH, *_BUDGET, *_RULES, *_OF_TRIALS, *_OTHER_RULES}
    return [
        f"{field.name} {getattr(study.settings, field.name)} (not {getattr(settings, field.name)})"
        for field in fields(Settings)
        if field.name not in change and getattr(study.settings, field.name) != getattr(settings, field.name)
    ]


def settings_to_go_on(study: Study, more: int | None = None) -> Settings:
    """The study's own settings, with room for `more` trials (None: what is left of the budget), and without
    a target that is reached already.

    Raises: OptionError if the study has ended and no trial is left to run, or `more` is no number of trials.
    """
    settings = _with_target_ahead(study)
    again = cancelled_by_the_end(study)
    taken = study.spent + sum(trial.is_withdrawn for trial in again)
    if more is not None:
        asked = with_budget(settings, {"trials": more}).trials or 1
        return replace(settings, trials=taken + max(asked, len(study.queue)))
    is_spent = settings.trials is not None and taken >= settings.trials
    # one whose driver died after the last trial goes on, to its end
    if study.is_ended and is_spent and not again and not study.live:
        raise OptionError(
            f"all {settings.trials} trials of study {study.name!r} have run; add more, by resume(trials=20)"
        )
    # an end before the last one may have cancelled some of them: all that run again are in the budget
    return settings if settings.trials is None else replace(settings, trials=max(settings.trials, taken))


def _with_target_ahead(study: Study) -> Settings:
    """The study's own settings, without a target that is reached already."""
    settings = study.settings
    # one whose driver died while the best trials were measured again goes on with that
    is_over = study.search_ended is not None and not study.is_ended
    is_ahead = is_over or not is_reached(study, settings.target)
    return settings if is_ahead else replace(settings, target=None)


def settings_for_one_more(study: Study) -> Settings:
    """The settings for what is in the queue of an ended study and one trial more, and nothing else."""
    return replace(settings_to_go_on(study, 1), trials=study.spent + len(study.queue) + 1)


def retries_alone(study: Study) -> bool:
    """Whether failed trials that run again do so with nothing else: after an end, unless all had failed."""
    return study.is_ended and not all_fail_alike(study)


def settings_to_retry(study: Study) -> Settings:
    """The settings for failed trials to run again."""
    if not retries_alone(study):
        return study.settings
    return replace(_with_target_ahead(study), trials=study.spent + len(study.queue))


def failed_again(study: Study, which: int | str) -> list[TrialReopened]:
    """What starts the failed trial of the number `which` again, or all that have "failed".

    Raises: DriverError if there is none, or that trial has not failed.
    """
    if which == FAILED:
        failed = study.in_state(FAILED)
        if not failed:
            raise DriverError("retry: no trial has failed")
        return [TrialReopened(trial.number, trial.attempt) for trial in failed]
    if isinstance(which, (bool, str, float)) or which not in study.trials:
        last = f"; the last is {study.highest}" if study.trials else ""
        raise DriverError(f'retry: there is no trial {which!r}{last}; give a number, or "failed" for all')
    trial = study.trials[which]
    if trial.state != FAILED:
        raise DriverError(
            f"retry: trial {which} is {trial.state}, and only failed trials run again; "
            "enqueue its values for another trial with them"
        )
    return [TrialReopened(which, trial.attempt)]


def cancelled_by_the_end(study: Study) -> list[Trial]:
    """The trials that the end of the study has cancelled, and not the user."""
    ended = study.end_reason
    # the end may add what was not confirmed
    ends = (study.stop_reason, None) if ended is None else (ended, study.search_ended)
    return [
        trial
        for trial in study.in_state(CANCELLED)
        if trial.reason and any(end is not None and end.startswith(trial.reason) for end in ends)
    ]


def first_facts(
    study: Study,
    settings: Settings,
    begun: DriverStarted,
    new_code: Sequence[Event] = (),
    *,
    all_again: bool,
) -> Iterator[Event]:
    """What is recorded when a driver goes on with `study`, by the budget and rules of `settings`.

    Args:
        new_code:  what follows from a change of the code.
        all_again: what the end had cancelled runs again too.
    """
    again = cancelled_by_the_end(study) if all_again and not is_reached(study, settings.target) else []
    yield begun
    yield from new_code
    if study.paused:
        yield StudyResumed(RESUME)
    yield BudgetChanged(settings.trials, settings.workers, RESUME)
    rules = (*_RULES, *_OF_TRIALS, *_OTHER_RULES)
    if any(getattr(settings, rule) != getattr(study.settings, rule) for rule in rules):
        of_trials, others = (
            {rule: getattr(settings, rule) for rule in those} for those in (_OF_TRIALS, _OTHER_RULES)
        )
        yield RulesChanged(settings.timeout_s, settings.target, settings.patience, RESUME, of_trials, others)
    for trial in again:
        yield TrialReopened(trial.number, trial.attempt)


def from_earlier(
    study: Study, priors: Sequence[Sequence[Any]], added: Sequence[Sequence[Any]]
) -> list[Event]:
    """What earlier studies give, without what `study` has: resuming it gives all of it again.

    Args:
        priors: (params, value, task).
        added:  (params, value, parent, number there, metrics); before schema 7 a study did not keep the last
                three.
    """
    tasks = study.priors
    learned = [PriorAdded(*prior) for prior in priors if prior[-1] not in tasks]
    had = [trial for trial in study.trials.values() if trial.source == "added"]
    known = [[trial.params, trial.value, trial.parent, trial.parent_number] for trial in had]
    bare = [[trial.params, trial.value] for trial in had if not trial.parent]
    new = [one for one in added if list(one[:4]) not in known and list(one[:2]) not in bare]
    numbers = range(study.highest + 1, study.highest + 1 + len(new))
    return [
        *learned,
        *(
            TrialAdded(number, params, value, metrics, parent, at)
            for number, (params, value, parent, at, metrics) in zip(numbers, new, strict=True)
        ),
    ]
