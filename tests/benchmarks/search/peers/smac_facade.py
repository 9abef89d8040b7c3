"""SMAC3's hyperparameter optimisation facade at its defaults: random forest, log EI.

It sizes its Sobol start by the budget that it is told, a quarter of it. One run serves for figures after
30 and after 100 trials, so it is told 40: a start of ten points, as its peers have.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ConfigSpace import AndConjunction, Categorical, ConfigurationSpace, Float, InCondition, Integer
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory import StatusType, TrialInfo, TrialValue

from tests.benchmarks.search.peers.served import Served, Setup, Suggestion, serve

TOLD = 40


class Smac(Served):
    def __init__(self, setup: Setup):
        space = ConfigurationSpace(seed=setup.seed)
        space.add([_hyperparameter(parameter) for parameter in setup.space])
        space.add([_condition(space, parameter) for parameter in setup.space if "when" in parameter])
        scenario = Scenario(
            space, deterministic=True, n_trials=TOLD, seed=setup.seed, output_directory=Path("smac")
        )
        self._facade = HyperparameterOptimizationFacade(
            scenario, target_function=_never, overwrite=True, logging_level=False
        )
        self._running: dict[int, TrialInfo] = {}
        self._asked = 0
        self._worst = -math.inf

    def ask(self) -> Suggestion:
        info = self._facade.ask()
        self._asked += 1
        self._running[self._asked] = info
        return Suggestion(self._asked, {name: _plain(value) for name, value in dict(info.config).items()})

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        info = self._running.pop(id)
        if loss is None:
            # its forest takes no infinite cost
            worst = self._worst if math.isfinite(self._worst) else 1.0
            self._facade.tell(info, TrialValue(cost=worst, status=StatusType.CRASHED), save=False)
        else:
            self._worst = max(self._worst, loss)
            self._facade.tell(info, TrialValue(cost=loss), save=False)

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("smac", "ConfigSpace")}


def _never(config: Any, seed: int = 0) -> float:
    raise RuntimeError("the harness runs the trials")


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _hyperparameter(parameter: dict[str, Any]) -> Any:
    name = parameter["name"]
    if parameter["kind"] == "categorical":
        return Categorical(name, parameter["choices"])
    kind = Float if parameter["kind"] == "float" else Integer
    return kind(name, (parameter["low"], parameter["high"]), log=parameter["log"])


def _condition(space: ConfigurationSpace, parameter: dict[str, Any]) -> Any:
    child = space[parameter["name"]]
    each = [InCondition(child, space[parent], values) for parent, values in parameter["when"].items()]
    return AndConjunction(*each) if len(each) > 1 else each[0]


if __name__ == "__main__":
    serve(Smac)
