"""Ranges as scikit-learn's searches take them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]
from sklearn.linear_model import Ridge, SGDClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import jupyter_tune as jt
from jupyter_tune.errors import SpaceError
from jupyter_tune.integrations.sklearn.spaces import space_of

PIPELINE = Pipeline([("scale", StandardScaler()), ("clf", SVC(C=3.0))])


class Draws:
    """A distribution of the user's own, which RandomizedSearchCV would take."""

    def rvs(self, random_state=None):
        return 1.0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (stats.uniform(1, 3), jt.Float(1, 4)),
        (stats.loguniform(1e-3, 10), jt.Float(1e-3, 10, log=True)),
        (stats.randint(2, 9), jt.Int(2, 8)),
        ([1, 10, 100], jt.Categorical([1, 10, 100], ordered=True)),
        ([100, 1, 10], jt.Categorical([100, 1, 10])),
        (["rbf", "linear"], jt.Categorical(["rbf", "linear"])),
        ([True, False], jt.Categorical([True, False])),
        (np.array([0.5, 1.0, 2.0]), jt.Categorical([0.5, 1.0, 2.0], ordered=True)),
        (jt.Float(0, 7), jt.Float(0, 7)),
        ("rbf", jt.Categorical(["rbf"])),
    ],
)
def test_lists_distributions_and_ranges_are_taken(given, expected):
    found = space_of({"C": given}, SVC(C=-1))["C"]
    assert found.to_json() == expected.to_json()


def test_the_first_trial_is_the_estimator_as_it_was_given():
    space = space_of(
        {
            "clf__C": stats.loguniform(1e-3, 1e3),
            "clf__kernel": ["linear", "rbf"],
            "clf__degree": jt.Int(4, 9),  # its own 3 lies outside
            "clf__tol": jt.Float(1e-5, 1e-1, log=True, default=1e-2),
        },
        PIPELINE,
    )
    assert space.defaults() == {"clf__C": 3.0, "clf__kernel": "rbf", "clf__degree": 7, "clf__tol": 1e-2}


def test_a_space_keeps_its_conditions():
    given = jt.Space(
        {"clf__kernel": jt.Categorical(["rbf", "linear"]), "clf__gamma": jt.Float(0.1, 1)},
        when={"clf__gamma": {"clf__kernel": ["rbf"]}},
    )
    space = space_of(given, PIPELINE)
    assert space.defaults().keys() == {"clf__kernel", "clf__gamma"}
    assert space.complete({"clf__kernel": "linear"}).keys() == {"clf__kernel"}


def test_choices_may_be_estimators_with_parameters_of_their_own():
    svc, sgd = SVC(), SGDClassifier()
    space = space_of(
        jt.Space(
            {"clf": jt.Categorical([svc, sgd]), "clf__C": jt.Float(0.1, 10), "clf__alpha": jt.Float(1e-5, 1)},
            when={"clf__C": {"clf": [svc]}, "clf__alpha": {"clf": [sgd]}},
        ),
        PIPELINE,
    )
    assert space.decode(space.encoded.defaults())["clf"] is svc


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"alpha": stats.norm(0, 1)}, ["alpha", "norm", "there are uniform"]),
        ({"alpha": stats.loguniform(1, 9, loc=2)}, ["alpha", "loc=2"]),
        ({"alpha": Draws()}, ["alpha", "Draws"]),
        ({"alpa": [1.0, 2.0]}, ["alpa", "alpha"]),
        ({"alpha": []}, ["choices is empty"]),
        ({}, ["empty"]),
        ([{"alpha": [1.0]}], ["list of dicts", "when="]),
        (3, ["mapping", "3"]),
        (
            jt.Space({"alpha": jt.Float(0, 1), "alpa": jt.Int(0, 3)}, when={"alpa": {"alpha": [0.5]}}),
            ["alpa"],
        ),
    ],
)
def test_what_is_no_range_of_the_estimator_is_refused_by_name(given, words):
    with pytest.raises(SpaceError) as refused:
        space_of(given, Ridge())
    assert all(word in str(refused.value) for word in words), refused.value
