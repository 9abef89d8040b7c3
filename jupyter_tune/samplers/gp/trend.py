"""The mean of the process: a constant, and what other tasks say of a point.

    m(x) = c + sum_t w_t f_t(x),     0 <= w_t,    w_t ~ N(W/T, S)

f_t is the posterior mean of the model of task t (tasks.py), in deviations of that task's own results. How
much of a task holds here is w_t, which is fitted with all other parameters of the process. Of a task like
this one the process has only the difference to learn; of one that says nothing here the weight falls to 0,
and what is left is the process that a study without other tasks has. No weight is negative: a task whose
good is bad here is more often a chance of a few trials than a rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import gpytorch
import torch
from torch import Tensor

Says = Callable[[Tensor], Tensor]
"""Model inputs, m x c -> what every task says there, m x T."""

TYPICAL, SPREAD = 0.5, 0.5
"""W and S above."""


class Trend(gpytorch.means.ConstantMean):
    """m(x). Args: says: the f_t; count: T."""

    def __init__(self, says: Says | None = None, count: int = 0):
        super().__init__()
        self._says, self._count = says, count
        self._known: tuple[Tensor, Tensor] | None = None
        if count:
            start = torch.full((count,), TYPICAL / count, dtype=torch.float64)
            self.register_parameter("raw_weights", torch.nn.Parameter(start))

    def forward(self, input: Tensor) -> Tensor:
        return self.at(input).expand(input.shape[:-1])

    def at(self, x: Tensor) -> Tensor:
        """`m x c` -> `m`; of a constant a scalar."""
        if self._says is None:
            return self.constant
        return self.constant + self._said(x) @ self.raw_weights

    def surprise(self) -> Tensor | float:
        """-log density of the weights."""
        if not self._count:
            return 0.0
        away = (self.raw_weights - TYPICAL / self._count) / SPREAD
        return (0.5 * away * away + math.log(SPREAD) + 0.5 * math.log(2 * math.pi)).sum()

    def _said(self, x: Tensor) -> Tensor:
        assert self._says is not None
        # a fit asks many times for the same points
        if self._known is None or self._known[0] is not x:
            said = self._says(x)
            if x.requires_grad:
                return said
            self._known = x, said
        return self._known[1]
