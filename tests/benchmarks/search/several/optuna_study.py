"""Optuna on the same problems: NSGA-II, multi-objective TPE and its Gaussian process."""

from __future__ import annotations

import warnings
from typing import Any

from tests.benchmarks.search.several.problems import Evaluate, Problem, Study, Values


def ask_optuna(kind: str) -> Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    samplers: dict[str, Any] = {
        "nsga2": lambda **options: optuna.samplers.NSGAIISampler(population_size=20, **options),
        "tpe": optuna.samplers.TPESampler,
        "gp": optuna.samplers.GPSampler,
    }

    def study(problem: Problem, seed: int, trials: int, evaluate: Evaluate) -> None:
        options: dict[str, Any] = {"seed": seed}
        if problem.constraints:
            options["constraints_func"] = lambda trial: trial.user_attrs["excesses"]

        def objective(trial: Any) -> Values:
            x = [
                trial.suggest_int(name, int(low), int(high))
                if name in problem.whole
                else trial.suggest_float(name, low, high)
                for name, (low, high) in problem.bounds.items()
            ]
            values, excesses = evaluate(x)
            trial.set_user_attr("excesses", excesses)
            return values

        directions: list[Any] = ["minimize"] * len(problem.reference)
        optuna.create_study(directions=directions, sampler=samplers[kind](**options)).optimize(
            objective, n_trials=trials
        )

    return study
