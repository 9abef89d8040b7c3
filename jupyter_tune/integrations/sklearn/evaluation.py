"""One trial of a search: the estimator with its params, cross-validated fold by fold.

Each fold is reported when it has been measured, and the trial may end there. It runs in a trial's process,
which imports this module and stepping.py alone of this package's integrations.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.model_selection import cross_validate
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from jupyter_tune.integrations.sklearn.stepping import labels_of, stepped
from jupyter_tune.trials.report import report, trial

SCORE = "score"
"""scikit-learn's name of a single score in its results."""
TRAIN = "train_"
TIMES = ("fit_time", "score_time")
ERROR = "fit_error"
"""The attribute of a trial that holds why a fold could not be measured."""

Measured = dict[str, float]


@dataclass(frozen=True)
class Evaluation:
    """What a trial calls with its params.

    scorer: as scikit-learn made it from `scoring`: gives one score, or a dict of them.
    metric: the study's name of a single score.
    names:  of the scores in the study, as far as they are known without a call of the scorer.
    """

    estimator: Any
    x: Any
    y: Any
    splits: Sequence[tuple[Any, Any]]
    scorer: Any
    metric: str
    names: tuple[str, ...]
    fit_params: Mapping[str, Any]
    score_params: Mapping[str, Any]
    return_train_score: bool
    error_score: Any
    max_steps: int | None

    def __repr__(self) -> str:
        return f"TuneSearchCV({self.estimator!r})"

    def __call__(self, /, **params: Any) -> dict[str, float] | None:
        lasts: list[Measured] = []
        for fold in range(len(self.splits)):
            last: Measured = {}
            try:
                for step, measured in self._fold(fold, params):
                    last = measured
                    report(step, fold=fold, **measured)
            except Exception:
                if self.error_score == "raise" or math.isnan(self.error_score):
                    raise
                trial.set_user_attr(ERROR, f"fold {fold}: {traceback.format_exc()}")
                last = dict.fromkeys(self.names, float(self.error_score))
                report(self.max_steps, fold=fold, **last)
            lasts.append(last)
        if self.max_steps is None:
            return None  # the mean over the folds
        # what the last step gives, not the best one: the model that is fitted in the end takes all steps
        return {name: sum(last[name] for last in lasts) / len(lasts) for name in self.names}

    def _fold(self, fold: int, params: Mapping[str, Any]) -> Iterator[tuple[int | None, Measured]]:
        """The step and what was measured after it, as reported; one without a step for a fold in one go."""
        model = clone(self.estimator).set_params(**clone(params, safe=False))
        if self.max_steps is None:
            yield None, self._in_one_go(model, fold)
        else:
            yield from self._by_steps(model, fold, self.max_steps)

    def _in_one_go(self, model: Any, fold: int) -> Measured:
        found = cross_validate(
            model,
            self.x,
            self.y,
            cv=[self.splits[fold]],
            scoring=self.scorer,
            params={**self.fit_params, **self.score_params},
            return_train_score=self.return_train_score,
            error_score="raise",
        )
        tests = {name.removeprefix("test_"): each[0] for name, each in found.items() if name[:5] == "test_"}
        trains = {name.removeprefix(TRAIN): each[0] for name, each in found.items() if name.startswith(TRAIN)}
        return self._measured(tests, trains, *(float(found[name][0]) for name in TIMES))

    def _by_steps(self, model: Any, fold: int, max_steps: int) -> Iterator[tuple[int, Measured]]:
        train, test = self.splits[fold]
        x, y = _safe_split(model, self.x, self.y, train)
        x_test, y_test = _safe_split(model, self.x, self.y, test, train)
        fit_params = _check_method_params(self.x, params=self.fit_params, indices=train)
        for_train = _check_method_params(self.x, params=self.score_params, indices=train)
        for_test = _check_method_params(self.x, params=self.score_params, indices=test)
        fit_time, since = 0.0, time.perf_counter()
        for step, trained in stepped(model, x, y, fit_params, max_steps, labels_of(self.y)):
            fit_time += time.perf_counter() - since
            scored = time.perf_counter()
            tests = _named(_score(self.scorer, trained, x_test, y_test, for_test))
            score_time = time.perf_counter() - scored
            trains = _named(_score(self.scorer, trained, x, y, for_train)) if self.return_train_score else {}
            yield step, self._measured(tests, trains, fit_time, score_time)
            since = time.perf_counter()

    def _measured(
        self, tests: Mapping[str, Any], trains: Mapping[str, Any], fit_time: float, score_time: float
    ) -> Measured:
        """What is reported of a fold, under the study's names.

        Raises: ValueError if a scorer has failed, or gives no score of the metric's name.
        """
        for name, score in tests.items():
            if isinstance(score, str):  # the traceback of one scorer among several
                raise ValueError(f"the scorer {name} failed:\n{score}")
        names = {name: self.metric if tests.keys() == {SCORE} else name for name in tests}
        if self.metric not in names.values():
            gives = ", ".join(tests)
            raise ValueError(
                f"scoring: gives {gives}, not {self.metric!r}, which the search is after; name one by refit"
            )
        return {
            **{names[name]: float(score) for name, score in tests.items()},
            **{f"{TRAIN}{names[name]}": float(score) for name, score in trains.items()},
            TIMES[0]: fit_time,
            TIMES[1]: score_time,
        }


def _named(scores: Any) -> Mapping[str, Any]:
    return scores if isinstance(scores, dict) else {SCORE: scores}


def _score(scorer: Any, model: Any, x: Any, y: Any, params: Mapping[str, Any]) -> Any:
    return scorer(model, x, **params) if y is None else scorer(model, x, y, **params)
