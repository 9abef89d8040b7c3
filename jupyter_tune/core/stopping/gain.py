"""Rules about what the coming trials are expected to gain, by the latest GainEstimated.

    nothing_to_gain     AHEAD more trials: even the upper end of the 80 % band of their gain is below what
                        matters, and so is what the last BEHIND trials have gained, for a model can be wrong.
                        What matters is the noise of a training, or a share of the distance from the median
                        trial to the best (MATTERS), whichever is larger. Noise of more than another share of
                        that distance (NOISE) is what the model cannot explain, and counts as that share.
    not_worth_its_time  for every number of trials that was looked at, their expected gain is less than what
                        their time is worth at the price

Both wait for LEAST_KNOWN trials: a model of fewer promises little and knows less.
Source: for the first, Makarova et al. 2022, "Automatic Termination for Hyperparameter Optimization", which
compares a bound of the regret with the noise of the validation.
"""

from __future__ import annotations

import math

from jupyter_tune.core.amounts import Price
from jupyter_tune.core.events import GainEstimated
from jupyter_tune.core.stopping.improvement import reference
from jupyter_tune.core.study import Study

LEAST_KNOWN = 12
AHEAD = 20
BEHIND = 10
MATTERS, NOISE = 0.01, 0.1
HORIZONS = (1, 5, AHEAD)
"""Numbers of coming trials whose gain is estimated for the rules."""


def needs_gain(study: Study) -> bool:
    """Whether a rule of the study asks what the coming trials may gain."""
    return study.settings.stop_when_converged or study.settings.price is not None


def nothing_to_gain(study: Study) -> str | None:
    gain = _known_gain(study)
    if gain is None or not study.settings.stop_when_converged:
        return None
    matters, high = what_matters(gain.noise, gain.spread), gain.gains[-1][3]
    if high >= matters or _gained_lately(study) >= matters:
        return None
    is_noise = matters > MATTERS * gain.spread
    found = f"{100 * MATTERS:g} % of what was found beyond the median trial"
    what = "the noise of a training" if is_noise else found
    return (
        f"nothing left to gain: {gain.gains[-1][0]:.0f} more trials would improve {study.settings.metric} "
        f"by {high:.2g} at most (90 % sure), less than {what}, {matters:.2g}"
    )


def what_matters(noise: float, spread: float) -> float:
    """The smallest gain that is worth a search; all in the metric's units."""
    return max(min(noise, NOISE * spread), MATTERS * spread)


def _gained_lately(study: Study) -> float:
    """What the last BEHIND trials have gained; inf before there are as many."""
    best, recent = study.best_reading, study.progress.recent
    before = recent[-BEHIND].best_before if len(recent) >= BEHIND else None
    if before is None or best is None or best.value is None:
        return math.inf
    return study.objective.loss(before) - study.objective.loss(best.value)


def not_worth_its_time(study: Study) -> str | None:
    gain, text, length_s = _known_gain(study), study.settings.price, study.progress.mean_s
    if gain is None or text is None or not length_s:
        return None
    hourly = hourly_worth(study, Price.of(text))
    hours = [row[0] * length_s / max(1, study.settings.workers) / 3600 for row in gain.gains]
    if any(row[1] >= hourly * each for row, each in zip(gain.gains, hours, strict=True)):
        return None
    trials, mean = gain.gains[-1][:2]
    return (
        f"not worth its time: {trials:.0f} more trials would take {_hours(hours[-1])} and improve "
        f"{study.settings.metric} by {mean:.2g}; at {text} that time is worth {hourly * hours[-1]:.2g}"
    )


def hourly_worth(study: Study, price: Price) -> float:
    """What an hour is worth, in units of the metric."""
    best = study.best_trial
    if not price.is_share or best is None or best.value is None:
        return price.amount
    return price.amount * reference(best.value, [each.value for each in study.progress.latest])


def _known_gain(study: Study) -> GainEstimated | None:
    gain = study.progress.gain
    return None if gain is None or gain.known - study.progress.known_before < LEAST_KNOWN else gain


def _hours(hours: float) -> str:
    if hours >= 1:
        return f"{hours:.3g} h"
    return f"{hours * 60:.2g} min" if hours * 60 >= 1 else f"{hours * 3600:.2g} s"
