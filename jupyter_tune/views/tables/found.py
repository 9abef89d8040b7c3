"""What a study has found, in a phrase: the best trial, or the front of several metrics."""

from __future__ import annotations

from jupyter_tune.core.study import Study
from jupyter_tune.views.tables.messages import Sought
from jupyter_tune.views.tables.spread import best_spread_in_words, with_spread
from jupyter_tune.views.words import count_of


def sought(study: Study) -> list[Sought]:
    """The metrics that it is after, the first one first."""
    settings = study.settings
    pairs = [(settings.metric, settings.direction), *settings.also]
    return [{"metric": metric, "direction": direction} for metric, direction in pairs]


def aim_in_words(study: Study) -> str:
    """`maximize acc`, `maximize acc, minimize latency, subject to latency <= 20`."""
    aims = ", ".join(f"{each['direction']} {each['metric']}" for each in sought(study))
    return f"{aims}, subject to {study.constraints}" if study.constraints else aims


def found_in_words(study: Study) -> str:
    """`best acc 0.93, measured once (trial 4)`, with folds `best acc 0.93 ± 0.004, 5 folds, … (trial 4)`, `5
    trials on the front of acc and latency`, or why there is none; "" while nothing can be said."""
    found = study.best_trials
    if not found:
        return study.why_none_is_best
    if len(study.objectives) > 1:
        names = " and ".join(objective.metric for objective in study.objectives)
        return f"{count_of(len(found), 'trial')} on the front of {names}"
    ran_as = f", from {found[0].ran_as}" if found[0].ran_as else ""
    value = with_spread(f"{study.objective.metric} {study.best_value:.6g}", best_spread_in_words(study))
    return f"best {value} (trial {found[0].number}{ran_as})"
