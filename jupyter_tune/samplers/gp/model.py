"""The surrogate: a Gaussian process in GPyTorch.

    y ~ N(m(X), s k(X, X) + noise I),   k = Matern-5/2 with a lengthscale per parameter

    prior                                         mode
    lengthscale   LogNormal(sqrt 2 + log(p)/2, sqrt 3)   grows with sqrt(p), so that a
                                                  space of many parameters is not empty
    s             LogNormal(0, 1)                 targets have variance 1
    noise         LogNormal(-4, 1)                training is noisy, usually by little
    m             trend.py; its constant c has none, within [-3, 3]

This is what the model is. The fit (fit.py, likelihood.py) and the predictions (posterior.py) are written in
closed form in NumPy, because for n < 100 GPyTorch's lazy layer and automatic differentiation cost many times
the algebra; the tests hold them to ExactMarginalLogLikelihood and to the model's own posterior.

Source: Rasmussen and Williams 2006, ch. 2; Hvarfner et al. 2024, "Vanilla Bayesian Optimization Performs
Great in High Dimensions" (lengthscales).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, lru_cache

import gpytorch
import numpy as np
import torch
from gpytorch.constraints import Positive
from gpytorch.kernels import MaternKernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.priors import LogNormalPrior
from torch import Tensor

from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.trend import SPREAD, TYPICAL, Trend

_OF_SCALE, _OF_NOISE = (0.0, 1.0), (-4.0, 1.0)
"""Location and scale of the priors of s and noise; that of the lengthscales depends on p."""


class GroupedMatern(MaternKernel):
    """Matern-5/2 over columns that share lengthscales: column j has that of `groups[j]`."""

    def __init__(self, groups: Sequence[int], prior: LogNormalPrior):
        super().__init__(
            nu=2.5,
            ard_num_dims=max(groups) + 1,
            lengthscale_prior=prior,
            lengthscale_constraint=_logarithmic(),
        )
        self.groups = torch.tensor(groups)

    def forward(self, x1: Tensor, x2: Tensor, diag: bool = False, **params: object) -> Tensor:
        """Correlations: `m1 x c`, `m2 x c` -> `m1 x m2` (`m1` if `diag`)."""
        scale = self.lengthscale[..., self.groups]
        at1, at2 = x1 / scale, x2 / scale
        if diag:
            d = (at1 - at2).norm(dim=-1)
        else:
            d = torch.cdist(at1, at2, compute_mode="donot_use_mm_for_euclid_dist")
        r = math.sqrt(5.0) * d
        return (1 + r + r * r / 3) * torch.exp(-r)


class Surrogate(gpytorch.models.ExactGP):
    """The process over n observations.

    Args:
        inputs:  n x c.
        targets: n; about standardised.
        groups:  c; the parameter of every column, 0 to p - 1.
        trend:   its mean; a constant by default.
        shares:  n; the noise of each observation, of the common one; 1 by default. Only the closed forms know
                 them.

    All its parameters are one vector, theta: the logarithms of the lengthscales, of s and of noise; then c,
    and the weights of the tasks: p + 3 + T.
    """

    def __init__(
        self,
        inputs: Array,
        targets: Array,
        groups: Sequence[int],
        trend: Trend | None = None,
        shares: Array | None = None,
    ):
        parameters = max(groups) + 1
        of_length = math.sqrt(2) + 0.5 * math.log(parameters), math.sqrt(3)
        likelihood = GaussianLikelihood(noise_prior=_log_normal(*_OF_NOISE), noise_constraint=_logarithmic())
        super().__init__(torch.from_numpy(inputs), torch.from_numpy(targets), likelihood)
        self.inputs, self.targets, self.shares = inputs, targets, shares
        self.groups = np.array(groups)
        self.mean_module = trend or Trend()
        self.covar_module = ScaleKernel(
            GroupedMatern(groups, _log_normal(*of_length)),
            outputscale_prior=_log_normal(*_OF_SCALE),
            outputscale_constraint=_logarithmic(),
        )
        self.double()
        kernel, tasks = self.covar_module.base_kernel, self.mean_module.count
        self._theta = [
            kernel.raw_lengthscale,
            self.covar_module.raw_outputscale,
            likelihood.noise_covar.raw_noise,
            self.mean_module.raw_constant,
            *([self.mean_module.raw_weights] if tasks else []),
        ]
        normal = [*[of_length] * parameters, _OF_SCALE, _OF_NOISE, (0.0, math.inf)]
        normal += [(TYPICAL / tasks, SPREAD) for _ in range(tasks)]
        self.locations, self.scales = np.array(normal).T
        """Of the normal priors of theta: p + 3 + T each; the scale of c is infinite, as it has none."""

    def forward(self, x: Tensor) -> gpytorch.distributions.MultivariateNormal:
        """The prior at `x`: m x c."""
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))

    @property
    def theta(self) -> Array:
        """All parameters; a copy."""
        return np.concatenate([values.detach().numpy().ravel() for values in self._theta])

    @theta.setter
    def theta(self, theta: Array) -> None:
        at = 0
        with torch.no_grad():
            for values in self._theta:
                values.copy_(torch.from_numpy(theta[at : at + values.numel()]).view_as(values))
                at += values.numel()

    @property
    def lengthscales(self) -> Array:
        """Of every column: c."""
        return np.exp(self.theta[self.groups])

    @property
    def outputscale(self) -> float:
        """s."""
        return float(self.covar_module.outputscale.item())

    @property
    def noise(self) -> float:
        """The variance of the noise of an observation whose share is 1."""
        return float(self.likelihood.noise.item())


# these never change and are dear to make: each is made once and shared
@cache
def _logarithmic() -> Positive:
    return Positive(transform=torch.exp, inv_transform=torch.log)


@lru_cache(maxsize=64)
def _log_normal(location: float, scale: float) -> LogNormalPrior:
    # without its checks of what is constant here, which took longer than an evaluation of the likelihood
    return LogNormalPrior(location, scale, validate_args=False)
