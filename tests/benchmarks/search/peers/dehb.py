"""DEHB at its defaults: differential evolution over Hyperband's brackets, from step 1 to the last.

It promotes: a trial runs to its fidelity, is told, and a good configuration is asked for again at a
higher one. The tuner is one with an asynchronous pool of any size; `n_workers` would only start its own.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from ConfigSpace import Categorical, ConfigurationSpace, Float, Integer
from dehb import DEHB

from tests.benchmarks.search.peers.served import Served, Setup, Suggestion, serve

KINDS = {"float": float, "int": int, "categorical": str}


class Dehb(Served):
    def __init__(self, setup: Setup):
        if setup.max_steps is None:
            raise ValueError("DEHB needs a number of steps")
        self._kinds = {parameter["name"]: KINDS[parameter["kind"]] for parameter in setup.space}
        self._tuner = DEHB(
            cs=ConfigurationSpace(space={parameter["name"]: _hyper(parameter) for parameter in setup.space}),
            min_fidelity=1,
            max_fidelity=setup.max_steps,
            n_workers=1,
            seed=setup.seed,
            # only what it writes to the disk: the default would save at every new incumbent
            save_freq="end",
        )
        self._running: dict[int, dict[str, Any]] = {}
        self._asked = 0

    def ask(self) -> Suggestion:
        job = self._tuner.ask()
        self._asked += 1
        self._running[self._asked] = job
        params = {name: kind(job["config"][name]) for name, kind in self._kinds.items()}
        # its fidelities are fractions, 50/27 the smallest; steps are whole
        return Suggestion(self._asked, params, max(1, round(job["fidelity"])))

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        job = self._running.pop(id)
        fitness = float("inf") if loss is None else loss
        self._tuner.tell(job, {"fitness": fitness, "cost": float(job["fidelity"])})

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("dehb", "ConfigSpace")}


def _hyper(parameter: dict[str, Any]) -> Any:
    name, bounds = parameter["name"], (parameter["low"], parameter["high"])
    match parameter["kind"]:
        case "float":
            return Float(name, bounds, log=parameter["log"])
        case "int":
            return Integer(name, bounds, log=parameter["log"])
        case _:
            return Categorical(name, parameter["choices"])


if __name__ == "__main__":
    serve(Dehb)
