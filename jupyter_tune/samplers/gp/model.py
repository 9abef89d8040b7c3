"""The surrogate: a Gaussian process in GPyTorch, fitted to its most probable parameters.

    y ~ N(c, s k(X, X) + noise I),   k = Matern-5/2 with a lengthscale per parameter

    prior                                         mode
    lengthscale   LogNormal(sqrt 2 + log(p)/2, sqrt 3)   grows with sqrt(p), so that a
                                                  space of many parameters is not empty
    s             LogNormal(0, 1)                 targets have variance 1
    noise         LogNormal(-4, 1)                training is noisy, usually by little
    c             none, within [-3, 3]

Every fit starts from the same few points, so the posterior depends on the data alone:
no warm start from an earlier trial, whose path would then be part of the result. Both the
marginal likelihood and the posterior are written with one Cholesky factor, because for
n < 100 GPyTorch's lazy layer costs more than the algebra; the tests hold them to
ExactMarginalLogLikelihood and to the model's own posterior.

Pending trials are believed (kriging believer): with targets equal to the posterior
mean the mean stays as it is and only the deviation shrinks, so they enter as columns of
the covariance and no target is made up.

Source: Rasmussen and Williams 2006, ch. 2 and 5; Hvarfner et al. 2024, "Vanilla Bayesian
Optimization Performs Great in High Dimensions" (lengthscales); Ginsbourger et al. 2010 (believer).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gpytorch
import numpy as np
import numpy.typing as npt
import torch
from gpytorch.constraints import Positive
from gpytorch.kernels import MaternKernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.priors import LogNormalPrior
from scipy.optimize import minimize  # type: ignore[import-untyped]
from torch import Tensor

from jupyter_tune.samplers.gp.trend import Trend

Array = npt.NDArray[np.float64]

DTYPE = torch.float64
_JITTER = 1e-8
_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
# lengthscales, s and noise are fitted as logarithms, within these
_BOUNDS = {
    "raw_lengthscale": (math.log(5e-3), math.log(1e3)),
    "raw_outputscale": (math.log(1e-2), math.log(1e2)),
    "raw_noise": (math.log(1e-6), math.log(4.0)),
    "raw_constant": (-3.0, 3.0),
    "raw_weights": (0.0, 3.0),
}
# (lengthscale / its prior's mode, noise) to start from; the best one is followed
_STARTS = ((1.0, 1e-3), (1.0, 0.1), (3.0, 1e-2), (0.4, 1e-2))
_STEPS = 40
_FITTED = 100
"""Most observations that the parameters are fitted to: half of them the best, half evenly over the ranks
of the others. A lengthscale is known well enough from that many, and the fit was two thirds of a
suggestion's price at 300. All observations make the posterior."""


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
        if diag:
            r = math.sqrt(5.0) * (x1 / scale - x2 / scale).norm(dim=-1)
            return (1 + r + r * r / 3) * torch.exp(-r)
        at1 = x1 / scale
        at2 = at1 if x2 is x1 else x2 / scale
        correlation: Tensor = _Correlation.apply(at1, at2)  # type: ignore[no-untyped-call]
        return correlation


