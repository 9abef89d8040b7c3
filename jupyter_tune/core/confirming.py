"""Confirm: the last trials of a study measure its best configurations again.

The best of many noisy values is mostly one that was lucky too: its value is too good (the winner's curse),
and another configuration may be better. So `confirm` trials repeat the params of the best ones, with other
seeds; incumbent.py says which is the best by all measurements, and how sure that is.

    when           the last trials of the budget do; or the search ends, since a rule says that it has found
                   enough (stopping/), and they follow. A limit ends a study at once, and its end says so
    candidates     the max(2, confirm / 2), at most MOST, configurations with the best first measurements
    one each       every candidate is measured again once
    then           that of the two with the best means which has fewer measurements
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jupyter_tune.core.configurations import Configuration, configurations, key_of
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Params
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE, CONFIRM, Trial

MOST = 5


def next_to_confirm(
    settings: Settings, objective: Objective, trials: Iterable[Trial], asked: Iterable[Params]
) -> Params | None:
    """The params to measure again next; None while no trial is complete.

    Args: trials: those that are results; asked: params of trials that are being suggested.
    """
    known = list(trials)
    candidates = _best_first(objective, known)[: _how_many(settings)]
    if not candidates:
        return None
    again = [key_of(trial.params) for trial in known if trial.source == CONFIRM]
    again += [key_of(params) for params in asked]
    params = [each.candidates[0].params for each in candidates]
    times = [again.count(key_of(each)) for each in params]
    if min(times) == 0:
        return dict(params[times.index(0)])
    leading = sorted(range(len(candidates)), key=lambda place: candidates[place].mean)[:2]
    return dict(params[min(leading, key=lambda place: times[place])])


def are_enough(settings: Settings, objective: Objective, trials: Iterable[Trial], searching: int) -> bool:
    """Whether enough trials are complete to measure the best of them again, while `searching` trials of the
    search still run."""
    complete = len(_best_first(objective, list(trials)))
    return not searching or complete >= max(_how_many(settings), searching)


def since(trials: Mapping[int, Trial], number: int) -> list[Trial]:
    """The trials after `number` that measure a configuration again, without those that never started."""
    return [
        trial
        for trial in trials.values()
        if trial.number > number and trial.source == CONFIRM and not trial.is_withdrawn
    ]


def what_is_missing(
    settings: Settings, objective: Objective, trials: Iterable[Trial], again: Iterable[Trial]
) -> str:
    """What a study that ends at once has not confirmed, to follow the words of its end; "" for nothing.

    Args: trials: those that are results; again: those that measure a configuration again.
    """
    done = sum(trial.state == COMPLETE for trial in again)
    if done >= settings.confirm or not _best_first(objective, list(trials)):
        return ""
    if not done:
        return ", before the best trials were measured again"
    return f", after {done} of {settings.confirm} measurements of the best trials"


def in_question(settings: Settings, objective: Objective, trials: Iterable[Trial]) -> set[int]:
    """The numbers of the trials that may still become the best by being measured again."""
    if not settings.confirm:
        return set()
    known = list(trials)
    first = _best_first(objective, known)
    again = {key_of(trial.params) for trial in known if trial.source == CONFIRM}
    return {
        each.candidates[0].number
        for place, each in enumerate(first)
        if place < _how_many(settings) or key_of(each.candidates[0].params) in again
    }


def _how_many(settings: Settings) -> int:
    return max(2, min(MOST, settings.confirm // 2))


def _best_first(objective: Objective, trials: Iterable[Trial]) -> list[Configuration]:
    """The configurations by the value of their first candidate."""
    known = configurations(objective, trials).values()
    first = [(objective.loss(each.candidates[0].value or 0.0), each) for each in known if each.candidates]
    return [each for _, each in sorted(first, key=lambda pair: (pair[0], pair[1].candidates[0].number))]
