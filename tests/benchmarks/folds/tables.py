"""Fold scores of real trainings, recorded once, so that all tuners see the same.

`python -m tests.benchmarks.folds.tables` makes them anew, in some minutes: problem -> a row for each of
CONFIGS random configurations, with its score in each of FOLDS folds. Larger is better.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("tables.json")
CONFIGS, FOLDS, MOST_ROWS = 40, 10, 250

Draw = Callable[[Any], Any]


def tables() -> dict[str, list[list[float]]]:
    """The recorded tables."""
    found: dict[str, list[list[float]]] = json.loads(TABLES.read_text())
    return found


def _problems() -> dict[str, tuple[Callable[..., Any], Draw]]:
    from sklearn import datasets, ensemble, linear_model, neighbors, svm, tree
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def scaled(model: Any) -> Any:
        return make_pipeline(StandardScaler(), model)

    def svc(draw: Any) -> Any:
        return scaled(svm.SVC(C=10 ** draw.uniform(-3, 3), gamma=10 ** draw.uniform(-4, 1)))

    def forest(draw: Any) -> Any:
        return ensemble.RandomForestClassifier(
            n_estimators=int(draw.integers(3, 12)),
            max_depth=int(draw.integers(1, 12)),
            max_features=draw.uniform(0.1, 1),
            random_state=0,
        )

    def near(draw: Any) -> Any:
        return scaled(neighbors.KNeighborsClassifier(int(draw.integers(1, 60)), p=draw.uniform(1, 3)))

    def sgd(draw: Any) -> Any:
        return scaled(
            linear_model.SGDClassifier(
                alpha=10 ** draw.uniform(-6, 1),
                eta0=10 ** draw.uniform(-4, 0),
                learning_rate="constant",
                max_iter=10,
                tol=None,
                random_state=0,
            )
        )

    def one_tree(draw: Any) -> Any:
        return tree.DecisionTreeRegressor(
            max_depth=int(draw.integers(1, 12)), min_samples_leaf=int(draw.integers(1, 40)), random_state=0
        )

    def svr(draw: Any) -> Any:
        return scaled(svm.SVR(C=10 ** draw.uniform(-1, 3), gamma=10 ** draw.uniform(-4, 0)))

    return {
        "digits, SVC": (datasets.load_digits, svc),
        "digits, SGD": (datasets.load_digits, sgd),
        "digits, forest": (datasets.load_digits, forest),
        "breast cancer, SVC": (datasets.load_breast_cancer, svc),
        "breast cancer, forest": (datasets.load_breast_cancer, forest),
        "breast cancer, neighbours": (datasets.load_breast_cancer, near),
        "wine, SGD": (datasets.load_wine, sgd),
        "wine, forest": (datasets.load_wine, forest),
        "diabetes, tree": (datasets.load_diabetes, one_tree),
        "diabetes, SVR": (datasets.load_diabetes, svr),
    }


def main() -> None:
    import numpy as np
    from sklearn.model_selection import cross_val_score

    found = {}
    for name, (load, draw_model) in _problems().items():
        inputs, y = load(return_X_y=True)
        chance = np.random.default_rng(0)
        rows = chance.permutation(len(inputs))[:MOST_ROWS]
        scores = [
            cross_val_score(draw_model(chance), inputs[rows], y[rows], cv=FOLDS) for _ in range(CONFIGS)
        ]
        print(name, flush=True)
        found[name] = [[round(float(score), 5) for score in each] for each in scores]
    TABLES.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
