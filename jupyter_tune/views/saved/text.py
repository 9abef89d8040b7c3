"""A saved study in a few lines of text, and the phrases that its page shares with them."""

from __future__ import annotations

from jupyter_tune.core.parameters import Params
from jupyter_tune.views.tables.messages import Best, Status
from jupyter_tune.views.tables.spread import ONCE, with_spread
from jupyter_tune.views.words import count_of, duration_in_words, number_in_words, value_in_words

NO_BEST = "no trial is complete"


def text(status: Status) -> str:
    """What was sought and how that ended, the best, how many trials it took, and what the user wrote."""
    title = f"{status['name']}: {aim(status)}, {how_it_stands(status)}"
    tags = [f"tags: {', '.join(status['tags'])}"] if status["tags"] else []
    note = [status["note"]] if status["note"] else []
    return "\n".join([title, _best_in_words(status), _counts(status), *tags, *note])


def aim(status: Status) -> str:
    return status["aim"]


def how_it_stands(status: Status) -> str:
    return f"{status['state']}: {status['reason']}" if status["reason"] else str(status["state"])


def _best_in_words(status: Status) -> str:
    best = status["best"]
    if best is None:
        return status["found"] or NO_BEST
    which = trial_in_words(best)
    value, spread = number_in_words(best["value"]), best["spread"]
    if spread.startswith(ONCE):
        which, spread = f"{which}, {spread}", ""
    return f"best {with_spread(value, spread)} in {which}: {_params(best['params'])}"


def trial_in_words(best: Best) -> str:
    """Which trial it is: "trial 3", or "trial 3 (from NAME, trial 12)" of a warm start."""
    return f"trial {best['number']}" + (f" (from {best['ran_as']})" if best["ran_as"] else "")


def _counts(status: Status) -> str:
    counts = {state: count for state, count in status["counts"].items() if count}
    trials = sum(counts.values())
    listed = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    took = duration_in_words(status["elapsed_s"])
    return f"{count_of(trials, 'trial')}{': ' if listed else ''}{listed}; {took}"


def _params(params: Params) -> str:
    return ", ".join(f"{name}={value_in_words(value)}" for name, value in params.items())
