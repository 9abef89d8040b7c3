"""TuneSearchCV as users of scikit-learn's searches know them, on real studies."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse, stats  # type: ignore[import-untyped]
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import FitFailedWarning, NotFittedError, UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import jupyter_tune as jt
from jupyter_tune.errors import OptionError, SpaceError
from jupyter_tune.integrations.sklearn.outcome import FitFailedError
from jupyter_tune.sklearn import TuneSearchCV
from tests.bare import only_libraries

DIGITS = tuple(part[:300] for part in load_digits(return_X_y=True))
IRIS = load_iris(return_X_y=True)
RANGES = {"svc__C": stats.loguniform(1e-3, 1e2), "svc__gamma": jt.Float(1e-4, 1e-1, log=True)}


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("searches")
    with pytest.MonkeyPatch.context() as patch, only_libraries("numpy", "scipy", "pandas", "sklearn"):
        patch.setenv("JUPYTER_TUNE_DIR", str(place))
        yield place


def search_of(estimator: Any, space: Any, **changes: Any) -> TuneSearchCV:
    return TuneSearchCV(
        estimator, space, **{"n_trials": 4, "n_jobs": 2, "cv": 3, "sampler": "random", **changes}
    )


@pytest.fixture(scope="module")
def digits() -> TuneSearchCV:
    """A search that is fitted."""
    search = search_of(
        make_pipeline(StandardScaler(), SVC()), RANGES, n_trials=8, return_train_score=True, random_state=0
    )
    return search.fit(*DIGITS)


class TestAFittedSearch:
    def test_has_the_results_of_randomized_search_and_the_status_of_each_trial(self, digits):
        randomized = RandomizedSearchCV(
            digits.estimator, {"svc__C": [1.0], "svc__gamma": [0.01]}, n_iter=1, cv=3, return_train_score=True
        ).fit(*DIGITS)
        assert digits.cv_results_.keys() - {"status", "trial"} == randomized.cv_results_.keys()
        assert {len(column) for column in digits.cv_results_.values()} == {8}
        assert [list(column.mask) for name, column in digits.cv_results_.items() if name[:6] == "param_"]
        assert set(digits.cv_results_["status"]) == {"complete", "pruned"}
        assert digits.n_splits_ == 3

    def test_has_the_scores_that_cross_validation_gives(self, digits):
        results = digits.cv_results_
        for row in np.flatnonzero(results["status"] == "complete"):
            model = clone(digits.estimator).set_params(**results["params"][row])
            scores = cross_val_score(model, *DIGITS, cv=3)
            assert [results[f"split{k}_test_score"][row] for k in range(3)] == pytest.approx(list(scores))
            assert results["mean_test_score"][row] == pytest.approx(scores.mean())
            assert results["std_test_score"][row] == pytest.approx(scores.std())
            assert results["mean_train_score"][row] >= results["mean_test_score"][row] - 0.2

    def test_ranks_trials_that_were_stopped_behind_all_whole_ones(self, digits):
        results = digits.cv_results_
        whole = results["status"] == "complete"
        assert results["rank_test_score"][~whole].min() > results["rank_test_score"][whole].max()
        assert np.isnan(results["mean_test_score"][~whole]).all()
        assert np.isfinite(results["split0_test_score"]).all()
        assert np.isfinite(results["mean_fit_time"]).all()

    def test_begins_with_the_estimator_as_it_was_given(self, digits):
        assert digits.cv_results_["params"][0]["svc__C"] == 1.0

    def test_has_the_best_and_its_model(self, digits):
        results = digits.cv_results_
        assert results["rank_test_score"][digits.best_index_] == 1
        assert digits.best_score_ == results["mean_test_score"].max(
            where=results["status"] == "complete", initial=0
        )
        assert digits.best_params_ == results["params"][digits.best_index_]
        assert digits.best_estimator_.get_params()["svc__C"] == digits.best_params_["svc__C"]
        assert digits.refit_time_ > 0
        assert not digits.multimetric_

    def test_delegates_to_its_best_model(self, digits):
        x, y = DIGITS
        assert (digits.predict(x) == digits.best_estimator_.predict(x)).all()
        assert digits.decision_function(x).shape == (300, 10)
        assert digits.score(x, y) > 0.95
        assert list(digits.classes_) == list(range(10))
        assert digits.n_features_in_ == 64
        assert is_classifier(digits)
        assert not hasattr(digits, "transform")

    def test_has_its_study(self, digits):
        assert digits.study_.state == "ended"
        assert digits.study_.best_value == pytest.approx(digits.best_score_)
        assert digits.study_.best_trial.number == digits.cv_results_["trial"][digits.best_index_]
        assert "SVC" in str(digits.study_.snapshot().origin["text"])

    def test_is_loaded_where_its_study_is_not(self, digits, folder):
        loaded = pickle.loads(pickle.dumps(digits))
        assert loaded.study_.name == digits.study_.name
        file = digits.study_.path
        moved = file.rename(file.with_suffix(".moved"))
        try:
            again = pickle.loads(pickle.dumps(loaded))
            assert (again.predict(DIGITS[0]) == digits.predict(DIGITS[0])).all()
        finally:
            moved.rename(file)

    def test_is_the_same_again_with_the_same_random_state(self, digits):
        again = clone(digits).fit(*DIGITS)
        assert again.best_params_ == digits.best_params_
        assert again.cv_results_["params"] == digits.cv_results_["params"]
        assert list(again.cv_results_["status"]) == list(digits.cv_results_["status"])


def test_an_unfitted_search_says_so() -> None:
    search = search_of(SVC(), {"C": [1.0, 2.0]})
    assert search.get_params()["space"] == {"C": [1.0, 2.0]}
    assert clone(search.set_params(estimator__gamma=0.5)).estimator.gamma == 0.5
    with pytest.raises(NotFittedError):
        search.predict(IRIS[0])
    assert not hasattr(search, "study_")


def test_several_scores_have_a_column_each_and_refit_names_the_one_to_search_by() -> None:
    search = search_of(
        SVC(), {"C": jt.Float(1e-3, 10, log=True)}, scoring=["accuracy", "f1_macro"], refit="f1_macro"
    )
    search.fit(*IRIS)
    assert search.multimetric_
    assert search.cv_results_.keys() >= {"mean_test_accuracy", "split2_test_f1_macro", "rank_test_f1_macro"}
    assert search.best_score_ == search.cv_results_["mean_test_f1_macro"][search.best_index_]
    assert search.study_.snapshot().objective.metric == "f1_macro"
    assert search.score(*IRIS) == search.scorer_["f1_macro"](search.best_estimator_, *IRIS)


def test_a_callable_refit_chooses_among_whole_trials_and_all_scores_are_searched() -> None:
    rows: list[Any] = []

    def simplest(results: dict[str, Any]) -> int:
        rows.append(results)
        return int(np.argmin(results["param_C"]))

    search = search_of(
        SVC(), {"C": jt.Float(1e-3, 10, log=True)}, scoring=["accuracy", "f1_macro"], refit=simplest
    )
    search.fit(*IRIS)
    assert set(rows[0]["status"]) == {"complete"}
    assert search.best_params_["C"] == min(params["C"] for params in search.cv_results_["params"])
    assert not hasattr(search, "best_score_")
    assert len(search.study_.best_trials) >= 1


def test_training_by_steps_is_reported_and_the_best_model_takes_all_steps() -> None:
    pipeline = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
    search = search_of(
        pipeline,
        {"sgdclassifier__alpha": jt.Float(1e-6, 1e3, log=True)},
        max_steps=9,
        n_trials=6,
        random_state=1,
        n_jobs=1,
    )
    search.fit(*DIGITS)
    best = search.study_.best_trial
    assert list(best.folds[0].curve) == list(range(1, 10))
    assert search.best_score_ == pytest.approx(np.mean([fold.curve[9] for fold in best.folds.values()]))
    assert search.best_estimator_[-1].t_ == 9 * 300 + 1
    stopped = [trial for trial in search.study_.trials if trial.state == "pruned"]
    assert any(trial.last_step < 9 for trial in stopped), "inside a fold"


class Fragile(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fails where it is told to."""

    def __init__(self, depth: int = 1):
        self.depth = depth

    def fit(self, X, y, sample_weight=None):  # noqa: N803
        if self.depth == 3:
            raise ZeroDivisionError("too deep")
        self.classes_ = np.unique(y)
        self.weights_ = sample_weight
        return self

    def predict(self, X):  # noqa: N803
        return np.full(len(X), self.classes_[0 if self.depth > 1 else -1])


