"""A process fitted to losses: of the one metric, of each of several, of a constraint, or of another task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_tune.samplers.gp.encoding import Array
from jupyter_tune.samplers.gp.fit import fit
from jupyter_tune.samplers.gp.model import Surrogate
from jupyter_tune.samplers.gp.outputs import OutputTransform
from jupyter_tune.samplers.gp.posterior import Posterior
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
        inputs: Array,
        losses: Array,
        groups: Sequence[int],
        *,
        pending: Array | None = None,
        trend: Trend | None = None,
        noise: Array | None = None,
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
        surrogate = fit(inputs, outputs.to_target(losses), groups, trend, noise)
        return cls(outputs, surrogate, Posterior(surrogate, pending))
