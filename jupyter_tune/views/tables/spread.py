"""How far the value of a trial with folds or repeats may be off, in words."""

from __future__ import annotations

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.words import count_of, number_in_words


def best_spread_in_words(study: Study) -> str:
    """That of the best trial; `± 0.01, mean of 4 measurements, best of 3 with 83 %` if it was confirmed."""
    best, sure = study.best_trial, study.confirmed
    if sure is None:
        return "" if best is None else spread_in_words(best, study.settings)
    error = number_in_words(float(f"{sure.error:.2g}"))
    among = f", best of {sure.rivals + 1} with {100 * sure.chance:.0f} %" if sure.rivals else ""
    return f"± {error}, mean of {count_of(sure.count, 'measurement')}{among}"


def spread_in_words(trial: Trial, settings: Settings) -> str:
    """`± 0.004, 5 folds`: the standard error of the value; "" for a trial without folds."""
    if not trial.folds:
        return ""
    is_repeat = settings.repeats > 1 and all(isinstance(label, int) for label in trial.folds)
    count = count_of(len(trial.folds), "repeat" if is_repeat else "fold")
    error = trial.standard_error
    return count if error is None else f"± {number_in_words(float(f'{error:.2g}'))}, {count}"
