"""Real models on real data, small enough that a loss takes a fraction of a second.

The kind of problem that the bayesmark benchmark made usual: models of scikit-learn on its own data sets,
mixed spaces with orders of magnitude, loss by cross-validation. Folds and models are seeded alike for
every configuration, so that the same params give the same loss. A configuration that the model refuses,
or whose loss is not finite, has failed (None).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets, ensemble, linear_model, neighbors, neural_network, pipeline, preprocessing, svm
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeRegressor

from tests.benchmarks.search.spaces import Parameter, Params, choice, real, whole

Data = tuple[NDArray[np.float64], NDArray[Any]]

ERROR, LOG_LOSS, SQUARED = "accuracy", "neg_log_loss", "neg_mean_squared_error"


@dataclass(frozen=True)
class Model:
    """A model with its data set, its metric, and the space of its hyperparameters."""

    space: tuple[Parameter, ...]
    make: Callable[..., Any]
    data: str
    scoring: str
    rows: int | None = None  # of the data set; all without

    def loss(self, params: Params) -> float | None:
        """Mean over three folds; None where the model cannot be fitted."""
        X, y = _data(self.data, self.rows)  # noqa: N806
        folds = KFold if self.scoring == SQUARED else StratifiedKFold
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # not converged, ill-conditioned: the loss says it
            warnings.simplefilter("ignore")
            try:
                scores = cross_val_score(
                    self.make(**params),
                    X,
                    y,
                    scoring=self.scoring,
                    cv=folds(3, shuffle=True, random_state=0),
                    error_score="raise",
                )
            except (ValueError, FloatingPointError, OverflowError):
                return None
        mean = float(np.mean(scores))
        loss = 1 - mean if self.scoring == ERROR else -mean
        return loss if math.isfinite(loss) else None


@cache
def _data(name: str, rows: int | None) -> Data:
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)  # noqa: N806
    X = preprocessing.StandardScaler().fit_transform(X)  # noqa: N806
    kept = np.random.default_rng(0).permutation(len(y))[:rows]
    return X[kept], (y[kept] - y.mean()) / y.std() if name == "diabetes" else y[kept]


def _svm(C: float, gamma: float, kernel: str, degree: int, coef0: float) -> Any:  # noqa: N803
    # a cap, as some corners would not end for minutes
    return svm.SVC(C=C, gamma=gamma, kernel=kernel, degree=degree, coef0=coef0, max_iter=2000)


def _network(width: int, depth: int, batch: int, **kept: Any) -> Any:
    return neural_network.MLPClassifier(
        hidden_layer_sizes=(width,) * depth, batch_size=batch, max_iter=10, random_state=0, **kept
    )


def _forest(**kept: Any) -> Any:
    return ensemble.RandomForestClassifier(n_estimators=10, random_state=0, **kept)


def _boosting(**kept: Any) -> Any:
    return ensemble.GradientBoostingRegressor(random_state=0, **kept)


def _elastic_net(degree: int, alpha: float, l1_ratio: float, **kept: Any) -> Any:
    return pipeline.make_pipeline(
        preprocessing.PolynomialFeatures(degree, include_bias=False),
        preprocessing.StandardScaler(),
        linear_model.ElasticNet(alpha=alpha, l1_ratio=l1_ratio, max_iter=100, random_state=0, **kept),
    )


def _sgd(average: str, **kept: Any) -> Any:
    return linear_model.SGDClassifier(average=average == "yes", max_iter=30, random_state=0, **kept)


def _adaboost(depth: int, min_leaf: int, **kept: Any) -> Any:
    tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=min_leaf, random_state=0)
    return ensemble.AdaBoostRegressor(tree, random_state=0, **kept)


MODELS: dict[str, Model] = {
    "svm_digits": Model(
        (
            real("C", 1e-3, 1e3, log=True),
            real("gamma", 1e-6, 1e1, log=True),
            choice("kernel", "rbf", "poly", "sigmoid"),
            whole("degree", 2, 5),
            real("coef0", 0, 5),
        ),
        _svm,
        "digits",
        ERROR,
        rows=500,
    ),
    "network_wine": Model(
        (
            whole("width", 4, 64, log=True),
            whole("depth", 1, 3),
            real("learning_rate_init", 1e-5, 1e-1, log=True),
            real("alpha", 1e-6, 1e1, log=True),
            whole("batch", 16, 64, log=True),
            real("beta_1", 0.5, 0.99),
            real("beta_2", 0.9, 0.9999),
            choice("activation", "relu", "tanh", "logistic"),
        ),
        _network,
        "wine",
        LOG_LOSS,
    ),
    "forest_cancer": Model(
        (
            whole("max_depth", 1, 15),
            real("max_features", 0.01, 0.99),
            whole("min_samples_split", 2, 64, log=True),
            whole("min_samples_leaf", 1, 32, log=True),
            choice("criterion", "gini", "entropy"),
            real("min_impurity_decrease", 1e-6, 1e-1, log=True),
        ),
        _forest,
        "breast_cancer",
        LOG_LOSS,
    ),
    "boosting_diabetes": Model(
        (
            whole("n_estimators", 5, 80, log=True),
            real("learning_rate", 1e-3, 1, log=True),
            whole("max_depth", 1, 6),
            real("subsample", 0.3, 1),
            whole("min_samples_leaf", 1, 50, log=True),
            real("max_features", 0.1, 1),
        ),
        _boosting,
        "diabetes",
        SQUARED,
    ),
    "neighbours_digits": Model(
        (
            whole("n_neighbors", 1, 40),
            real("p", 1, 4),
            choice("weights", "uniform", "distance"),
        ),
        neighbors.KNeighborsClassifier,
        "digits",
        LOG_LOSS,
        rows=300,
    ),
    "elastic_net_diabetes": Model(
        (
            whole("degree", 1, 3),
            real("alpha", 1e-4, 1e1, log=True),
            real("l1_ratio", 0, 1),
            choice("selection", "cyclic", "random"),
            real("tol", 1e-5, 1e-1, log=True),
        ),
        _elastic_net,
        "diabetes",
        SQUARED,
    ),
    "sgd_cancer": Model(
        (
            choice("loss", "log_loss", "modified_huber"),
            choice("penalty", "l1", "l2", "elasticnet"),
            real("alpha", 1e-6, 1e-1, log=True),
            real("l1_ratio", 0, 1),
            choice("learning_rate", "constant", "invscaling", "adaptive", "optimal"),
            real("eta0", 1e-4, 1e1, log=True),
            real("power_t", 0.1, 0.9),
            choice("average", "no", "yes"),
        ),
        _sgd,
        "breast_cancer",
        LOG_LOSS,
    ),
    "adaboost_diabetes": Model(
        (
            whole("n_estimators", 5, 25, log=True),
            real("learning_rate", 1e-3, 1e1, log=True),
            choice("loss", "linear", "square", "exponential"),
            whole("depth", 1, 6),
            whole("min_leaf", 1, 30, log=True),
        ),
        _adaboost,
        "diabetes",
        SQUARED,
    ),
}
