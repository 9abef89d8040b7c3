"""How far the value of a trial with folds or repeats may be off, in words."""

from __future__ import annotations

from jupyter_tune.core.settings import Settings
from jupyter_tune.core.trial import Trial
from jupyter_tune.views.words import count_of, number_in_words


def spread_in_words(trial: Trial, settings: Settings) -> str:
    """`± 0.004, 5 folds`: the standard error of the value; "" for a trial without folds."""
    if not trial.folds:
        return ""
    is_repeat = settings.repeats > 1 and all(isinstance(label, int) for label in trial.folds)
    count = count_of(len(trial.folds), "repeat" if is_repeat else "fold")
    error = trial.standard_error
    return count if error is None else f"± {number_in_words(float(f'{error:.2g}'))}, {count}"
