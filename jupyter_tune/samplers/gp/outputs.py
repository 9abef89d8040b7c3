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

Where trials were stopped early their losses are guesses, whose order is better known than their
distance, and a curve that is stopped is often one that learns nothing: hundreds of losses lie on one
value and all that matters between them and the best. There a target is the mean of two: the one above,
and the normal score of the loss's rank,

    t(y) = (w'(y) + q(y)) / 2      w' standardised w, q(y) = Phi^-1((rank - 1/2) / n), linear between

With ASHA and 4 workers, mean regret after 10 and 25 full trainings over five tables of trainings in 8
dimensions (6 seeds): w alone .35/.16, q alone .33/.12, their mean .33/.09; over four learning-curve
surrogates .14/.03, .15/.09 and .13/.03. Where nothing is guessed the ranks would only blunt the model: on
smooth functions, with 60 trials, w alone came closer to the optimum on eight problems of ten.
Source of q: Salinas et al., ICML 2020, "A Quantile-based Approach for Hyperparameter Transfer Learning".

`to_loss` inverts it exactly, so the image of a posterior mean is the posterior median
of the loss (the mean where nothing is compressed); `slope` is dloss/dtarget there, which
turns a small deviation of the target into one of the loss. Without ranks the map is affine below
the bend, so an expected improvement converts exactly, by the slope at the best; with ranks nearly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri  # type: ignore[import-untyped]
from scipy.stats import rankdata  # type: ignore[import-untyped]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OutputTransform:
    """The map fitted to some losses: `OutputTransform.of(losses)`."""

    bend: float
    knee: float
    """s above: the length over which bad losses are compressed; 0 for not at all."""
    centre: float
    scale: float
    knots: tuple[Array, Array] | None = None
    """Standardised w and the targets they become, both increasing; linear between, slope 1 outside."""

    @classmethod
    def of(cls, losses: Array, *, by_rank: bool = False) -> OutputTransform:
        """Fitted to `losses`: n >= 1, finite; `by_rank`: let their ranks count half."""
        bend = float(np.quantile(losses, 0.75))
        knee = bend - float(losses.min())
        warped = _compress(losses, bend, knee)
        scale = float(warped.std())
        # all alike up to rounding: nothing to explain, and rounding must not be blown up
        if scale <= 1e-12 * (1e-300 + float(np.abs(losses).max())):
            return cls(bend, knee, float(warped.mean()), 1.0)
        plain = cls(bend, knee, float(warped.mean()), scale)
        return plain._by_rank(losses) if by_rank else plain

    def _by_rank(self, losses: Array) -> OutputTransform:
        standard = self.to_target(losses)
        targets = 0.5 * (standard + ndtri((rankdata(losses) - 0.5) / len(losses)))
        targets = (targets - targets.mean()) / targets.std()
        at, first = np.unique(standard, return_index=True)
        return OutputTransform(self.bend, self.knee, self.centre, self.scale, (at, targets[first]))

    def to_target(self, losses: Array) -> Array:
        """Targets of `losses`: batch -> batch."""
        standard = (_compress(losses, self.bend, self.knee) - self.centre) / self.scale
        return standard if self.knots is None else _along(standard, *self.knots)

    def to_loss(self, targets: Array) -> Array:
        """Losses of `targets`: batch -> batch; the exact inverse of `to_target`."""
        warped = self.centre + self.scale * self._standard(targets)
        if self.knee <= 0:
            return warped
        above = np.maximum(warped - self.bend, 0.0) / self.knee
        return np.minimum(warped, self.bend) + self.knee * np.expm1(np.minimum(above, 700.0))

    def slope(self, targets: Array) -> Array:
        """dloss/dtarget at `targets`: batch -> batch, > 0."""
        scale = np.full_like(targets, self.scale)
        if self.knots is not None:
            at, becomes = self.knots
            steps = np.concatenate([[1.0], np.diff(at) / np.diff(becomes), [1.0]])
            scale *= steps[np.searchsorted(becomes, targets)]
        if self.knee <= 0:
            return scale
        warped = self.centre + self.scale * self._standard(targets)
        above = np.maximum(warped - self.bend, 0.0) / self.knee
        return np.asarray(scale * np.exp(np.minimum(above, 700.0)))

    def _standard(self, targets: Array) -> Array:
        if self.knots is None:
            return targets
        at, becomes = self.knots
        return _along(targets, becomes, at)


def _compress(losses: Array, bend: float, knee: float) -> Array:
    if knee <= 0:
        return losses
    above = np.maximum(losses - bend, 0.0)
    return np.minimum(losses, bend) + knee * np.log1p(above / knee)


def _along(x: Array, at: Array, becomes: Array) -> Array:
    """The line through the knots `at` -> `becomes`, with slope 1 before the first and after the last."""
    outside = x - np.clip(x, at[0], at[-1])
    return np.asarray(np.interp(x, at, becomes) + outside)
