"""TuneSearchCV: a search of hyperparameters as a scikit-learn estimator, on a study of this package.

It inherits from BaseSearchCV, the base of GridSearchCV and RandomizedSearchCV. So the meaning of `scoring`,
where params of fit go, what is delegated to the best estimator, and the tags for pipelines and
meta-estimators are those of the installed scikit-learn. `fit` is our own: BaseSearchCV evaluates lists of
candidates in joblib's workers and learns of a candidate when all its folds are done; a study stops trials
between folds. A fold is measured by cross_validate, which is public (evaluation.py).
"""

from __future__ import annotations

import builtins
import numbers
import sys
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_method_params, indexable

from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.client.study_trial import StudyTrial
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import INTERRUPTED
from jupyter_tune.core.trial import COMPLETE
from jupyter_tune.errors import DriverError, OptionError
from jupyter_tune.integrations.sklearn.evaluation import SCORE, TIMES, TRAIN, Evaluation
from jupyter_tune.integrations.sklearn.options import objectives_of, options_of
from jupyter_tune.integrations.sklearn.outcome import trials_of
from jupyter_tune.integrations.sklearn.results import results_of
from jupyter_tune.integrations.sklearn.spaces import space_of
from jupyter_tune.integrations.sklearn.stepping import counted_by, prefix_of, trained
from jupyter_tune.launch.launcher import load_study, tune
from jupyter_tune.registry import PRUNERS, SAMPLERS

if tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 6):
    raise ImportError(
        f"TuneSearchCV needs scikit-learn 1.6 or newer, and {sklearn.__version__} is installed; "
        "pip install --upgrade scikit-learn"
    )


