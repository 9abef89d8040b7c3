"""Data sets that come with installed packages or are generated, each with an estimator and its ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import datasets, ensemble, neighbors, neural_network, svm
from sklearn.preprocessing import StandardScaler

import jupyter_tune as jt
from tests.benchmarks.sklearn_search.meter import MeteredPipeline

Data = tuple[Any, Any]
MOST_ROWS = 800


@dataclass(frozen=True)
class Problem:
    """`data`: seed -> inputs and targets; the seed is of those that are generated."""

    name: str
    data: Callable[[int], Data]
    estimator: Any
    space: jt.Space


def _scaled(model: Any) -> Any:
    return MeteredPipeline([("scale", StandardScaler()), ("model", model)])


def _plain(model: Any) -> Any:
    return MeteredPipeline([("model", model)])


def _gapminder(seed: int) -> Data:
    from plotly.data import gapminder

    table = gapminder()
    continents = np.unique(table["continent"])
    inputs = np.column_stack(
        [
            table["year"],
            np.log(table["pop"]),
            np.log(table["gdpPercap"]),
            *(table["continent"] == name for name in continents),
        ]
    )
    return inputs.astype(float), table["lifeExp"].to_numpy()


def _tips(seed: int) -> Data:
    from plotly.data import tips

    table = tips()
    words = [np.unique(table[name], return_inverse=True)[1] for name in ("sex", "smoker", "day", "time")]
    return np.column_stack([table["total_bill"], table["size"], *words]).astype(float), table[
        "tip"
    ].to_numpy()


def _of(load: Callable[..., Data]) -> Callable[[int], Data]:
    return lambda seed: load(return_X_y=True)


_C = {"C": jt.Float(1e-3, 1e3, log=True), "gamma": jt.Float(1e-5, 1e1, log=True)}
_BOOSTING = {
    "learning_rate": jt.Float(1e-3, 1.0, log=True),
    "max_depth": jt.Int(1, 8),
    "subsample": jt.Float(0.3, 1.0),
    "max_features": jt.Float(0.1, 1.0),
}
_FOREST = {
    "max_depth": jt.Int(1, 20),
    "min_samples_leaf": jt.Int(1, 50, log=True),
    "max_features": jt.Float(0.1, 1.0),
    "max_samples": jt.Float(0.1, 1.0),
}


def _named(ranges: dict[str, Any]) -> jt.Space:
    return jt.Space({f"model__{name}": each for name, each in ranges.items()})


PROBLEMS = [
    Problem("digits, SVC", _of(datasets.load_digits), _scaled(svm.SVC()), _named(_C)),
    Problem(
        "breast cancer, boosting",
        _of(datasets.load_breast_cancer),
        _plain(ensemble.GradientBoostingClassifier(n_estimators=30, random_state=0)),
        _named(_BOOSTING),
    ),
    Problem(
        "wine, network",
        _of(datasets.load_wine),
        _scaled(neural_network.MLPClassifier(max_iter=60, random_state=0)),
        _named(
            {
                "alpha": jt.Float(1e-6, 1e1, log=True),
                "learning_rate_init": jt.Float(1e-4, 1e-1, log=True),
                "hidden_layer_sizes": jt.Int(2, 64, log=True),
                "activation": jt.Categorical(["relu", "tanh", "logistic"]),
            },
        ),
    ),
    Problem(
        "iris, neighbours",
        _of(datasets.load_iris),
        _scaled(neighbors.KNeighborsClassifier()),
        _named(
            {
                "n_neighbors": jt.Int(1, 40),
                "p": jt.Float(1.0, 4.0),
                "weights": jt.Categorical(["uniform", "distance"]),
            },
        ),
    ),
    Problem(
        "diabetes, SVR",
        _of(datasets.load_diabetes),
        _scaled(svm.SVR()),
        _named({**_C, "epsilon": jt.Float(1e-2, 1e2, log=True)}),
    ),
    Problem(
        "gapminder, boosting",
        _gapminder,
        _plain(ensemble.GradientBoostingRegressor(n_estimators=30, random_state=0)),
        _named(_BOOSTING),
    ),
    Problem(
        "tips, forest",
        _tips,
        _plain(ensemble.RandomForestRegressor(n_estimators=20, random_state=0)),
        _named(_FOREST),
    ),
    Problem(
        "Hastie, SVC",
        lambda seed: datasets.make_hastie_10_2(n_samples=MOST_ROWS, random_state=seed),
        _scaled(svm.SVC()),
        _named(_C),
    ),
    Problem(
        "Friedman 1, SVR",
        lambda seed: datasets.make_friedman1(n_samples=MOST_ROWS, noise=1.0, random_state=seed),
        _scaled(svm.SVR()),
        _named({**_C, "epsilon": jt.Float(1e-2, 1e1, log=True)}),
    ),
    Problem(
        "Gaussian quantiles, forest",
        lambda seed: datasets.make_gaussian_quantiles(
            n_samples=MOST_ROWS, n_features=8, n_classes=4, random_state=seed
        ),
        _plain(ensemble.RandomForestClassifier(n_estimators=20, random_state=0)),
        _named(_FOREST),
    ),
]
