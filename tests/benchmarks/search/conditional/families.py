"""Conditional spaces of scikit-learn: kernels, solvers, schedules, and families of models, on its own data.

Each parameter has one parent, as Ax wants it. Losses as in `models`: cross-validated, seeded alike.
"""

from __future__ import annotations

from typing import Any

from sklearn import (
    decomposition,
    ensemble,
    feature_selection,
    linear_model,
    neighbors,
    neural_network,
    pipeline,
    svm,
)

from tests.benchmarks.search.models import ERROR, LOG_LOSS, SQUARED, Model
from tests.benchmarks.search.spaces import Params, beside, choice, real, whole

_ITERATIONS = 2000


def _svc(C: float, kernel: str, **kept: Any) -> Any:  # noqa: N803
    return svm.SVC(C=C, kernel=kernel, max_iter=_ITERATIONS, **kept)


def _network(width: int, solver: str, **kept: Any) -> Any:
    match solver:
        case "sgd":
            kept["learning_rate_init"] = kept.pop("lr_sgd")
            kept["nesterovs_momentum"] = kept.pop("nesterov") == "yes"
        case "adam":
            kept["learning_rate_init"] = kept.pop("lr_adam")
        case _:
            kept["max_iter"] = kept.pop("steps")
    options: Params = {"max_iter": 15, "random_state": 0, **kept}
    return neural_network.MLPClassifier(hidden_layer_sizes=(width,), solver=solver, **options)


def _sgd(schedule: str, **kept: Any) -> Any:
    return linear_model.SGDClassifier(
        loss="log_loss", learning_rate=schedule, max_iter=20, random_state=0, **kept
    )


def _classifier(family: str, **kept: Any) -> Any:
    match family:
        case "forest":
            return ensemble.RandomForestClassifier(n_estimators=10, random_state=0, **kept)
        case "neighbours":
            return neighbors.KNeighborsClassifier(**kept)
        case "logistic":
            return linear_model.LogisticRegression(C=kept["C_logistic"], max_iter=50)
        case _:
            return svm.SVC(C=kept["C_svc"], gamma=kept["gamma"], max_iter=_ITERATIONS)


def _regressor(family: str, **kept: Any) -> Any:
    match family:
        case "linear":
            return linear_model.ElasticNet(max_iter=200, **kept)
        case "trees":
            if kept.pop("ensemble") == "forest":
                return ensemble.RandomForestRegressor(
                    20, max_depth=kept["forest_depth"], max_features=kept["share"], random_state=0
                )
            kept["max_depth"] = kept.pop("boosting_depth")
            return ensemble.GradientBoostingRegressor(random_state=0, **kept)
        case "neighbours":
            return neighbors.KNeighborsRegressor(**kept)
        case _:
            gamma = kept.pop(f"gamma_{kept['kernel']}")
            return svm.SVR(max_iter=_ITERATIONS, gamma=gamma, **kept)


def _probabilities(family: str, **kept: Any) -> Any:
    match family:
        case "boosting":
            return ensemble.GradientBoostingClassifier(n_estimators=10, random_state=0, **kept)
        case "logistic":
            ratio = kept.get("l1_ratio", 1.0 if kept.pop("penalty") == "l1" else 0.0)
            return linear_model.LogisticRegression(C=kept["C"], l1_ratio=ratio, solver="saga", max_iter=100)
        case _:
            return _network(**kept)


def _pipeline(features: str, classifier: str, **kept: Any) -> Any:
    steps: list[Any] = []
    if features == "pca":
        steps.append(decomposition.PCA(kept.pop("components"), random_state=0))
    elif features == "best":
        steps.append(feature_selection.SelectKBest(k=kept.pop("kept")))
    if classifier == "logistic":
        steps.append(linear_model.LogisticRegression(max_iter=100, **kept))
    else:
        steps.append(neighbors.KNeighborsClassifier(**kept))
    return pipeline.make_pipeline(*steps)


