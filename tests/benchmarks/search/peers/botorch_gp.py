"""BoTorch without Ax, for the price of a suggestion: SingleTaskGP, log EI, its optimiser as in its tutorials.

Whole numbers are rounded and categories are one-hot, after the optimiser; q log noisy EI where trials are
pending. Ten Sobol points come first.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import Any

import torch
from botorch import fit_gpytorch_mll
from botorch.acquisition import AcquisitionFunction, LogExpectedImprovement, qLogNoisyExpectedImprovement
from botorch.models import SingleTaskGP
from botorch.optim import optimize_acqf
from gpytorch.mlls import ExactMarginalLogLikelihood
from torch import Tensor
from torch.quasirandom import SobolEngine

from tests.benchmarks.search.peers.served import Params, Served, Setup, Suggestion, serve

START, RESTARTS, RAW = 10, 10, 512


class BoTorch(Served):
    def __init__(self, setup: Setup):
        torch.manual_seed(setup.seed)
        self._space = setup.space
        width = sum(len(parameter["choices"] or [0]) for parameter in setup.space)
        self._sobol = SobolEngine(width, scramble=True, seed=setup.seed)
        self._told: list[tuple[Tensor, float]] = []
        self._running: dict[int, Tensor] = {}
        self._asked = 0

    def ask(self) -> Suggestion:
        known = len(self._told) + len(self._running)
        point = (
            self._sobol.draw(1, dtype=torch.double)[0] if known < START or not self._told else self._best()
        )
        params = self._params(point)
        self._asked += 1
        self._running[self._asked] = self._point(params)
        return Suggestion(self._asked, params)

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        point = self._running.pop(id)
        if loss is not None:
            self._told.append((point, loss))

    def add(self, params: Params, loss: float) -> None:
        self._told.append((self._point(params), loss))

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("botorch", "gpytorch", "torch")}

    def _best(self) -> Tensor:
        X = torch.stack([point for point, _ in self._told])  # noqa: N806
        Y = -torch.tensor([[loss] for _, loss in self._told], dtype=torch.double)  # noqa: N806
        model = SingleTaskGP(X, Y)
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        acquisition: AcquisitionFunction
        if self._running:
            pending = torch.stack(list(self._running.values()))
            acquisition = qLogNoisyExpectedImprovement(model, X, X_pending=pending)
        else:
            acquisition = LogExpectedImprovement(model, Y.max())
        bounds = torch.stack([torch.zeros(X.shape[1]), torch.ones(X.shape[1])]).double()
        best, _ = optimize_acqf(acquisition, bounds, q=1, num_restarts=RESTARTS, raw_samples=RAW)
        return best[0]

    def _params(self, point: Tensor) -> Params:
        """The params nearest to a point of the unit cube."""
        params, at = {}, 0
        for parameter in self._space:
            wide = len(parameter["choices"] or [0])
            params[parameter["name"]] = _value(parameter, point[at : at + wide])
            at += wide
        return params

    def _point(self, params: Params) -> Tensor:
        """Where params lie in the unit cube."""
        units: list[float] = []
        for parameter in self._space:
            value = params[parameter["name"]]
            if parameter["choices"]:
                units += [float(value == choice) for choice in parameter["choices"]]
            else:
                low, high = _ends(parameter)
                inner = math.log(value) if parameter["log"] else value
                units.append((inner - low) / (high - low))
        return torch.tensor(units, dtype=torch.double)


def _value(parameter: dict[str, Any], units: Tensor) -> Any:
    if parameter["choices"]:
        return parameter["choices"][int(units.argmax())]
    low, high = _ends(parameter)
    value = low + float(units[0]) * (high - low)
    value = math.exp(value) if parameter["log"] else value
    value = round(value) if parameter["kind"] == "int" else value
    return min(parameter["high"], max(parameter["low"], value))


def _ends(parameter: dict[str, Any]) -> tuple[float, float]:
    low, high = parameter["low"], parameter["high"]
    return (math.log(low), math.log(high)) if parameter["log"] else (low, high)


if __name__ == "__main__":
    serve(BoTorch)
