"""Training by steps, so that a hopeless trial is stopped inside a fold.

    partial_fit              a step is one pass over the training data
    n_estimators, max_iter   of forests and boosting with warm_start: a step is one more tree

What steps is the estimator itself, or the last one of a pipeline, whose other steps are fitted once. The
scores are taken at most MEASURED times, at even distances.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from jupyter_tune.errors import OptionError

MEASURED = 30
"""Most times that a fold of many steps is scored: scoring costs time, too."""


def final_of(estimator: Any) -> Any:
    """The estimator that predicts: the last one of a pipeline, or `estimator` itself."""
    return estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator


def prefix_of(estimator: Any) -> str:
    """What names of the final estimator's parameters begin with: "clf__" in a pipeline."""
    return f"{estimator.steps[-1][0]}__" if isinstance(estimator, Pipeline) else ""


def counted_by(estimator: Any) -> str | None:
    """The parameter that counts the steps of the final estimator; None if partial_fit makes them.

    Raises: OptionError if it can be trained in neither way.
    """
    final = final_of(estimator)
    if hasattr(final, "partial_fit"):
        return None
    params = final.get_params() if hasattr(final, "get_params") else {}
    if "warm_start" in params and "n_estimators" in params:
        return "n_estimators"
    # of others max_iter counts what each call adds
    if "warm_start" in params and type(final).__name__.startswith("HistGradientBoosting"):
        return "max_iter"
    raise OptionError(
        f"max_steps: {type(final).__name__} cannot be trained by steps: it has neither partial_fit nor "
        "warm_start with n_estimators; leave max_steps out, and trials are stopped between folds alone"
    )


def measured_at(max_steps: int) -> list[int]:
    """The steps after which the score is taken; the last one is `max_steps`."""
    count = min(MEASURED, max_steps)
    return [math.ceil(max_steps * place / count) for place in range(1, count + 1)]


def stepped(
    estimator: Any, x: Any, y: Any, fit_params: Mapping[str, Any], max_steps: int, labels: Any = None
) -> Iterator[tuple[int, Any]]:
    """Train `estimator`, which is changed. Yields the step and the model at each of `measured_at`.

    Args:
        fit_params: for the final estimator, with its prefix in a pipeline.
        labels:     all classes, also those that `y` lacks; for classifiers with partial_fit.
    """
    prefix = prefix_of(estimator)
    given = {name.removeprefix(prefix): value for name, value in fit_params.items()}
    final, model = final_of(estimator), estimator
    if isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
        front = Pipeline(estimator.steps[:-1], memory=estimator.memory)
        x = front.fit_transform(x, y)
        model.steps = [*front.steps, model.steps[-1]]  # with a memory the fitted ones are others
    count = counted_by(model)
    if count is not None:
        for step in measured_at(max_steps):
            final.set_params(**{count: step, "warm_start": True})
            _call(final.fit, x, y, given)
            yield step, model
        return
    if is_classifier(final) and "classes" in inspect.signature(final.partial_fit).parameters:
        given["classes"] = labels
    last = 0
    for step in measured_at(max_steps):
        for _ in range(step - last):
            _call(final.partial_fit, x, y, given)
        last = step
        yield step, model


def trained(estimator: Any, x: Any, y: Any, fit_params: Mapping[str, Any], max_steps: int) -> Any:
    """`estimator` after `max_steps` steps."""
    count = counted_by(estimator)
    if count is not None:
        estimator.set_params(**{f"{prefix_of(estimator)}{count}": max_steps})
        return _call(estimator.fit, x, y, fit_params)
    model = estimator
    for _, model in stepped(estimator, x, y, fit_params, max_steps, labels_of(y)):  # noqa: B007
        pass
    return model


def labels_of(y: Any) -> Any:
    """All classes in `y`; a list of them for each column where it has several."""
    if y is None:
        return None
    values = np.asarray(y)
    return np.unique(values) if values.ndim == 1 else [np.unique(column) for column in values.T]


def _call(method: Any, x: Any, y: Any, params: Mapping[str, Any]) -> Any:
    return method(x, **params) if y is None else method(x, y, **params)
