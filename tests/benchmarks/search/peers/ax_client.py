"""Ax's client at its defaults: the centre, Sobol points, then BoTorch (log noisy EI, pending trials too)."""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import Any

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, serve


class Ax(Served):
    def __init__(self, setup: Setup):
        logging.disable(logging.WARNING)
        self._client = Client(random_seed=setup.seed)
        self._client.configure_experiment(parameters=[_config(parameter) for parameter in setup.space])
        self._client.configure_optimization(objective="-loss")

    def ask(self) -> Suggestion:
        ((index, params),) = self._client.get_next_trials(max_trials=1).items()
        return Suggestion(index, dict(params))

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        if loss is None:
            self._client.mark_trial_failed(id)
        else:
            self._client.complete_trial(id, raw_data={"loss": loss})

    def add(self, params: Params, loss: float) -> None:
        self.tell(self._client.attach_trial(params), loss, "complete")

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("ax-platform", "botorch", "gpytorch", "torch")}


def _config(parameter: dict[str, Any]) -> RangeParameterConfig | ChoiceParameterConfig:
    name, kind = parameter["name"], parameter["kind"]
    if kind == "categorical":
        return ChoiceParameterConfig(name, parameter["choices"], parameter_type="str", is_ordered=False)
    scaling = "log" if parameter["log"] else "linear"
    return RangeParameterConfig(
        name, (parameter["low"], parameter["high"]), parameter_type=kind, scaling=scaling
    )


if __name__ == "__main__":
    serve(Ax)
