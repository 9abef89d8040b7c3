"""HEBO at its defaults. It knows neither pending trials nor failures: these count as the worst loss seen."""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO

from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, serve


class Hebo(Served):
    def __init__(self, setup: Setup):
        np.random.seed(setup.seed)
        space = DesignSpace().parse([_parameter(parameter) for parameter in setup.space])
        self._optimizer = HEBO(space, scramble_seed=setup.seed)
        self._running: dict[int, pd.DataFrame] = {}
        self._asked = 0
        self._worst = -math.inf

    def ask(self) -> Suggestion:
        row = self._optimizer.suggest(n_suggestions=1)
        self._asked += 1
        self._running[self._asked] = row
        return Suggestion(self._asked, {name: _plain(value) for name, value in row.iloc[0].items()})

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        row = self._running.pop(id)
        if loss is None:
            if not math.isfinite(self._worst):
                return
            loss = self._worst
        self._worst = max(self._worst, loss)
        self._optimizer.observe(row, np.array([[loss]]))

    def add(self, params: Params, loss: float) -> None:
        self._optimizer.observe(pd.DataFrame([params]), np.array([[loss]]))

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("hebo", "gpytorch", "torch")}


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    name, low, high = parameter["name"], parameter["low"], parameter["high"]
    if parameter["kind"] == "categorical":
        return {"name": name, "type": "cat", "categories": parameter["choices"]}
    kinds = {
        ("float", False): "num", ("float", True): "pow", ("int", False): "int", ("int", True): "pow_int",
    }  # fmt: skip
    return {"name": name, "type": kinds[parameter["kind"], parameter["log"]], "lb": low, "ub": high}


if __name__ == "__main__":
    serve(Hebo)
