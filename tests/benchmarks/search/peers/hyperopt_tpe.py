"""hyperopt's TPE at its defaults, one document at a time."""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import Any

import numpy as np
from hyperopt import JOB_STATE_DONE, STATUS_FAIL, STATUS_OK, Trials, hp, space_eval, tpe
from hyperopt.base import JOB_STATE_RUNNING, Domain

from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, serve


class Hyperopt(Served):
    def __init__(self, setup: Setup):
        self._space = {parameter["name"]: _expression(parameter) for parameter in setup.space}
        self._ranges = {parameter["name"]: parameter for parameter in setup.space}
        self._domain = Domain(lambda params: None, self._space)
        self._trials = Trials()
        self._rng = np.random.default_rng(setup.seed)

    def ask(self) -> Suggestion:
        ids = self._trials.new_trial_ids(1)
        self._trials.refresh()
        seed = int(self._rng.integers(2**31 - 1))
        (document,) = tpe.suggest(ids, self._domain, self._trials, seed, verbose=False)
        document["state"] = JOB_STATE_RUNNING
        self._trials.insert_trial_docs([document])
        self._trials.refresh()
        values = {name: value[0] for name, value in document["misc"]["vals"].items() if value}
        return Suggestion(ids[0], self._params(space_eval(self._space, values)))

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        document = next(document for document in self._trials._dynamic_trials if document["tid"] == id)
        document["state"] = JOB_STATE_DONE
        document["result"] = {"status": STATUS_FAIL} if loss is None else {"status": STATUS_OK, "loss": loss}
        self._trials.refresh()

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("hyperopt", "numpy")}

    def _params(self, values: Params) -> Params:
        return {name: _plain(self._ranges[name], value) for name, value in values.items()}


def _plain(parameter: dict[str, Any], value: Any) -> Any:
    if parameter["kind"] == "categorical":
        return value
    value = round(value) if parameter["kind"] == "int" else float(value)
    return min(parameter["high"], max(parameter["low"], value))


def _expression(parameter: dict[str, Any]) -> Any:
    name, low, high, log = (parameter[key] for key in ("name", "low", "high", "log"))
    match parameter["kind"]:
        case "categorical":
            return hp.choice(name, parameter["choices"])
        case "int" if log:
            return hp.qloguniform(name, math.log(low - 0.5), math.log(high + 0.5), 1)
        case "int":
            return hp.uniformint(name, low, high)
        case _:
            return hp.loguniform(name, math.log(low), math.log(high)) if log else hp.uniform(name, low, high)


if __name__ == "__main__":
    serve(Hyperopt)
