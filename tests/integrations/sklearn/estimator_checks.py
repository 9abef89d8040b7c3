"""scikit-learn's own checks of estimators, on a search of a classifier and one of a regressor.

They fit some hundred searches, in minutes: `make test-integrations` runs them all. Left out, with the reason:

    check_array_api_*    run only where SCIPY_ARRAY_API is set before scipy is imported, and skip themselves
                         elsewhere
    check_supervised_y_2d
                         expects a warning for a target of one column, which Ridge takes; RandomizedSearchCV
                         of Ridge fails it in the same way
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils.estimator_checks import estimator_checks_generator

import jupyter_tune as jt
from jupyter_tune.sklearn import TuneSearchCV

LEFT_OUT = ("check_array_api", "check_supervised_y_2d")


def _search(estimator: Any, space: dict[str, Any]) -> TuneSearchCV:
    # in this process: errors are those that the fits raise, which the checks look at
    return TuneSearchCV(estimator, space, n_trials=1, n_jobs=0, sampler="random", cv=2, random_state=0)


SEARCHES = [
    _search(LogisticRegression(), {"C": jt.Float(0.1, 10, log=True)}),
    _search(Ridge(), {"alpha": jt.Float(0.1, 10, log=True)}),
]


def checks(search: TuneSearchCV) -> Iterator[tuple[str, Callable[[], None]]]:
    """The name of each check, and what runs it."""
    for given, check in estimator_checks_generator(search, mark=None):
        name = check.func.__name__ if isinstance(check, partial) else check.__name__
        if not name.startswith(LEFT_OUT):
            yield name, partial(check, given)


@pytest.mark.filterwarnings("ignore")  # the checks provoke them, and look at those that matter
@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: type(search.estimator).__name__)
def test_all_checks_pass(search: TuneSearchCV, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TUNE_DIR", str(tmp_path))
    failed = {}
    for name, check in checks(search):
        try:
            check()
        except Exception as error:
            failed[name] = error
    assert not failed
