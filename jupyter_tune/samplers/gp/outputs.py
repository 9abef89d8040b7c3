"""Losses <-> targets: what the Gaussian process is asked to explain.

The best three quarters of the losses are only standardised. Worse ones are compressed,

    w(y) = y                               y <= bend,   bend = upper quartile
    w(y) = bend + s log(1 + (y - bend)/s)  y >  bend,   s = bend - best

continuous with slope 1 at the bend: how bad the bad ones are matters little, and one
diverged training would otherwise set the scale for all the rest. Then mean 0 and
deviation 1. Everything moves with the metric's scale and origin, so a suggestion does not
depend on its units.

Why not bend at the median: once half the trials crowd around one optimum, s shrinks with the
crowd, and every other region looks hopeless in units of it. Measured with three choices
of which each has its own optimum, and the default the worst: bent at the median, five studies
of five stayed with the default for 40 trials; bent here, all left it for a better choice (though not
yet for the best, which no compression at all found more often, at the mercy of outliers).

`to_loss` inverts it exactly, so the image of a posterior mean is the posterior median
of the loss (the mean where nothing is compressed); `slope` is dloss/dtarget there, which
turns a small deviation of the target into one of the loss. Below the bend the map is affine,
so an expected improvement converts exactly, by the slope at the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutputTransform:
    """The map fitted to some losses: `OutputTransform.of(losses)`."""

    bend: float
    knee: float
    """s above: the length over which bad losses are compressed; 0 for not at all."""
    centre: float
    scale: float

    @classmethod
    def of(cls, losses: Array) -> OutputTransform:
        """Fitted to `losses`: n >= 1, finite."""
        bend = float(np.quantile(losses, 0.75))
        knee = bend - float(losses.min())
        warped = _compress(losses, bend, knee)
        scale = float(warped.std())
        # all alike up to rounding: nothing to explain, and rounding must not be blown up
        if scale <= 1e-12 * (1e-300 + float(np.abs(losses).max())):
            scale = 1.0
        return cls(bend, knee, float(warped.mean()), scale)

    def to_target(self, losses: Array) -> Array:
        """Targets of `losses`: batch -> batch."""
        return (_compress(losses, self.bend, self.knee) - self.centre) / self.scale

    def to_loss(self, targets: Array) -> Array:
        """Losses of `targets`: batch -> batch; the exact inverse of `to_target`."""
        warped = self.centre + self.scale * targets
        if self.knee <= 0:
            return warped
        above = np.maximum(warped - self.bend, 0.0) / self.knee
        return np.minimum(warped, self.bend) + self.knee * np.expm1(np.minimum(above, 700.0))

    def slope(self, targets: Array) -> Array:
        """dloss/dtarget at `targets`: batch -> batch, > 0."""
        if self.knee <= 0:
            return np.full_like(targets, self.scale)
        warped = self.centre + self.scale * targets
        above = np.maximum(warped - self.bend, 0.0) / self.knee
        return np.asarray(self.scale * np.exp(np.minimum(above, 700.0)))


def _compress(losses: Array, bend: float, knee: float) -> Array:
    if knee <= 0:
        return losses
    above = np.maximum(losses - bend, 0.0)
    return np.minimum(losses, bend) + knee * np.log1p(above / knee)
