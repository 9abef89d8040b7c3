"""A process fitted to losses: of the one metric, of each of several, of a constraint, or of another task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.model import Posterior, Surrogate, fit
from jupyter_tune.samplers.gp.outputs import OutputTransform
from jupyter_tune.samplers.gp.trend import Trend


@dataclass(frozen=True, slots=True)
class Fitted:
    """`outputs`: of losses to targets and back; `posterior`: of `surrogate`, the process over the targets."""

    outputs: OutputTransform
    surrogate: Surrogate
    posterior: Posterior

    @classmethod
    def of(
        cls,
        inputs: Tensor,
        losses: Array,
        groups: Sequence[int],
        *,
        pending: Tensor | None = None,
        trend: Trend | None = None,
        noise: Tensor | None = None,
        by_rank: bool = False,
    ) -> Fitted:
        """Fitted to `losses`: n, finite, at `inputs`: n x c.

        Args:
            groups:  c; the parameter of each column.
            pending: q x c; where trials still run.
            trend:   the mean; a constant by default.
            noise:   n; the variance of the noise of each, of that of a trial measured in all folds.
            by_rank: whether their ranks count half, as they are guesses (outputs.py).
        """
        outputs = OutputTransform.of(losses, by_rank=by_rank)
        targets = torch.from_numpy(outputs.to_target(losses))
        surrogate = fit(inputs, targets, groups, trend, noise)
        return cls(outputs, surrogate, Posterior(surrogate, pending))
