"""Log expected improvement, analytic and finite wherever the improvement underflows.

EI of a Gaussian below `best` is sigma h(z), h(z) = phi(z) + z Phi(z), z = (best - mean)/sigma.
Far from the incumbent h underflows and its gradient with it; its logarithm does neither:

    z > -1         log(phi(z) + z Phi(z))
    z > -1000      -z^2/2 - log(2 pi)/2 + log(1 - |z| sqrt(pi/2) erfcx(|z|/sqrt 2))
    else           -z^2/2 - log(2 pi)/2 - 2 log|z|

Source: Ament et al., NeurIPS 2023, "Unexpected Improvements to Expected Improvement", eq. 9.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
_SQRT_HALF_PI = math.sqrt(0.5 * math.pi)
# the middle branch subtracts two numbers that agree to 1/z^2: below this nothing would be left
_FAR = -1e3


def log_ei(mean: Tensor, sigma: Tensor, best: float | Tensor) -> Tensor:
    """Log expected improvement below `best`, for minimisation.

    Args:
        mean:  `batch`; posterior mean, standardised loss.
        sigma: `batch`; posterior deviation, same units, > 0.
        best:  scalar; the loss to beat, same units.

    Returns: `batch`; finite even where EI underflows.
    Source:  Ament et al., NeurIPS 2023 (LogEI).
    """
    return log_h((best - mean) / sigma) + torch.log(sigma)


def log_h(z: Tensor) -> Tensor:
    """log(phi(z) + z Phi(z)): `batch` -> `batch`, with a gradient that is finite everywhere."""
    value: Tensor = _LogH.apply(z)  # type: ignore[no-untyped-call]
    return value


class _LogH(torch.autograd.Function):
    """As h' = Phi, the gradient is Phi/h: far cheaper than that of three branches. Where all z are near, as
    they mostly are, there is one."""

    @staticmethod
    def forward(ctx: Any, z: Tensor) -> Tensor:
        is_near = z > -1
        value = _near(z) if bool(is_near.all()) else torch.where(is_near, _near(z), _beyond(z))
        ctx.save_for_backward(z, value)
        return value

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        z, value = ctx.saved_tensors
        slope = torch.exp(torch.special.log_ndtr(z) - value)
        # two numbers of the size of z^2 are subtracted there
        if bool((z <= _FAR).any()):
            slope = torch.where(z <= _FAR, -z - 2 / z, slope)
        return gradients[0] * slope


def _near(z: Tensor) -> Tensor:
    """Where z > -1."""
    phi = torch.exp(-0.5 * z * z - _LOG_SQRT_2PI)
    return torch.log(phi + z * torch.special.ndtr(z))


def _beyond(z: Tensor) -> Tensor:
    """Where z <= -1."""
    away = z.clamp(max=-1.0).abs()
    ratio = _SQRT_HALF_PI * away * torch.special.erfcx(away * math.sqrt(0.5))
    tail = torch.where(away < -_FAR, torch.log1p(-ratio), -2 * torch.log(away))
    return -0.5 * away * away - _LOG_SQRT_2PI + tail