def test_a_trial_whose_fit_fails_has_failed_with_a_warning() -> None:
    search = search_of(Fragile(), {"depth": [1, 2, 3]}, sampler="grid", n_trials=3)
    with pytest.warns(FitFailedWarning, match=r"1 of 3 trials failed(.|\n)*ZeroDivisionError: too deep"):
        search.fit(*IRIS)
    status = dict(
        zip((p["depth"] for p in search.cv_results_["params"]), search.cv_results_["status"], strict=True)
    )
    assert status[3] == "failed"
    assert search.best_params_["depth"] in (1, 2)


def test_a_number_as_error_score_counts_as_the_score_of_a_fit_that_fails() -> None:
    search = search_of(Fragile(), {"depth": [2, 3]}, sampler="grid", n_trials=2, n_jobs=0, error_score=-1.0)
    with pytest.warns(FitFailedWarning, match=r"in 1 of 2 trials a fit failed, whose score is -1.0"):
        search.fit(*IRIS)
    (row,) = (row for row, params in enumerate(search.cv_results_["params"]) if params["depth"] == 3)
    assert search.cv_results_["split0_test_score"][row] == -1.0


def test_fits_that_fail_are_raised_on_demand_and_where_no_trial_is_left() -> None:
    for error_score, words in ((np.nan, "All the 1 trials failed"), ("raise", "trial 0 failed")):
        search = search_of(Fragile(), {"depth": [3]}, n_trials=1, n_jobs=1, error_score=error_score)
        with pytest.raises(FitFailedError, match=rf"{words}(.|\n)*too deep"):
            search.fit(*IRIS)
        with pytest.raises(NotFittedError):
            search.predict(IRIS[0])


