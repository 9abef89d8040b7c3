"""`cv_results_` of a search: scikit-learn's columns, a row for each trial, in their order.

A row of a trial that did not come to its end has the scores of the folds that it has measured; NaN stands in
the others and in mean and std, which only whole trials have: a mean over easier folds would look too good.
Its rank is behind all whole ones. Times are means over the folds that were measured.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.ma import MaskedArray

from jupyter_tune.client.study_trial import StudyTrial
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.integrations.sklearn.evaluation import TIMES, TRAIN

INFEASIBLE = "infeasible"
"""The status of a trial that violates a constraint of the study."""


def status_of(trial: StudyTrial) -> str:
    """complete, infeasible, pruned, failed or cancelled; complete means that it may be the best one."""
    return INFEASIBLE if trial.state == COMPLETE and not trial.feasible else trial.state


def results_of(
    trials: Sequence[StudyTrial], columns: Mapping[str, str], n_splits: int, *, with_train: bool
) -> dict[str, Any]:
    """The results of these trials.

    Args:
        columns: the name of a score in scikit-learn's columns -> its name in the study.
    """
    results: dict[str, Any] = {}
    for name in TIMES:
        times = _of_folds(trials, name, n_splits)
        results[f"mean_{name}"], results[f"std_{name}"] = _known(np.nanmean, times), _known(np.nanstd, times)
    results |= _of_params([trial.params for trial in trials])
    results["params"] = [trial.params for trial in trials]
    results["status"] = np.array([status_of(trial) for trial in trials], dtype=object)
    results["trial"] = np.array([trial.number for trial in trials], dtype=int)
    whole = results["status"] == COMPLETE
    for column, metric in columns.items():
        scores = _of_folds(trials, metric, n_splits)
        _store(results, f"test_{column}", scores)
        results[f"rank_test_{column}"] = _ranks(np.where(whole, results[f"mean_test_{column}"], math.nan))
        if with_train:
            _store(results, f"train_{column}", _of_folds(trials, f"{TRAIN}{metric}", n_splits))
    return results


def _of_folds(trials: Sequence[StudyTrial], metric: str, n_splits: int) -> Any:
    """`trials x n_splits`; NaN for a fold that was not measured."""
    values = np.full((len(trials), n_splits), math.nan)
    for row, trial in enumerate(trials):
        for label, fold in trial.folds.items():
            values[row, int(label)] = fold.metrics.get(metric, math.nan)
    return values


def _store(results: dict[str, Any], name: str, values: Any) -> None:
    for split, column in enumerate(values.T):
        results[f"split{split}_{name}"] = column
    results[f"mean_{name}"] = values.mean(axis=1)
    with np.errstate(invalid="ignore"):  # of infinite scores
        results[f"std_{name}"] = values.std(axis=1)


def _known(of: Callable[..., Any], values: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row without any
        return of(values, axis=1)


def _ranks(means: Any) -> Any:
    """1 for the best; equal ones share a rank, and all NaN the last."""
    losses = np.where(np.isnan(means), math.inf, -means)
    return np.array([1 + (losses < loss).sum() for loss in losses], dtype=np.int32)


def _of_params(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A masked array for each parameter: masked where a trial does not have it."""
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(name for params in rows for name in params):
        values = [params[name] for params in rows if name in params]
        column = MaskedArray(np.empty(len(rows), dtype=_dtype(values)), mask=True)
        for row, params in enumerate(rows):
            if name in params:
                column[row] = params[name]
        columns[f"param_{name}"] = column
    return columns


def _dtype(values: Sequence[Any]) -> Any:
    """float, int or bool where all values are; else object."""
    kinds = {type(value) for value in values}
    return kinds.pop() if len(kinds) == 1 and kinds <= {float, int, bool} else object
