"""BoTorch as its tutorials have it: qLogNEHVI for several objectives, qLogNEI for one, both with constraints.

A SingleTaskGP with its default priors for each objective and each constraint, on the unit cube and on
standardised values; 2 (d + 1) Sobol points come first, and whole numbers are rounded after the optimiser.
qLogNEHVI is given the reference point that the hypervolume is measured by, as in the tutorials; the other
tuners find one of their own.

Source: BoTorch's tutorials "Noisy, Parallel, Multi-Objective BO", "Constrained, Parallel, Multi-Objective
BO" and "Closed-loop batch, constrained BO"; Daulton et al. 2021; Ament et al. 2023.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from botorch import fit_gpytorch_mll
from botorch.acquisition import AcquisitionFunction, qLogNoisyExpectedImprovement
from botorch.acquisition.multi_objective import (
    IdentityMCMultiOutputObjective,
    qLogNoisyExpectedHypervolumeImprovement,
)
from botorch.acquisition.objective import GenericMCObjective
from botorch.models import ModelListGP, SingleTaskGP
from botorch.models.transforms import Standardize
from botorch.optim import optimize_acqf
from botorch.sampling import SobolQMCNormalSampler
from gpytorch.mlls import SumMarginalLogLikelihood
from torch import Tensor
from torch.quasirandom import SobolEngine

from tests.benchmarks.search.several.problems import Evaluate, Problem

SAMPLES, RESTARTS, RAW = 128, 10, 512
OPTIONS = {"batch_limit": 5, "maxiter": 200}


def study(problem: Problem, seed: int, trials: int, evaluate: Evaluate) -> None:
    # of fits and of line searches that are tried again
    warnings.simplefilter("ignore")
    torch.manual_seed(seed)
    width = len(problem.bounds)
    sobol = SobolEngine(width, scramble=True, seed=seed)
    X, Y = torch.empty(0, width, dtype=torch.double), torch.empty(0)  # noqa: N806
    for number in range(trials):
        is_early = number < 2 * (width + 1)
        x = _params(problem, sobol.draw(1, dtype=torch.double)[0] if is_early else _best(problem, X, Y))
        values, excesses = evaluate(x)
        # BoTorch maximises objectives, and a constraint is satisfied at 0 and below
        row = torch.tensor([[*(-value for value in values), *excesses]], dtype=torch.double)
        Y = torch.cat([Y, row]) if len(Y) else row  # noqa: N806
        X = torch.cat([X, _unit(problem, x)])  # noqa: N806


def _best(problem: Problem, X: Tensor, Y: Tensor) -> Tensor:  # noqa: N803
    """The point of the unit cube: d that the acquisition function prefers after `X`: n x d, `Y`: n x m."""
    model = ModelListGP(
        *(SingleTaskGP(X, column[:, None], outcome_transform=Standardize(m=1)) for column in Y.T)
    )
    fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model))
    objectives = len(problem.reference)
    # each: samples of all outcomes, ... x m -> ...
    constraints: Any = [
        lambda samples, at=at: samples[..., at] for at in range(objectives, objectives + problem.constraints)
    ] or None
    common: dict[str, Any] = {
        "model": model,
        "X_baseline": X,
        "sampler": SobolQMCNormalSampler(sample_shape=torch.Size([SAMPLES])),
        "prune_baseline": True,
        "constraints": constraints,
    }
    acquisition: AcquisitionFunction
    if objectives > 1:
        acquisition = qLogNoisyExpectedHypervolumeImprovement(
            ref_point=[-value for value in problem.reference],
            objective=IdentityMCMultiOutputObjective(outcomes=list(range(objectives))),
            **common,
        )
    else:
        acquisition = qLogNoisyExpectedImprovement(objective=GenericMCObjective(_first), **common)
    bounds = torch.stack([torch.zeros(X.shape[1]), torch.ones(X.shape[1])]).double()
    best, _ = optimize_acqf(
        acquisition, bounds, q=1, num_restarts=RESTARTS, raw_samples=RAW, options=OPTIONS, sequential=True
    )
    return best[0].detach()


def _first(samples: Tensor, X: Tensor | None = None) -> Tensor:  # noqa: N803 - BoTorch passes it by name
    return samples[..., 0]


def _params(problem: Problem, point: Tensor) -> list[float]:
    x = []
    for (name, (low, high)), unit in zip(problem.bounds.items(), point.tolist(), strict=True):
        value = min(high, max(low, low + unit * (high - low)))
        x.append(float(round(value)) if name in problem.whole else value)
    return x


def _unit(problem: Problem, x: list[float]) -> Tensor:
    """1 x d"""
    ends = problem.bounds.values()
    units = [(value - low) / (high - low) for value, (low, high) in zip(x, ends, strict=True)]
    return torch.tensor([units], dtype=torch.double)
