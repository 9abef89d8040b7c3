"""How sure a value is, in words: the one place that says it, for every view."""

from __future__ import annotations

from jupyter_tune.core.incumbent import Incumbent
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.words import count_of, number_in_words

ONCE = "measured once"
"""Of a value of which nothing tells how sure it is."""


def best_spread_in_words(study: Study) -> str:
    """Of the best value, as far as is known: `± 0.01, mean of 4 measurements, 95 % 0.88 to 0.92, best of 9
    with 83 %`, `± 0.004, 5 folds, best of 9 with 83 %`, `measured once`; "" without a best trial."""
    best, sure = study.best_trial, study.confirmed
    if best is None:
        return ""
    if sure is None:
        return spread_in_words(best, study.settings) or ONCE
    if sure.count > 1:
        told = f"{_error(sure.error)}, mean of {count_of(sure.count, 'measurement')}"
    else:
        told = spread_in_words(best, study.settings) or ONCE
    # other folds of such data may be harder or easier for all: `±` says how much, the interval does not
    has_folds = bool(best.folds) and not _are_repeats(best, study.settings)
    return told + ("" if has_folds else _interval(sure)) + _chance(sure)


def spread_in_words(trial: Trial, settings: Settings) -> str:
    """`± 0.004, 5 folds`: the standard error of the value; "" for a trial without folds."""
    if not trial.folds:
        return ""
    count = count_of(len(trial.folds), "repeat" if _are_repeats(trial, settings) else "fold")
    error = trial.standard_error
    return count if error is None else f"{_error(error)}, {count}"


def with_spread(value: str, spread: str) -> str:
    """`0.91 ± 0.01, 5 folds`; `0.91, measured once`."""
    return value + (", " if spread.startswith(ONCE) else " " if spread else "") + spread


def _error(error: float) -> str:
    return f"± {number_in_words(float(f'{error:.2g}'))}"


def _are_repeats(trial: Trial, settings: Settings) -> bool:
    return settings.repeats > 1 and all(isinstance(label, int) for label in trial.folds)


def _interval(sure: Incumbent) -> str:
    return f", 95 % {number_in_words(sure.low)} to {number_in_words(sure.high)}"


def _chance(sure: Incumbent) -> str:
    return f", best of {sure.rivals + 1:,} with {100 * sure.chance:.0f} %" if sure.rivals else ""
