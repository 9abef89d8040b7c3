"""Syne Tune's ASHA at its defaults (stopping, one bracket, from step 1), with one of its searchers.

VARIANT: asha (random configurations) or bohb (kernel density estimates choose them; where they leave a
range, as 0.16 does on a logarithmic one, the nearest end is run). Two more searchers
are left out. Its Gaussian process: under ASHA, version 0.16 makes a new BoTorch searcher for each
suggestion and tells it the losses without their configurations, so that its fit fails and every suggestion
is drawn at random. And conformal quantile regression: it needs a further package that reaches for a hub,
and took 0.3 s of CPU a suggestion; what it would reach was not measured.
"""

from __future__ import annotations

import datetime
from importlib.metadata import version
from typing import Any

import numpy as np
from syne_tune.backend.trial_status import Trial
from syne_tune.config_space import choice, lograndint, loguniform, randint, uniform
from syne_tune.optimizer.baselines import ASHA, BOHB
from syne_tune.optimizer.scheduler import SchedulerDecision

from tests.benchmarks.search.peers.served import Served, Setup, Suggestion, serve

SCHEDULERS = {"asha": ASHA, "bohb": BOHB}


class SyneTune(Served):
    def __init__(self, setup: Setup):
        if setup.variant not in SCHEDULERS:
            raise ValueError(f"variant {setup.variant!r} is not known; use {', '.join(SCHEDULERS)}")
        # some of its draws are from NumPy's global generator
        np.random.seed(setup.seed)
        self._tuner = SCHEDULERS[setup.variant](
            config_space={parameter["name"]: _domain(parameter) for parameter in setup.space},
            metric="loss",
            time_attr="step",
            max_t=setup.max_steps,
            do_minimize=True,
            random_seed=setup.seed,
        )
        self._last = setup.max_steps
        self._running: dict[int, Trial] = {}
        self._space = setup.space
        self._asked = 0

    def ask(self) -> Suggestion:
        suggestion = self._tuner.suggest()
        trial = Trial(self._asked, suggestion.config, datetime.datetime.now())
        self._asked += 1
        self._running[trial.trial_id] = trial
        self._tuner.on_trial_add(trial)
        params = {parameter["name"]: _inside(parameter, trial.config) for parameter in self._space}
        return Suggestion(trial.trial_id, params)

    def report(self, id: Any, step: int, loss: float) -> bool:
        decision = self._tuner.on_trial_result(self._running[id], {"loss": loss, "step": step})
        # at the last step it says stop to every trial
        return bool(decision == SchedulerDecision.CONTINUE or step == self._last)

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        trial = self._running.pop(id)
        if state == "failed":
            self._tuner.on_trial_error(trial)
        else:
            # what its own tuner does with a trial that it was told to stop, also at the last step
            self._tuner.on_trial_remove(trial)

    def versions(self) -> dict[str, str]:
        return {"syne-tune": version("syne-tune")}


def _domain(parameter: dict[str, Any]) -> Any:
    low, high, log = parameter["low"], parameter["high"], parameter["log"]
    match parameter["kind"]:
        case "float":
            return loguniform(low, high) if log else uniform(low, high)
        case "int":
            return lograndint(low, high) if log else randint(low, high)
        case _:
            return choice(parameter["choices"])


def _inside(parameter: dict[str, Any], config: dict[str, Any]) -> Any:
    value = config[parameter["name"]]
    value = value.item() if isinstance(value, np.generic) else value
    if parameter["kind"] == "categorical":
        return value
    return min(parameter["high"], max(parameter["low"], value))


if __name__ == "__main__":
    serve(SyneTune)