class TuneSearchCV(BaseSearchCV):  # type: ignore[misc]  # scikit-learn ships no types
    """Search the best hyperparameters of an estimator by cross-validation.

    It takes the place of RandomizedSearchCV: a Gaussian process proposes, hopeless trials are stopped after a
    fold, or a step, and the trials run as a study, with its dashboard and its file. `fit` waits for its end.

    Args:
        estimator:    has `fit`, and `score` unless `scoring` is given; a pipeline's parameters: `step__name`.
        space:        parameter -> Float, Int, Categorical, a list, or scipy's uniform, loguniform or randint;
                      or a Space, also with conditional parameters.
        scoring, cv, refit, error_score, return_train_score: as in RandomizedSearchCV. Several scores are one
                      objective if `refit` names one, and else all of them (the Pareto front is searched). A
                      callable `refit` gets the results of complete trials. A trial in which a fit fails has
                      failed, unless `error_score` is a number to go on with.
        n_trials:     how many; fewer if a rule of `options` or `timeout` ends the search.
        timeout:      seconds, or a text such as "10m".
        max_steps:    train by steps, as many as this: passes of `partial_fit`, or trees of an estimator with
                      `warm_start`. Trials are then stopped by steps, too.
        sampler, pruner: of the study, as in `jt.tune`; the pruner is paired, with `max_steps` asha.
        n_jobs:       trials at once; None: what the machine has. 0 runs them in this process, for a debugger.
        random_state: an integer gives the same trials again with the same `n_jobs`.
        verbose:      0 shows no dashboard.
        options:      further options of `jt.tune`, as in {"patience": 20, "name": "svc"}.

    Attributes: those of RandomizedSearchCV; `cv_results_` has a row for each trial, with its `status`.
    `study_` is the study, also while `fit` waits.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **{
            name: each for name, each in BaseSearchCV._parameter_constraints.items() if name != "pre_dispatch"
        },
        "n_trials": [Interval(numbers.Integral, 1, None, closed="left")],
        "timeout": [Interval(numbers.Real, 0, None, closed="neither"), str, None],
        "max_steps": [Interval(numbers.Integral, 1, None, closed="left"), None],
        "sampler": [StrOptions(set(SAMPLERS))],
        "pruner": [StrOptions(set(PRUNERS)), None],
        "random_state": ["random_state"],
        "options": [Mapping, None],
    }

    def __init__(
        self,
        estimator: Any,
        space: Any,
        *,
        scoring: Any = None,
        n_trials: int = 30,
        timeout: Any = None,
        max_steps: int | None = None,
        sampler: str = "gp",
        pruner: str | None = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 1,
        random_state: Any = None,
        error_score: Any = np.nan,
        return_train_score: bool = False,
        options: Mapping[str, Any] | None = None,
    ):
        super().__init__(
            estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.space = space
        self.n_trials = n_trials
        self.timeout = timeout
        self.max_steps = max_steps
        self.sampler = sampler
        self.pruner = pruner
        self.random_state = random_state
        self.options = options

    def fit(self, X: Any, y: Any = None, **params: Any) -> TuneSearchCV:  # noqa: N803  # scikit-learn's name
        """Run the study, wait for its end, and fit the best estimator.

        An interrupt ends the wait and not the study: `study_.stop()` ends that.

        Args: params: for the fit of the estimator, the scorer and the splitter (`groups`); arrays with an
            entry for each sample are split along.
        Raises: SpaceError, OptionError or ValueError before anything starts; FitFailedError if no trial is
            complete, or `error_score` is "raise" and one has failed.
        """
        self._validate_params()
        scorers, _ = self._get_scorers()
        X, y = indexable(X, y)  # noqa: N806
        routed = self._get_routed_params_for_fit(_check_method_params(X, params=params))
        fit_params = routed.estimator.fit
        space = space_of(self.space, self.estimator)
        if self.max_steps is not None:
            self._require_steps(space, fit_params)
        splitter = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        splits = list(splitter.split(X, y, **routed.splitter.split))
        if not splits:
            raise ValueError(f"cv: {self.cv!r} gives no split; give at least one")
        metrics = self._metrics(scorers)
        evaluation = Evaluation(
            estimator=self.estimator,
            x=X,
            y=y,
            splits=splits,
            scorer=scorers,
            metric=objectives_of(self.refit, metrics)[0],
            names=tuple(metrics),
            fit_params=fit_params,
            score_params=routed.scorer.score,
            return_train_score=self.return_train_score,
            error_score=self.error_score,
            max_steps=self.max_steps,
        )
        self._follow(tune(evaluation, space, **options_of(self, metrics)))
        trials = trials_of(self._study, self.error_score)
        columns = self._columns(metrics, trials)
        results = results_of(trials, columns, len(splits), with_train=self.return_train_score)
        self.multimetric_ = SCORE not in columns
        if self.refit or not self.multimetric_:
            self._choose(results)
        if self.refit:
            self._refit(X, y, fit_params)
        self.scorer_ = getattr(scorers, "_scorers", scorers)
        self.cv_results_ = results
        self.n_splits_ = len(splits)
        return self

    @property
    def study_(self) -> StudyHandle:
        """The study of the last fit: its trials, charts and file."""
        if "_study" in vars(self):
            found: StudyHandle = self._study
            return found
        if "_study_file" not in vars(self):
            raise AttributeError("study_: this search has no study yet; call fit first")
        return load_study(self._study_file)

    def __getstate__(self) -> dict[str, Any]:
        # a fitted search is loaded also where the study's file is not
        state: Mapping[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_study"}

    # before the study

    def _require_steps(self, space: Space, fit_params: Mapping[str, Any]) -> None:
        """Raises OptionError if the estimator cannot be trained by steps, with these ranges and params."""
        params = clone(space.decode(space.encoded.defaults()), safe=False)
        estimator = clone(self.estimator).set_params(**params)
        count, prefix = counted_by(estimator), prefix_of(estimator)
        if count is not None and f"{prefix}{count}" in space:
            raise OptionError(
                f"max_steps: counts {prefix}{count}, which is in the space too; leave it out of the space"
            )
        others = [name for name in fit_params if not name.startswith(prefix)]
        if others:
            raise OptionError(
                f"{others[0]}: with max_steps only the last step of a pipeline takes params of fit; "
                f"leave it out, or max_steps"
            )

    def _metrics(self, scorers: Any) -> list[str]:
        """The study's names of the scores, as far as they are known without a call of the scorer."""
        several = getattr(scorers, "_scorers", None)
        if several is None:
            is_named = callable(self.scoring) and isinstance(self.refit, str)
            return [self.refit if is_named else self.scoring if isinstance(self.scoring, str) else SCORE]
        taken = [name for name in several if name in (*TIMES, "step", "fold") or name.startswith(TRAIN)]
        if taken:
            raise ValueError(f"scoring: {taken[0]!r} is the name of something else here; rename it")
        return list(several)

    # the study

    def _follow(self, study: StudyHandle) -> None:
        self._study, self._study_file = study, str(study.path)
        # a notebook's name, which draws the dashboard once the extension is loaded
        display = getattr(builtins, "display", None)
        if self.verbose and display is not None and "jupyter_tune.notebook.extension" in sys.modules:
            display(study)
        study.wait()
        if study.state == INTERRUPTED:
            raise DriverError(f"study {study.name!r} was interrupted: the process that ran it has ended")

    # after it

    def _columns(self, metrics: list[str], trials: list[StudyTrial]) -> dict[str, str]:
        """scikit-learn's name of each score, and the study's."""
        if callable(self.scoring):  # its scores are known now
            seen = dict.fromkeys(
                name for trial in trials for fold in trial.folds.values() for name in fold.metrics
            )
            metrics = [name for name in seen if name not in TIMES and not name.startswith(TRAIN)]
        if isinstance(self.scoring, (list, tuple, dict)) or len(metrics) > 1:
            return {name: name for name in metrics}
        return {SCORE: metrics[0]}

    def _choose(self, results: dict[str, Any]) -> None:
        """The best trial, by rank or by the callable `refit`."""
        if callable(self.refit):
            whole = np.flatnonzero(results["status"] == COMPLETE)
            of_whole = {
                name: [column[row] for row in whole] if name == "params" else column[whole]
                for name, column in results.items()
            }
            chosen = self.refit(of_whole)
            if not isinstance(chosen, numbers.Integral):
                raise TypeError(f"refit: must return a whole number, the index of a row, got {chosen!r}")
            chosen = int(chosen)
            if not 0 <= chosen < len(whole):
                raise IndexError(f"refit: returned {chosen}, and there are {len(whole)} complete trials")
            self.best_index_ = int(whole[chosen])
        else:
            column = self.refit if self.multimetric_ else SCORE
            self.best_index_ = int(results[f"rank_test_{column}"].argmin())
            self.best_score_ = float(results[f"mean_test_{column}"][self.best_index_])
        self.best_params_ = results["params"][self.best_index_]

    def _refit(self, x: Any, y: Any, fit_params: Mapping[str, Any]) -> None:
        # params may be estimators themselves
        best = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
        since = time.perf_counter()
        if self.max_steps is not None:
            best = trained(best, x, y, fit_params, self.max_steps)
        elif y is None:
            best.fit(x, **fit_params)
        else:
            best.fit(x, y, **fit_params)
        self.refit_time_ = time.perf_counter() - since
        self.best_estimator_ = best
        if hasattr(best, "feature_names_in_"):
            self.feature_names_in_ = best.feature_names_in_
