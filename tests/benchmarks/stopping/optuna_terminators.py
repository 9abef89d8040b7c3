"""After which trial Optuna's terminators would have ended the same histories. Runs in Optuna's environment.

    python optuna_terminators.py < histories.jsonl > stops.jsonl

The three improvement evaluators of optuna.terminator, with the error evaluator that the documentation gives
for studies without cross-validation (the median of the first improvements), and 20 trials at least.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.terminator import (
    BestValueStagnationEvaluator,
    EMMREvaluator,
    MedianErrorEvaluator,
    RegretBoundEvaluator,
    StaticErrorEvaluator,
    Terminator,
)


def terminators() -> dict[str, Terminator]:
    emmr, bound = EMMREvaluator(seed=0), RegretBoundEvaluator(seed=0)
    return {
        "EMMR": Terminator(emmr, MedianErrorEvaluator(emmr)),
        "regret bound": Terminator(bound, MedianErrorEvaluator(bound)),
        "stagnation of 30": Terminator(BestValueStagnationEvaluator(30), StaticErrorEvaluator(0)),
    }


def distribution(parameter: dict[str, Any]) -> BaseDistribution:
    match parameter["kind"]:
        case "float":
            return FloatDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case "int":
            return IntDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case _:
            return CategoricalDistribution(parameter["choices"])


def stops(history: dict[str, Any], every: int) -> dict[str, int | None]:
    study = optuna.create_study()
    distributions = {each["name"]: distribution(each) for each in history["space"]}
    found: dict[str, int | None] = dict.fromkeys(terminators())
    asked = terminators()
    for number, (params, told) in enumerate(zip(history["params"], history["told"], strict=True), 1):
        if math.isfinite(told):
            known = {name: params[name] for name in distributions}
            trial = optuna.create_trial(params=known, distributions=distributions, value=told)
        else:
            trial = optuna.create_trial(state=optuna.trial.TrialState.FAIL)
        study.add_trial(trial)
        if number % every == 0 and number >= 20:
            for name, terminator in asked.items():
                if found[name] is None and terminator.should_terminate(study):
                    found[name] = number
    return found


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        history = json.loads(line)
        print(json.dumps([history["problem"], history["seed"], stops(history, history["every"])]), flush=True)
