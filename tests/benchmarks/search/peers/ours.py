"""jupyter_tune itself, through the same pipe as its peers.

VARIANT: a sampler, and after a plus sign a pruner: gp, random, sobol, gp+asha, random+hyperband, ...
Without a pruner every trial runs to its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import jupyter_tune as jt
from jupyter_tune.core.trial import Trial
from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, serve


class Ours(Served):
    def __init__(self, setup: Setup):
        sampler, _, pruner = setup.variant.partition("+")
        self._tuner = jt.Tuner(
            space_of(setup.space),
            minimize="loss",
            sampler=sampler,
            pruner=pruner or "none",
            max_steps=setup.max_steps,
            seed=setup.seed,
        )
        self._running: dict[int, Trial] = {}

    def ask(self) -> Suggestion:
        trial = self._tuner.ask()
        self._running[trial.number] = trial
        return Suggestion(trial.number, trial.params)

    def report(self, id: Any, step: int, loss: float) -> bool:
        goes_on = self._tuner.report(self._running[id], step=step, loss=loss)
        if not goes_on:
            # it is pruned: the tuner knows, and a tell would be an error
            del self._running[id]
        return goes_on

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        trial = self._running.pop(id, None)
        if trial is None:
            return
        if loss is None:
            self._tuner.tell(trial, state=state)
        else:
            self._tuner.tell(trial, state=state, loss=loss)

    def add(self, params: Params, loss: float) -> None:
        self._tuner.add_trial(params, loss=loss)

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("jupyter-tune", "torch", "gpytorch")}


def space_of(parameters: Sequence[dict[str, Any]]) -> jt.Space:
    return jt.Space(
        {parameter["name"]: range_of(parameter) for parameter in parameters},
        when={parameter["name"]: parameter["when"] for parameter in parameters if "when" in parameter},
    )


def range_of(parameter: dict[str, Any]) -> jt.Float | jt.Int | jt.Categorical:
    match parameter["kind"]:
        case "float":
            return jt.Float(parameter["low"], parameter["high"], log=parameter["log"])
        case "int":
            return jt.Int(parameter["low"], parameter["high"], log=parameter["log"])
        case _:
            return jt.Categorical(parameter["choices"])


if __name__ == "__main__":
    serve(Ours)