class _Correlation(torch.autograd.Function):
    """Matern-5/2 of points in units of the lengthscales: `m1 x c`, `m2 x c` -> `m1 x m2`.

    With d = |a - b| and r = sqrt(5) d it is (1 + r + r^2/3) exp(-r), and its derivative by d^2 is
    -5/6 (1 + r) exp(-r): finite at d = 0, and cheaper than through the root.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        r = math.sqrt(5.0) * torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")
        decay = torch.exp(-r)
        ctx.save_for_backward(a, b, r, decay)
        return (1 + r + r * r / 3) * decay

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        a, b, r, decay = ctx.saved_tensors
        weight = gradients[0] * (-5 / 3) * (1 + r) * decay
        is_a, is_b = ctx.needs_input_grad
        by_a = weight.sum(dim=1)[:, None] * a - weight @ b if is_a else None
        by_b = weight.sum(dim=0)[:, None] * b - weight.mT @ a if is_b else None
        return by_a, by_b


class Surrogate(gpytorch.models.ExactGP):
    """The process over n observations.

    Args:
        inputs:  n x c, double.
        targets: n, double; about standardised.
        groups:  c; the parameter of every column, 0 to p - 1.
        trend:   its mean; a constant by default.
        shares:  n; the noise of each observation, of the common one; 1 by default.
    """

    def __init__(
        self,
        inputs: Tensor,
        targets: Tensor,
        groups: Sequence[int],
        trend: Trend | None = None,
        shares: Tensor | None = None,
    ):
        likelihood = GaussianLikelihood(noise_prior=_log_normal(-4.0, 1.0), noise_constraint=_logarithmic())
        super().__init__(inputs, targets, likelihood)
        parameters = max(groups) + 1
        location = math.sqrt(2) + 0.5 * math.log(parameters)
        self.mode = math.exp(location - 3.0)
        self.mean_module = trend or Trend()
        self.shares = shares
        self.covar_module = ScaleKernel(
            GroupedMatern(groups, _log_normal(location, math.sqrt(3))),
            outputscale_prior=_log_normal(0.0, 1.0),
            outputscale_constraint=_logarithmic(),
        )
        self.to(DTYPE)
        # the logarithms of the parameters; their priors' locations and scales, one after the other
        self._logs = [
            self.covar_module.base_kernel.raw_lengthscale,
            self.covar_module.raw_outputscale,
            likelihood.noise_covar.raw_noise,
        ]
        self._locations = torch.tensor([location] * parameters + [0.0, -4.0], dtype=DTYPE)
        self._scales = torch.tensor([math.sqrt(3)] * parameters + [1.0, 1.0], dtype=DTYPE)
        self._log_normaliser = float((self._scales.log() + _LOG_SQRT_2PI).sum())

    def forward(self, x: Tensor) -> gpytorch.distributions.MultivariateNormal:
        """The prior at `x`: m x c."""
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))

    @property
    def inputs(self) -> Tensor:
        inputs: Tensor = self.train_inputs[0]
        return inputs

    def covariance(self, x1: Tensor, x2: Tensor) -> Tensor:
        """s k(x1, x2): `m1 x c`, `m2 x c` -> `m1 x m2`."""
        covariance: Tensor = self.covar_module.forward(x1, x2)
        return covariance

    def noisy_covariance(self, x: Tensor) -> Tensor:
        """s k(x, x) + noise I: `m x c` -> `m x m`; the first n of x are the observations."""
        noise = self.likelihood.noise + _JITTER
        if self.shares is not None:
            further = torch.ones(len(x) - len(self.shares), dtype=DTYPE)
            return self.covariance(x, x) + noise * torch.cat([self.shares, further]).diag()
        return self.covariance(x, x) + noise * torch.eye(len(x), dtype=DTYPE)

    def negative_log_posterior(self) -> Tensor:
        """-(log marginal likelihood + log prior) of the present parameters; scalar, or inf."""
        residual = self.train_targets - self.mean_module.at(self.inputs)
        loss: Tensor = _NegativeLogDensity.apply(  # type: ignore[no-untyped-call]
            self.noisy_covariance(self.inputs), residual
        )
        logs = torch.cat([log.ravel() for log in self._logs])
        distances = (logs - self._locations) / self._scales
        # density of theta, not of log theta: hence the term in log theta itself
        loss = loss + (0.5 * distances * distances + logs).sum() + self._log_normaliser
        return loss + self.mean_module.surprise()


class _NegativeLogDensity(torch.autograd.Function):
    """-log N(r | 0, K): K `n x n`, r `n` -> scalar; inf where K is not positive definite.

    The gradients are known, (K^-1 - alpha alpha^T)/2 and alpha with alpha = K^-1 r, and cost a third
    of differentiating the Cholesky factor. Source: Rasmussen and Williams 2006, eq. 5.9.
    """

    @staticmethod
    def forward(ctx: Any, covariance: Tensor, residual: Tensor) -> Tensor:
        factor, trouble = torch.linalg.cholesky_ex(covariance)
        if trouble:
            ctx.save_for_backward(torch.zeros_like(covariance), torch.zeros_like(residual))
            return torch.full((), math.inf, dtype=covariance.dtype)
        alpha = torch.cholesky_solve(residual[:, None], factor)
        ctx.save_for_backward(0.5 * (torch.cholesky_inverse(factor) - alpha @ alpha.mT), alpha[:, 0])
        half_log_determinant = factor.diagonal().log().sum()
        return 0.5 * residual @ alpha[:, 0] + half_log_determinant + len(residual) * _LOG_SQRT_2PI

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        by_covariance, by_residual = ctx.saved_tensors
        return gradients[0] * by_covariance, gradients[0] * by_residual


def fit(
    inputs: Tensor,
    targets: Tensor,
    groups: Sequence[int],
    trend: Trend | None = None,
    shares: Tensor | None = None,
) -> Surrogate:
    """The surrogate at its most probable parameters, by L-BFGS from the best of a few starts.

    Args: as Surrogate.
    """
    some = _some(targets)
    model = Surrogate(inputs[some], targets[some], groups, trend, None if shares is None else shares[some])
    parameters = list(model.named_parameters())
    bounds = [_BOUNDS[name.rpartition(".")[2]] for name, values in parameters for _ in range(values.numel())]

    def write(x: Array) -> None:
        at = 0
        with torch.no_grad():
            for _, values in parameters:
                values.copy_(torch.from_numpy(x[at : at + values.numel()]).view_as(values))
                at += values.numel()

    def read() -> Array:
        return np.concatenate([values.detach().numpy().ravel() for _, values in parameters])

    def loss_and_gradient(x: Array) -> tuple[float, Array]:
        write(x)
        loss = model.negative_log_posterior()
        gradients = torch.autograd.grad(loss, [values for _, values in parameters])
        # a finite wall where the covariance cannot be factored: the line search turns back there
        return min(loss.item(), 1e10), np.concatenate([gradient.numpy().ravel() for gradient in gradients])

    best_start, lowest = read(), math.inf
    with torch.no_grad():
        for factor, noise in _STARTS:
            model.covar_module.base_kernel.lengthscale = factor * model.mode
            model.covar_module.outputscale = 1.0
            model.likelihood.noise = noise
            loss = float(model.negative_log_posterior())
            if loss < lowest:
                best_start, lowest = read(), loss
    found = minimize(
        loss_and_gradient,
        best_start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        # a hundredth of a nat is far less than the data say
        options={"maxiter": _STEPS, "ftol": 1e-4, "gtol": 1e-3},
    )
    write(found.x)
    model.set_train_data(inputs, targets, strict=False)
    model.shares = shares
    model.requires_grad_(False)
    model.eval()
    return model


def _some(targets: Tensor) -> Tensor:
    """Which observations to fit to, ascending."""
    n = len(targets)
    if n <= _FITTED:
        return torch.arange(n)
    best_first = targets.argsort(stable=True)
    best, rest = best_first[: _FITTED // 2], best_first[_FITTED // 2 :]
    evenly = torch.linspace(0, len(rest) - 1, _FITTED - len(best)).round().long()
    return torch.cat([best, rest[evenly]]).sort().values


class Posterior:
    """The latent function given the observations, and pending inputs believed.

    Args:
        model:   fitted.
        pending: q x c; where trials still run; q may be 0; nowhere by default.
    """

    def __init__(self, model: Surrogate, pending: Tensor | None = None):
        n = len(model.inputs)
        self._model, self._n = model, n
        self._at = torch.cat([model.inputs, model.inputs[:0] if pending is None else pending])
        factor = torch.linalg.cholesky(model.noisy_covariance(self._at))
        self._trend = model.mean_module.at
        residual = (model.train_targets - self._trend(model.inputs))[:, None]
        alpha = torch.cholesky_solve(residual, factor[:n, :n])[:, 0]
        # pending inputs have no target, and so no weight in the mean
        self._alpha = torch.cat([alpha, torch.zeros(len(self._at) - n, dtype=DTYPE)])
        # L^-1 once: a product is cheaper than a solve, and much cheaper to differentiate
        self._whiten = torch.linalg.solve_triangular(factor, torch.eye(len(factor), dtype=DTYPE), upper=False)
        self._scale = model.covar_module.outputscale

    def mean(self, x: Tensor) -> Tensor:
        """Posterior mean: `m x c` -> `m`, standardised."""
        cross = self._model.covariance(x, self._model.inputs)
        mean: Tensor = self._trend(x) + cross @ self._alpha[: self._n]
        return mean

    def left_out(self) -> Tensor:
        """What is expected of every observation by the others alone: n, standardised."""
        n = self._n
        # rows of L^-1 after the n-th belong to pending inputs: they tell no targets
        precision = (self._whiten[:n, :n] ** 2).sum(dim=0)
        left_out: Tensor = self._model.train_targets - self._alpha[:n] / precision
        return left_out

    def mean_and_deviation(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior mean and deviation, without noise: `m x c` -> `m`, `m`; deviation > 0."""
        mean, white = self._mean_and_white(x)
        variance = self._scale - (white * white).sum(dim=1)
        return mean, variance.clamp_min(1e-12).sqrt()

    def joint(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior mean and covariance, without noise: `m x c` -> `m`, `m x m`."""
        mean, white = self._mean_and_white(x)
        return mean, self._model.covariance(x, x) - white @ white.mT

    def _mean_and_white(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The mean, and k(x, .) L^-T, whose products are what the observations take off the covariance."""
        cross = self._model.covariance(x, self._at)
        mean: Tensor = self._trend(x) + cross @ self._alpha
        return mean, cross @ self._whiten.mT


def _logarithmic() -> Positive:
    return Positive(transform=torch.exp, inv_transform=torch.log)


def _log_normal(location: float, scale: float) -> LogNormalPrior:
    # its checks of what is constant here took longer than an evaluation of the posterior
    return LogNormalPrior(location, scale, validate_args=False)
