"""Confirm: the last trials of a study measure its best configurations again, and say how sure the best is.

The best of many noisy values is mostly one that was lucky too: its value is too good (the winner's curse),
and another configuration may be better. So `confirm` trials repeat the params of the best ones, with other
seeds:

    when           the last trials of the budget do; or the search ends, since a rule says that it has found
                   enough (stopping/), and they follow. A limit ends a study at once, and its end says so
    candidates     the max(2, confirm / 2), at most MOST, best complete trials with different params
    one each       every candidate is measured again once
    then           that of the two with the best means which has fewer measurements

The best trial is then the candidate with the best mean of all its measurements, of those measured again. How
sure: with the variance s^2 of a measurement, pooled over the candidates (nu degrees of freedom, times
nu / (nu - 2) for not knowing s), the mean of n measurements is normal with variance s^2 / n, and `chance` is
the probability that the best one's true mean is the best.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Params, Scalar
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import COMPLETE, CONFIRM, Trial

MOST = 5

_Key = tuple[tuple[str, Scalar], ...]
_POINTS = 400


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How sure the best configuration is.

    number: of its first trial.
    value:  the mean of its measurements, `error` the standard error of that mean.
    count:  its measurements.
    rivals: other configurations that were measured again.
    chance: the probability that it is better than all of them.
    """

    number: int
    value: float
    error: float
    count: int
    rivals: int
    chance: float


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
    measured = _measurements(objective, candidates, known)
    again = [_key(t.params) for t in known if t.source == CONFIRM] + [_key(params) for params in asked]
    times = {trial.number: again.count(_key(trial.params)) for trial in candidates}
    fewest = min(times.values())
    if fewest == 0:
        chosen = next(trial for trial in candidates if times[trial.number] == 0)
    else:
        leading = sorted(candidates, key=lambda trial: _mean(measured[trial.number]))[:2]
        chosen = min(leading, key=lambda trial: times[trial.number])
    return dict(chosen.params)


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
    again = {_key(trial.params) for trial in known if trial.source == CONFIRM}
    measured = {trial.number for trial in first if _key(trial.params) in again}
    return measured | {trial.number for trial in first[: _how_many(settings)]}


def confirmed(objective: Objective, trials: Iterable[Trial]) -> Confirmed | None:
    """The best of the configurations that were measured again; None while there is none."""
    known = list(trials)
    losses = {
        number: each
        for number, each in _measurements(objective, _best_first(objective, known), known).items()
        if len(each) > 1
    }
    if not losses:
        return None
    means = {number: _mean(each) for number, each in losses.items()}
    best = min(means, key=lambda number: (means[number], number))
    deviation = _deviation(list(losses.values()))
    errors = {number: deviation / math.sqrt(len(each)) for number, each in losses.items()}
    rivals = [(means[number], errors[number]) for number in losses if number != best]
    chance = _chance(means[best], errors[best], rivals)
    value = objective.value(means[best])
    return Confirmed(best, value, errors[best], len(losses[best]), len(rivals), chance)


def _how_many(settings: Settings) -> int:
    return max(2, min(MOST, settings.confirm // 2))


def _best_first(objective: Objective, trials: Sequence[Trial]) -> list[Trial]:
    """Complete trials by their value, the first one of each configuration."""
    first: dict[_Key, Trial] = {}
    for trial in trials:
        if trial.is_candidate and math.isfinite(trial.value or 0.0):
            first.setdefault(_key(trial.params), trial)
    return sorted(first.values(), key=lambda trial: (objective.loss(trial.value or 0.0), trial.number))


def _measurements(
    objective: Objective, candidates: Sequence[Trial], trials: Sequence[Trial]
) -> dict[int, list[float]]:
    """The losses of each candidate, its own first; one that is no finite number is the worst of all."""
    found = {_key(trial.params): [objective.loss(trial.value or 0.0)] for trial in candidates}
    for trial in trials:
        if trial.source == CONFIRM and trial.state == COMPLETE and trial.value is not None:
            found.get(_key(trial.params), []).append(objective.loss_or_worst(trial.value))
    return {trial.number: found[_key(trial.params)] for trial in candidates}


def _key(params: Mapping[str, Scalar]) -> _Key:
    return tuple(sorted(params.items()))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _deviation(groups: Sequence[Sequence[float]]) -> float:
    """Of one measurement, with what is not known of it."""
    finite = [group for group in groups if all(map(math.isfinite, group))]
    degrees = sum(len(group) - 1 for group in finite)
    squares = sum((value - _mean(group)) ** 2 for group in finite for value in group)
    if not degrees:
        return 0.0
    unsure = degrees / (degrees - 2) if degrees > 2 else 3.0
    return math.sqrt(squares / degrees * unsure)


def _chance(mean: float, error: float, rivals: Sequence[tuple[float, float]]) -> float:
    """That a normal loss of this mean and deviation is below all the others, which are independent."""
    if error == 0 or not math.isfinite(mean):
        return 1.0
    total = weights = 0.0
    for point in range(_POINTS + 1):
        z = 12 * point / _POINTS - 6
        weight, below = math.exp(-0.5 * z * z), 1.0
        for other, spread in rivals:
            below *= 0.5 * math.erfc(-(other - mean - error * z) / spread / math.sqrt(2))
        total, weights = total + weight * below, weights + weight
    return total / weights
