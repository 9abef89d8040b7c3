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
    # each branch sees only arguments it can bear: where() would let a NaN gradient through
    near = torch.where(z > -1, z, torch.zeros_like(z))
    phi = torch.exp(-0.5 * near * near - _LOG_SQRT_2PI)
    log_near = torch.log(phi + near * torch.special.ndtr(near))

    middle = torch.where((z <= -1) & (z > _FAR), z, torch.full_like(z, -2.0))
    ratio = _SQRT_HALF_PI * middle.abs() * torch.special.erfcx(middle.abs() * math.sqrt(0.5))
    log_middle = -0.5 * middle * middle - _LOG_SQRT_2PI + torch.log1p(-ratio)

    far = torch.where(z <= _FAR, z, torch.full_like(z, -2.0))
    log_far = -0.5 * far * far - _LOG_SQRT_2PI - 2 * torch.log(far.abs())

    return torch.where(z > -1, log_near, torch.where(z > _FAR, log_middle, log_far))