FAMILIES: dict[str, Model] = {
    "svc_digits": Model(
        (
            choice("kernel", "linear", "rbf", "poly", "sigmoid"),
            real("C", 1e-3, 1e3, log=True),
            beside(real("gamma", 1e-6, 1e1, log=True), kernel=["rbf", "poly", "sigmoid"]),
            beside(whole("degree", 2, 5), kernel=["poly"]),
            beside(real("coef0", 0, 5), kernel=["poly", "sigmoid"]),
        ),
        _svc,
        "digits",
        ERROR,
        rows=400,
    ),
    "network_cancer": Model(
        (
            choice("solver", "sgd", "adam", "lbfgs"),
            whole("width", 4, 64, log=True),
            real("alpha", 1e-6, 1e1, log=True),
            choice("activation", "relu", "tanh", "logistic"),
            beside(real("lr_sgd", 1e-4, 1, log=True), solver=["sgd"]),
            beside(real("momentum", 0, 0.99), solver=["sgd"]),
            beside(choice("nesterov", "no", "yes"), solver=["sgd"]),
            beside(real("lr_adam", 1e-5, 1e-1, log=True), solver=["adam"]),
            beside(real("beta_1", 0.5, 0.99), solver=["adam"]),
            beside(real("beta_2", 0.9, 0.9999), solver=["adam"]),
            beside(whole("steps", 3, 60, log=True), solver=["lbfgs"]),
        ),
        _network,
        "breast_cancer",
        LOG_LOSS,
    ),
    "classifiers_digits": Model(
        (
            choice("family", "forest", "neighbours", "logistic", "svc"),
            beside(whole("max_depth", 1, 20), family=["forest"]),
            beside(real("max_features", 0.02, 0.9), family=["forest"]),
            beside(whole("min_samples_leaf", 1, 32, log=True), family=["forest"]),
            beside(whole("n_neighbors", 1, 40, log=True), family=["neighbours"]),
            beside(choice("weights", "uniform", "distance"), family=["neighbours"]),
            beside(real("p", 1, 4), family=["neighbours"]),
            beside(real("C_logistic", 1e-4, 1e3, log=True), family=["logistic"]),
            beside(real("C_svc", 1e-3, 1e3, log=True), family=["svc"]),
            beside(real("gamma", 1e-6, 1e1, log=True), family=["svc"]),
        ),
        _classifier,
        "digits",
        ERROR,
        rows=400,
    ),
    "sgd_digits": Model(
        (
            choice("penalty", "l2", "l1", "elasticnet"),
            real("alpha", 1e-6, 1, log=True),
            beside(real("l1_ratio", 0, 1), penalty=["elasticnet"]),
            choice("schedule", "optimal", "constant", "invscaling", "adaptive"),
            beside(real("eta0", 1e-5, 1e1, log=True), schedule=["constant", "invscaling", "adaptive"]),
            beside(real("power_t", 0.1, 0.9), schedule=["invscaling"]),
        ),
        _sgd,
        "digits",
        LOG_LOSS,
        rows=300,
    ),
    "regressors_diabetes": Model(
        (
            choice("family", "neighbours", "linear", "trees", "kernel"),
            beside(whole("n_neighbors", 1, 60, log=True), family=["neighbours"]),
            beside(choice("weights", "uniform", "distance"), family=["neighbours"]),
            beside(real("alpha", 1e-4, 1e1, log=True), family=["linear"]),
            beside(real("l1_ratio", 0, 1), family=["linear"]),
            beside(choice("ensemble", "forest", "boosting"), family=["trees"]),
            beside(whole("forest_depth", 1, 15), ensemble=["forest"]),
            beside(real("share", 0.1, 1), ensemble=["forest"]),
            beside(whole("n_estimators", 5, 80, log=True), ensemble=["boosting"]),
            beside(real("learning_rate", 1e-3, 1, log=True), ensemble=["boosting"]),
            beside(whole("boosting_depth", 1, 6), ensemble=["boosting"]),
            beside(real("C", 1e-3, 1e3, log=True), family=["kernel"]),
            beside(real("epsilon", 1e-3, 1, log=True), family=["kernel"]),
            beside(choice("kernel", "poly", "rbf"), family=["kernel"]),
            beside(real("gamma_poly", 1e-4, 1e1, log=True), kernel=["poly"]),
            beside(whole("degree", 2, 4), kernel=["poly"]),
            beside(real("gamma_rbf", 1e-5, 1e1, log=True), kernel=["rbf"]),
        ),
        _regressor,
        "diabetes",
        SQUARED,
    ),
    "probabilities_wine": Model(
        (
            choice("family", "boosting", "network", "logistic"),
            beside(real("learning_rate", 1e-2, 1, log=True), family=["boosting"]),
            beside(whole("max_depth", 1, 6), family=["boosting"]),
            beside(real("subsample", 0.3, 1), family=["boosting"]),
            beside(whole("width", 4, 64, log=True), family=["network"]),
            beside(real("alpha", 1e-6, 1e1, log=True), family=["network"]),
            beside(choice("solver", "sgd", "adam", "lbfgs"), family=["network"]),
            beside(real("lr_sgd", 1e-4, 1, log=True), solver=["sgd"]),
            beside(real("momentum", 0, 0.99), solver=["sgd"]),
            beside(choice("nesterov", "no", "yes"), solver=["sgd"]),
            beside(real("lr_adam", 1e-5, 1e-1, log=True), solver=["adam"]),
            beside(whole("steps", 3, 60, log=True), solver=["lbfgs"]),
            beside(real("C", 1e-3, 1e3, log=True), family=["logistic"]),
            beside(choice("penalty", "l1", "l2", "elasticnet"), family=["logistic"]),
            beside(real("l1_ratio", 0, 1), penalty=["elasticnet"]),
        ),
        _probabilities,
        "wine",
        LOG_LOSS,
    ),
    "pipeline_cancer": Model(
        (
            choice("features", "all", "pca", "best"),
            beside(whole("components", 1, 30, log=True), features=["pca"]),
            beside(whole("kept", 1, 30, log=True), features=["best"]),
            choice("classifier", "neighbours", "logistic"),
            beside(whole("n_neighbors", 1, 60, log=True), classifier=["neighbours"]),
            beside(choice("weights", "uniform", "distance"), classifier=["neighbours"]),
            beside(real("C", 1e-4, 1e3, log=True), classifier=["logistic"]),
        ),
        _pipeline,
        "breast_cancer",
        LOG_LOSS,
    ),
}