def test_groups_go_to_the_splitter_and_weights_to_the_fits() -> None:
    x, y = IRIS
    groups = np.arange(len(x)) % 3
    search = search_of(Fragile(), {"depth": [1, 2]}, sampler="grid", n_trials=2, n_jobs=0, cv=GroupKFold(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        search.fit(x, y, groups=groups, sample_weight=np.arange(len(x)))
    assert search.n_splits_ == 3
    assert list(search.best_estimator_.weights_) == list(range(len(x)))


def test_metadata_are_routed_to_those_that_request_them() -> None:
    x, y = IRIS
    weights = np.arange(len(x)) % 5 + 1.0
    with config_context(enable_metadata_routing=True):
        scale = StandardScaler().set_fit_request(sample_weight=False)
        model = LogisticRegression(max_iter=500).set_fit_request(sample_weight=True)
        scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
        pipeline = Pipeline([("scale", scale), ("model", model)])
        cv = GroupKFold(3).set_split_request(groups=True)
        ours = search_of(
            pipeline, {"model__C": [0.01, 1.0]}, sampler="grid", n_trials=2, n_jobs=1, cv=cv, scoring=scorer
        )
        theirs = GridSearchCV(pipeline, {"model__C": [0.01, 1.0]}, cv=cv, scoring=scorer)
        given = {"groups": np.arange(len(x)) % 3, "sample_weight": weights}
        ours.fit(x, y, **given)
        theirs.fit(x, y, **given)
        unrequested = search_of(LogisticRegression(), {"C": [1.0]}, n_trials=1)
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            unrequested.fit(x, y, sample_weight=weights)
    found = {params["model__C"]: score for params, score in rows(ours)}
    assert found == pytest.approx({params["model__C"]: score for params, score in rows(theirs)})
    assert (ours.best_estimator_[-1].coef_ == theirs.best_estimator_[-1].coef_).all()


def rows(search: Any) -> Iterator[tuple[dict[str, Any], float]]:
    return zip(search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True)


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csr_array])
def test_sparse_data_are_searched_on_as_dense_ones_are(form: Any) -> None:
    x, y = DIGITS
    space = {"alpha": [1e-4, 10.0]}
    model = SGDClassifier(random_state=0)
    of_sparse = search_of(model, space, sampler="grid", n_trials=2, pruner="none").fit(form(x), y)
    grid = GridSearchCV(model, space, cv=3).fit(form(x), y)
    assert {params["alpha"]: score for params, score in rows(of_sparse)} == pytest.approx(
        {params["alpha"]: score for params, score in rows(grid)}
    )
    assert (of_sparse.predict(form(x)) == grid.predict(form(x))).all()


