"""The four searches, each on the same ranges, folds and data. All run one fit at a time.

Imports are in the functions that need them: trials of ours import this module too, which is the user's own.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from sklearn.base import is_classifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  # makes the next import possible
from sklearn.model_selection import HalvingRandomSearchCV, RandomizedSearchCV

import jupyter_tune as jt
from jupyter_tune.sklearn import TuneSearchCV
from tests.benchmarks.sklearn_search.meter import Meter
from tests.benchmarks.sklearn_search.problems import Problem

CANDIDATES = 20
"""Of RandomizedSearchCV: their CPU time is the budget of all searches."""
_MOST = 10 * CANDIDATES
_LOOKS_S = 0.1
_FIXED = 0.6
"""The part of a fit's time that does not depend on its rows, about."""

Search = Callable[[Problem, Any, Any, Any, int, Meter, float], Any]
"""Problem, inputs, targets, folds, seed, meter, budget in CPU seconds -> the fitted search."""


def randomized(problem: Problem, x: Any, y: Any, cv: Any, seed: int, meter: Meter, cpu_s: float) -> Any:
    search = RandomizedSearchCV(
        problem.estimator,
        {name: _of_scipy(each) for name, each in problem.space.items()},
        n_iter=CANDIDATES,
        cv=cv,
        scoring=meter,
        random_state=seed,
        refit=False,
    )
    return search.fit(x, y)


def halving(problem: Problem, x: Any, y: Any, cv: Any, seed: int, meter: Meter, cpu_s: float) -> Any:
    """One bracket, of as many candidates as the budget is expected to allow."""
    classes = len(set(y)) if is_classifier(problem.estimator) else 1
    least = max(len(x) // 9, 2 * cv.get_n_splits() * classes)
    rows = [least]
    while rows[-1] * 3 <= len(x):
        rows.append(rows[-1] * 3)
    # of the candidates each round has a third of the one before
    each = sum((_FIXED + (1 - _FIXED) * count / len(x)) / 3**place for place, count in enumerate(rows))
    search = HalvingRandomSearchCV(
        problem.estimator,
        {name: _of_scipy(each) for name, each in problem.space.items()},
        n_candidates=max(3 ** (len(rows) - 1), int(CANDIDATES / each)),
        factor=3,
        min_resources=least,
        cv=cv,
        scoring=meter,
        random_state=seed,
        refit=False,
    )
    return search.fit(x, y)


def with_optuna(problem: Problem, x: Any, y: Any, cv: Any, seed: int, meter: Meter, cpu_s: float) -> Any:
    from optuna_integration.sklearn import OptunaSearchCV

    def enough(study: Any, trial: Any) -> None:
        if meter.cpu_s() >= cpu_s:
            study.stop()

    search = OptunaSearchCV(
        problem.estimator,
        {name: _of_optuna(each) for name, each in problem.space.items()},
        n_trials=_MOST,
        callbacks=[enough],
        cv=cv,
        scoring=meter,
        random_state=seed,
        refit=False,
    )
    return search.fit(x, y)


def ours(problem: Problem, x: Any, y: Any, cv: Any, seed: int, meter: Meter, cpu_s: float) -> Any:
    search = TuneSearchCV(
        problem.estimator,
        problem.space,
        n_trials=_MOST,
        n_jobs=1,
        cv=cv,
        scoring=meter,
        random_state=seed,
        refit=False,
        verbose=0,
        options={"dir": Path(meter.file).parent},
    )
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOKS_S):
            if meter.cpu_s() >= cpu_s:
                search.study_.stop()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        search.fit(x, y)
    finally:
        over.set()
        watcher.join()
        search.study_.close()
        psutil.wait_procs(
            psutil.Process().children(), timeout=30
        )  # their CPU time counts when they have ended
    return search


SEARCHES: dict[str, Search] = {
    "RandomizedSearchCV": randomized,
    "HalvingRandomSearchCV": halving,
    "OptunaSearchCV": with_optuna,
    "TuneSearchCV": ours,
}


def run(name: str, problem: Problem, x: Any, y: Any, cv: Any, seed: int, meter: Meter, cpu_s: float) -> float:
    """Run one search. Returns how long it took, in seconds."""
    since = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # networks that have not converged, experimental arguments
        SEARCHES[name](problem, x, y, cv, seed, meter, cpu_s)
    return time.monotonic() - since


def _of_scipy(parameter: Any) -> Any:
    from scipy.stats import loguniform, randint, uniform  # type: ignore[import-untyped]

    match parameter:
        case jt.Float(log=True):
            return loguniform(parameter.low, parameter.high)
        case jt.Float():
            return uniform(parameter.low, parameter.high - parameter.low)
        case jt.Int(log=True):
            return _WholeLogUniform(parameter.low, parameter.high)
        case jt.Int():
            return randint(parameter.low, parameter.high + 1)
    return list(parameter.choices)


class _WholeLogUniform:
    """Whole numbers, spread evenly over orders of magnitude, which scipy.stats has not."""

    def __init__(self, low: int, high: int):
        from scipy.stats import loguniform

        self._continuous = loguniform(low, high + 0.999)

    def rvs(self, random_state: Any = None) -> int:
        return int(self._continuous.rvs(random_state=random_state))


def _of_optuna(parameter: Any) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match parameter:
        case jt.Float():
            return FloatDistribution(parameter.low, parameter.high, log=parameter.log)
        case jt.Int():
            return IntDistribution(parameter.low, parameter.high, log=parameter.log)
    return CategoricalDistribution(parameter.choices)
