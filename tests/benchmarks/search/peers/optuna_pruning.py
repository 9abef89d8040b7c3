"""Optuna's TPE with its pruners, at their defaults but for the length of a training.

VARIANT: hyperband (HyperbandPruner from step 1 to the last) or median (MedianPruner). Every report is
followed by `should_prune`, as Optuna's own examples do.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from tests.benchmarks.search.peers.served import Served, Setup, Suggestion, serve


class OptunaPruning(Served):
    def __init__(self, setup: Setup):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        pruner: optuna.pruners.BasePruner
        if setup.variant == "hyperband":
            pruner = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=setup.max_steps or "auto")
        elif setup.variant == "median":
            pruner = optuna.pruners.MedianPruner()
        else:
            raise ValueError(f"variant {setup.variant!r} is not known; use hyperband or median")
        sampler = optuna.samplers.TPESampler(seed=setup.seed)
        self._study = optuna.create_study(sampler=sampler, pruner=pruner)
        self._space = {parameter["name"]: _distribution(parameter) for parameter in setup.space}
        self._running: dict[int, optuna.Trial] = {}

    def ask(self) -> Suggestion:
        trial = self._study.ask(self._space)
        self._running[trial.number] = trial
        return Suggestion(trial.number, trial.params)

    def report(self, id: Any, step: int, loss: float) -> bool:
        trial = self._running[id]
        trial.report(loss, step)
        return not trial.should_prune()

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        trial = self._running.pop(id)
        match state:
            case "complete":
                self._study.tell(trial, loss)
            case "pruned":
                # its value becomes the last reported
                self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            case _:
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)

    def versions(self) -> dict[str, str]:
        return {"optuna": version("optuna")}


def _distribution(parameter: dict[str, Any]) -> BaseDistribution:
    match parameter["kind"]:
        case "float":
            return FloatDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case "int":
            return IntDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case _:
            return CategoricalDistribution(parameter["choices"])


if __name__ == "__main__":
    serve(OptunaPruning)
