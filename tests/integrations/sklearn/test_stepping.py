"""Training by steps."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jupyter_tune.errors import OptionError
from jupyter_tune.integrations.sklearn.stepping import (
    MEASURED,
    counted_by,
    labels_of,
    measured_at,
    stepped,
    trained,
)

X, Y = load_iris(return_X_y=True)


@pytest.mark.parametrize(
    ("estimator", "counted"),
    [
        (SGDClassifier(), None),
        (MLPClassifier(), None),
        (MiniBatchKMeans(), None),
        (RandomForestClassifier(), "n_estimators"),
        (GradientBoostingClassifier(), "n_estimators"),
        (HistGradientBoostingClassifier(), "max_iter"),
        (make_pipeline(StandardScaler(), RandomForestClassifier()), "n_estimators"),
    ],
    ids=repr,
)
def test_how_an_estimator_is_trained_by_steps(estimator, counted):
    assert counted_by(estimator) == counted


# the iterations of the first are not those of a warm start in all, the other has no warm start
@pytest.mark.parametrize("estimator", [LogisticRegression(), AdaBoostClassifier()], ids=repr)
def test_others_are_refused_by_name(estimator):
    with pytest.raises(OptionError, match=rf"max_steps: {type(estimator).__name__} cannot"):
        counted_by(estimator)


@pytest.mark.parametrize("most", [1, 2, 7, 30, 31, 1000])
def test_the_last_step_is_measured_and_not_too_many_are(most):
    steps = measured_at(most)
    assert steps[-1] == most
    assert steps == sorted(set(steps))
    assert len(steps) == min(most, MEASURED)


def test_a_step_is_a_pass_over_the_data_and_the_front_of_a_pipeline_is_fitted_once():
    model = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
    weights = np.linspace(1, 2, len(X))
    seen = []
    for step, fitted in stepped(
        model, X, Y, {"sgdclassifier__sample_weight": weights}, 40, labels=labels_of(Y)
    ):
        # t_ counts samples, from 1
        assert fitted[-1].t_ == step * len(X) + 1
        seen.append((step, fitted.score(X, Y)))
    assert [step for step, _ in seen] == measured_at(40)
    assert seen[-1][1] > 0.8
    assert np.allclose(model[0].mean_, X.mean(axis=0))


def test_classes_that_the_first_part_lacks_are_known():
    few = Y < 2
    (_, model), *_ = stepped(SGDClassifier(), X[few], Y[few], {}, 1, labels=labels_of(Y))
    assert list(model.classes_) == [0, 1, 2]


def test_trees_are_added_to_those_that_are_there():
    model = RandomForestClassifier(random_state=0)
    first: list[object] = []
    for step, fitted in stepped(model, X, Y, {}, 3):
        assert len(fitted.estimators_) == step
        first = first or list(fitted.estimators_)
        assert fitted.estimators_[0] is first[0]


def test_the_model_of_all_steps_needs_no_targets():
    model = trained(MiniBatchKMeans(3, random_state=0, n_init=1), X, None, {}, 2)
    assert model.n_steps_ == 2


def test_the_model_of_all_steps_has_all_trees():
    pipeline = make_pipeline(StandardScaler(), GradientBoostingClassifier())
    model = trained(pipeline, X, Y, {"gradientboostingclassifier__sample_weight": np.ones(len(X))}, 4)
    assert len(model[-1].estimators_) == 4
    assert not model[-1].warm_start
