"""Log expected hypervolume improvement, in closed form: the metrics' models are independent.

    E[prod_j (u_j - max(l_j, Y_j))_+] = prod_j (psi_j(u_j) - psi_j(l_j)),   psi_j(a) = E[(a - Y_j)_+]

over each box [l, u] of what the front does not dominate (boxes.py), and summed over the boxes. All of it in
logarithms, since far from the front every factor underflows: psi(a) = s h((a - m)/s) with log h as in
acquisition.py, and log(psi(u) - psi(l)) = log psi(u) + log1p(-psi(l)/psi(u)).

Source: Daulton et al. 2020, eq. 4 and appendix; Ament et al. 2023 (logarithms).
"""

from __future__ import annotations

import torch
from torch import Tensor

from jupyter_tune.samplers.gp.acquisition import log_h

_NOTHING = -1e3
"""log psi of a corner at -inf, relative to that of the other corner."""


def log_ehvi(mean: Tensor, deviation: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """How much a point is expected to extend the front.

    Args:
        mean, deviation: m x k; of the losses, standardised; deviation > 0.
        lower, upper:    c x k; the boxes.

    Returns: m; finite.
    """
    mean, deviation = mean[:, None], deviation[:, None]
    above = log_h((upper - mean) / deviation)
    is_open = torch.isinf(lower)
    below = log_h((torch.where(is_open, upper - 1, lower) - mean) / deviation)
    # strictly below 0, where rounding makes both corners one
    ratio = torch.where(is_open, torch.full_like(below, _NOTHING), below - above).clamp(max=-1e-12)
    parts = above + torch.log(-torch.expm1(ratio)) + torch.log(deviation)
    return torch.logsumexp(parts.sum(-1), dim=1)
