"""The options of a search's study: from the arguments of TuneSearchCV, and from its `options`."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import joblib
from sklearn.utils import check_random_state

from jupyter_tune.errors import OptionError

OPTIONS = frozenset(
    {
        *("name", "dir", "tag", "overwrite", "detach", "keep"),
        *("target", "patience", "stop_when_converged", "price", "budget", "max_failures", "trial_timeout"),
        *("min_steps", "reduction_factor", "retries", "transfer", "subject_to"),
        *("gpus_per_trial", "on", "insecure", "resources"),
    }
)
"""Options of jt.tune that `options` takes. Others are arguments of TuneSearchCV, or make no sense in it."""

_OTHERWISE = {
    "maximize": "scoring and refit",
    "minimize": "scoring and refit",
    "trials": "n_trials",
    "workers": "n_jobs",
    "seed": "random_state",
    "batch_deterministic": "random_state",
    **{name: name for name in ("timeout", "max_steps", "sampler", "pruner")},
}


def objectives_of(refit: Any, metrics: Sequence[str]) -> list[str]:
    """What the study is after: the score that `refit` names, or all of them."""
    return [refit] if isinstance(refit, str) and refit in metrics else list(metrics)


def options_of(search: Any, metrics: Sequence[str]) -> dict[str, Any]:
    """The options of jt.tune for `search`, a TuneSearchCV.

    Args: metrics: the study's names of its scores.
    Raises: OptionError for one that `search.options` may not have.
    """
    further = dict(search.options or {})
    for name in further:
        if name in _OTHERWISE:
            raise OptionError(f"options: {name} is given by {_OTHERWISE[name]} here; use that")
        if name not in OPTIONS:
            raise OptionError(f"options: there is no {name!r} here; there are {', '.join(sorted(OPTIONS))}")
    objectives = objectives_of(search.refit, metrics)
    chosen: dict[str, Any] = {
        "maximize": objectives,
        "trials": search.n_trials,
        "sampler": search.sampler,
        "pruner": _pruner(search, objectives),
        "seed": _seed(search.random_state),
        "batch_deterministic": search.random_state is not None,
    }
    for name in ("timeout", "max_steps"):
        if getattr(search, name) is not None:
            chosen[name] = getattr(search, name)
    if search.n_jobs is not None:
        chosen["workers"] = joblib.effective_n_jobs(search.n_jobs) if search.n_jobs < 0 else search.n_jobs
    if search.error_score == "raise":
        chosen["max_failures"] = 1
    return chosen | further


def _pruner(search: Any, objectives: Sequence[str]) -> str:
    if len(objectives) > 1:
        return "none"  # trials are compared by one metric
    # folds are compared one by one; by steps, each with those that have come as far
    return search.pruner or ("paired" if search.max_steps is None else "asha")


def _seed(random_state: Any) -> int:
    if isinstance(random_state, numbers.Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
