"""Ax's client at its defaults: the centre, Sobol points, then BoTorch (log noisy EI, pending trials too).

Conditional parameters are declared as its hierarchical search space, which Ax flattens for its model by
default. That is a tree: where a parameter exists beside several values, the space is declared flat, and
values of parameters that do not exist are left out of the trial.
"""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import Any

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, is_active, serve


class Ax(Served):
    def __init__(self, setup: Setup):
        logging.disable(logging.WARNING)
        self._space = setup.space
        self._client = Client(random_seed=setup.seed)
        self._client.configure_experiment(
            parameters=[_config(parameter, setup.space) for parameter in setup.space]
        )
        self._client.configure_optimization(objective="-loss")

    def ask(self) -> Suggestion:
        ((index, params),) = self._client.get_next_trials(max_trials=1).items()
        active: Params = {}
        for parameter in self._space:
            if is_active(parameter, active):
                active[parameter["name"]] = params[parameter["name"]]
        return Suggestion(index, active)

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        if loss is None:
            self._client.mark_trial_failed(id)
        else:
            self._client.complete_trial(id, raw_data={"loss": loss})

    def add(self, params: Params, loss: float) -> None:
        self.tell(self._client.attach_trial(params), loss, "complete")

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("ax-platform", "botorch", "gpytorch", "torch")}


def _config(
    parameter: dict[str, Any], space: list[dict[str, Any]]
) -> RangeParameterConfig | ChoiceParameterConfig:
    name, kind = parameter["name"], parameter["kind"]
    if kind == "categorical":
        is_tree = all(len(values) == 1 for each in space for values in each.get("when", {}).values())
        children = {
            value: [each["name"] for each in space if value in each.get("when", {}).get(name, ())]
            for value in parameter["choices"]
            if is_tree
        }
        return ChoiceParameterConfig(
            name,
            parameter["choices"],
            parameter_type="str",
            is_ordered=False,
            dependent_parameters={value: names for value, names in children.items() if names} or None,
        )
    scaling = "log" if parameter["log"] else "linear"
    return RangeParameterConfig(
        name, (parameter["low"], parameter["high"]), parameter_type=kind, scaling=scaling
    )


if __name__ == "__main__":
    serve(Ax)
