"""Optuna's samplers at their defaults, by ask and tell. VARIANT: tpe, gp, cmaes or random."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState

from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, serve

SAMPLERS = {
    "tpe": optuna.samplers.TPESampler,
    "gp": optuna.samplers.GPSampler,
    "cmaes": optuna.samplers.CmaEsSampler,
    "random": optuna.samplers.RandomSampler,
}


class Optuna(Served):
    def __init__(self, setup: Setup):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._distributions = {parameter["name"]: distribution(parameter) for parameter in setup.space}
        self._study = optuna.create_study(sampler=SAMPLERS[setup.variant](seed=setup.seed))
        self._running: dict[int, Trial] = {}

    def ask(self) -> Suggestion:
        trial = self._study.ask(self._distributions)
        self._running[trial.number] = trial
        return Suggestion(trial.number, trial.params)

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        trial = self._running.pop(id)
        if loss is None:
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, loss)

    def add(self, params: Params, loss: float) -> None:
        self._study.add_trial(
            optuna.trial.create_trial(params=params, distributions=self._distributions, value=loss)
        )

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("optuna", "torch", "scipy")}


def distribution(parameter: dict[str, Any]) -> BaseDistribution:
    match parameter["kind"]:
        case "float":
            return FloatDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case "int":
            return IntDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case _:
            return CategoricalDistribution(parameter["choices"])


if __name__ == "__main__":
    serve(Optuna)
