"""Ax's client at its defaults: the centre, Sobol points, then BoTorch.

That is qLogNEHVI for several objectives and qLogNEI for one, with constraints on outcomes; Ax infers the
thresholds of objectives.
"""

from __future__ import annotations

import logging
import warnings

from ax.api.client import Client
from ax.api.configs import RangeParameterConfig

from tests.benchmarks.search.several.problems import Evaluate, Problem


def study(problem: Problem, seed: int, trials: int, evaluate: Evaluate) -> None:
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    client = Client(random_seed=seed)
    client.configure_experiment(
        parameters=[
            RangeParameterConfig(
                name, (low, high), parameter_type="int" if name in problem.whole else "float"
            )
            for name, (low, high) in problem.bounds.items()
        ]
    )
    metrics = [f"f{i}" for i in range(len(problem.reference))]
    limits = [f"c{i}" for i in range(problem.constraints)]
    client.configure_optimization(
        objective=", ".join(f"-{metric}" for metric in metrics),
        outcome_constraints=[f"{limit} <= 0" for limit in limits],
    )
    for _ in range(trials):
        ((index, params),) = client.get_next_trials(max_trials=1).items()
        values, excesses = evaluate([float(params[name]) for name in problem.bounds])
        told = dict(zip(metrics, values, strict=True)) | dict(zip(limits, excesses, strict=True))
        client.complete_trial(index, raw_data=told)
