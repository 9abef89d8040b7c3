"""Optuna's samplers and pruners by ask and tell, at their defaults but for the length of a training.

VARIANT: a sampler (tpe, gp, cmaes or random; tpe-group: TPE that is multivariate within each group of
parameters that occur together, which Optuna advises for conditional spaces), and after a plus sign a pruner
(median, or hyperband from step 1 to the last): gp, tpe+median, ... Without a pruner every trial runs to its
end. Every report is followed by `should_prune`, as in Optuna's own examples.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler
from optuna.trial import Trial, TrialState

from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, is_active, serve

SAMPLERS: dict[str, Callable[..., BaseSampler]] = {
    "tpe": optuna.samplers.TPESampler,
    "tpe-group": partial(optuna.samplers.TPESampler, multivariate=True, group=True),
    "gp": optuna.samplers.GPSampler,
    "cmaes": optuna.samplers.CmaEsSampler,
    "random": optuna.samplers.RandomSampler,
}


class Optuna(Served):
    def __init__(self, setup: Setup):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        self._space = setup.space
        sampler, _, pruner = setup.variant.partition("+")
        self._distributions = {parameter["name"]: _distribution(parameter) for parameter in setup.space}
        self._study = optuna.create_study(
            sampler=SAMPLERS[sampler](seed=setup.seed), pruner=_pruner(pruner, setup.max_steps)
        )
        self._running: dict[int, Trial] = {}

    def ask(self) -> Suggestion:
        if any("when" in parameter for parameter in self._space):
            trial = self._study.ask()
            self._define_by_run(trial)
        else:
            trial = self._study.ask(self._distributions)
        self._running[trial.number] = trial
        return Suggestion(trial.number, trial.params)

    def _define_by_run(self, trial: Trial) -> None:
        """Draws the parameters that exist beside those drawn before, as an objective of Optuna does."""
        for parameter in self._space:
            if not is_active(parameter, trial.params):
                continue
            name, low, high, log = (parameter[key] for key in ("name", "low", "high", "log"))
            match parameter["kind"]:
                case "float":
                    trial.suggest_float(name, low, high, log=log)
                case "int":
                    trial.suggest_int(name, low, high, log=log)
                case _:
                    trial.suggest_categorical(name, parameter["choices"])

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
                self._study.tell(trial, state=TrialState.PRUNED)
            case _:
                self._study.tell(trial, state=TrialState.FAIL)

    def add(self, params: Params, loss: float) -> None:
        self._study.add_trial(
            optuna.trial.create_trial(params=params, distributions=self._distributions, value=loss)
        )

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("optuna", "torch", "scipy")}


def _pruner(name: str, max_steps: int | None) -> BasePruner:
    match name:
        case "":
            return NopPruner()
        case "hyperband":
            return HyperbandPruner(min_resource=1, max_resource=max_steps or "auto")
        case "median":
            return MedianPruner()
        case _:
            raise ValueError(f"pruner {name!r} is not known; use hyperband or median")


def _distribution(parameter: dict[str, Any]) -> BaseDistribution:
    match parameter["kind"]:
        case "float":
            return FloatDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case "int":
            return IntDistribution(parameter["low"], parameter["high"], log=parameter["log"])
        case _:
            return CategoricalDistribution(parameter["choices"])


if __name__ == "__main__":
    serve(Optuna)