def test_without_refit_there_is_a_best_trial_and_no_model() -> None:
    search = search_of(KNeighborsClassifier(), {"n_neighbors": [1, 5]}, sampler="grid", refit=False)
    search.fit(*IRIS)
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])
    assert not hasattr(search, "best_estimator_")
    with pytest.raises(AttributeError) as raised:
        search.predict(IRIS[0])
    assert "refit=False" in str(raised.value.__cause__)


def test_the_kind_of_model_may_be_a_parameter_with_ranges_of_its_own() -> None:
    near, bayes = KNeighborsClassifier(), GaussianNB()
    space = jt.Space(
        {"model": jt.Categorical([near, bayes]), "model__n_neighbors": jt.Int(1, 9)},
        when={"model__n_neighbors": {"model": [near]}},
    )
    pipeline = make_pipeline(StandardScaler(), near)
    pipeline.steps[1] = ("model", near)
    search = search_of(pipeline, space, n_trials=5, n_jobs=0, pruner="none", cv=StratifiedKFold(2)).fit(*IRIS)
    column = search.cv_results_["param_model__n_neighbors"]
    assert [bool(masked) for masked in column.mask] == [
        p["model"] is bayes for p in search.cv_results_["params"]
    ]
    assert search.best_estimator_[-1] is not search.best_params_["model"], "a clone is fitted"


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"space": {"CC": [1.0]}}, SpaceError, ["CC", "'C'"]),
        ({"n_trials": 0}, ValueError, ["n_trials"]),
        ({"sampler": "tpe"}, ValueError, ["sampler", "tpe"]),
        ({"refit": "f1"}, ValueError, ["refit"]),
        ({"scoring": "acuracy"}, ValueError, ["scoring", "acuracy"]),
        ({"scoring": {"fit_time": "accuracy"}, "refit": "fit_time"}, ValueError, ["fit_time", "rename"]),
        ({"max_steps": 9}, OptionError, ["max_steps", "SVC"]),
        ({"options": {"trials": 3}}, OptionError, ["trials", "n_trials"]),
        ({"options": {"repeats": 3}}, OptionError, ["repeats"]),
        ({"options": {"patience": "x"}}, OptionError, ["patience"]),
        ({"timeout": "soon"}, OptionError, ["timeout", "soon"]),
        ({"cv": 1}, ValueError, ["1"]),
    ],
    ids=str,
)
def test_bad_input_is_refused_before_anything_starts(changes, kind, words, folder):
    before = set(folder.iterdir())
    arguments = {"estimator": SVC(), "space": {"C": [1.0, 2.0]}, **changes}
    if "scoring" in changes and "refit" not in changes:
        arguments["refit"] = False
    if changes.get("refit") == "f1":
        arguments["scoring"] = ["accuracy"]
    with pytest.raises(kind) as refused:
        TuneSearchCV(**arguments).fit(*IRIS)
    assert all(word in str(refused.value) for word in words), refused.value
    assert set(folder.iterdir()) == before


def test_steps_are_no_parameter_of_the_space() -> None:
    from sklearn.ensemble import RandomForestClassifier

    search = TuneSearchCV(RandomForestClassifier(), {"n_estimators": [10, 20]}, max_steps=20)
    with pytest.raises(OptionError, match="counts n_estimators, which is in the space"):
        search.fit(*IRIS)
