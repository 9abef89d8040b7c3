"""Losses <-> targets: what the Gaussian process is asked to explain.

With d = y - best, the better losses are only standardised and the worse ones are compressed,

    w(y) = best + d                        d <= s
    w(y) = best + s + s b log(d / s)       d >  s

continuous at the bend, best + s: how bad the bad ones are matters little, and a diverged training
would otherwise set the scale for all the rest. Then mean 0 and deviation 1. Everything moves with the
metric's scale and origin, so a suggestion does not depend on its units.

    s   the upper quartile of d, or less: a quartile that is out of reach of better losses is no scale.
        Where d_k is the k-th smallest of n that are not 0, s is at most 5 d_k for the better half of
        them, and 5 d_k (n/2k)^4 from the best fifth on. So a third of the trials at 1e27 leaves the
        others their scale, and two thirds leave most of it
    b   1, or less, so that the worst loss is at most s above the bend: little farther than a failed
        trial, which counts as the worst of the others. With b = 1, logarithms of 1e27 are a scale too

Measured on a bowl in two dimensions of which a third diverges, to 1e27, 25 trials, 4 to 8 seeds, median
distance of the best from the optimum: 2e-7, as if the losses were cut off at 10 (4e-7). With 10 for the 5
above and the worst 1.7 s above the bend: 5e-6; 3.4 s: 6e-4; the quartile alone and b = 1: 3e-2, and random
search 7e-3. Where losses are tame it costs nothing that can be seen: of the 32 problems with one fidelity
(tests/benchmarks/search, 30 trials, 3 seeds) 22 ended better than with the quartile alone and b = 1, 10
worse; 0.58 [0.47, 0.69] of the pairs were won.

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

`to_loss` is the way back for people: the exact inverse among the losses seen, unless the worst is beyond
30 s. Then all beyond the bend are shown as less, the farther the worst is the less, down to 2 s: or charts
would show nothing but them. The image of a posterior mean is thus the posterior median of the loss (the
mean where nothing is compressed); `slope` is dloss/dtarget there, which turns a small deviation of the
target into one of the loss. Without ranks the map is affine below the bend, so an expected improvement
converts exactly, by the slope at the best; with ranks nearly.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri  # type: ignore[import-untyped]
from scipy.stats import rankdata  # type: ignore[import-untyped]

Array = npt.NDArray[np.float64]

_USUAL = 0.75
_CREDIBLE, _GROWTH, _FROM = 5.0, 4.0, 0.2
"""How far the bend may be from better losses: the 5, the 4 and the fifth above."""
_HEIGHT = 1.0
"""Most that the worst loss is above the bend, in s."""
_SHOWN, _LEAST_SHOWN = math.log(30.0), math.log(2.0)
"""log(d / s) of the worst loss that is shown as it is, and of what far worse ones are shown as at least."""
_ROUNDING = 1e-12
_HUGE = 1e290


@dataclass(frozen=True, slots=True)
class OutputTransform:
    """The map fitted to some losses: `OutputTransform.of(losses)`.

    `best` and `knee` are losses times `unit`.
    """

    best: float
    knee: float
    """s above: the length over which bad losses are compressed; 0 where all are alike."""
    unit: float = 1.0
    """A power of 2: 1 but where differences of losses might overflow."""
    centre: float = 0.0
    scale: float = 1.0
    """Of w, which is (w - best) / s here, so that no square of it overflows."""
    height: float = 0.0
    """How far the worst loss is above the bend, in s, compressed."""
    steepness: float = 1.0
    """b above."""
    stretch: float = 1.0
    """1/b, or less where the worst losses are not shown as they are."""
    knots: tuple[Array, Array] | None = None
    """Standardised w and the targets they become, both increasing; linear between, slope 1 outside."""

    @classmethod
    def of(cls, losses: Array, *, by_rank: bool = False) -> OutputTransform:
        """Fitted to `losses`: n >= 1, finite; `by_rank`: let their ranks count half."""
        unit = 2.0**-60 if np.abs(losses).max() > _HUGE else 1.0
        best = float(losses.min()) * unit
        knee = _knee(losses * unit - best, rounding=_ROUNDING * abs(best))
        bare = cls(best, knee, unit)
        if knee == 0:
            return bare
        highest = float(bare._log_above(losses).max())
        if highest > 0:
            height = min(highest, _HEIGHT)
            stretch = _shown(highest) / height
            bare = replace(bare, height=height, steepness=height / highest, stretch=stretch)
        warped = bare._warp(losses)
        plain = replace(bare, centre=float(warped.mean()), scale=float(warped.std()))
        return plain._by_rank(losses) if by_rank else plain

    @property
    def bend(self) -> float:
        """The loss beyond which others are compressed."""
        return (self.best + self.knee) / self.unit

    @property
    def most_shown(self) -> float | None:
        """The loss that the worst one seen is shown as; None if they are all shown as they are."""
        if self.steepness * self.stretch > 1 - 1e-9:
            return None
        most = self.best + self.knee * math.exp(self.height * self.stretch)
        return min(most / self.unit, sys.float_info.max)

    def _by_rank(self, losses: Array) -> OutputTransform:
        standard = self.to_target(losses)
        targets = 0.5 * (standard + ndtri((rankdata(losses) - 0.5) / len(losses)))
        targets = (targets - targets.mean()) / targets.std()
        at, first = np.unique(standard, return_index=True)
        return replace(self, knots=(at, targets[first]))

    def to_target(self, losses: Array) -> Array:
        """Targets of `losses`: batch -> batch."""
        if self.knee == 0:
            return np.zeros_like(losses)
        standard = (self._warp(losses) - self.centre) / self.scale
        return standard if self.knots is None else _along(standard, *self.knots)

    def to_loss(self, targets: Array) -> Array:
        """Losses of `targets`: batch -> batch, finite; beyond the worst loss along the tangent there."""
        within, inside, beyond = self._parts(targets)
        top = np.exp(inside * self.stretch)
        return self._in_metric(
            self.best + (self.knee or 1.0) * (within + (top - 1) + beyond * self.stretch * top)
        )

    def slope(self, targets: Array) -> Array:
        """dloss/dtarget at `targets`: batch -> batch, > 0, finite."""
        slope = np.full_like(targets, self.scale * (self.knee or 1.0))
        if self.knots is not None:
            at, becomes = self.knots
            steps = np.concatenate([[1.0], np.diff(at) / np.diff(becomes), [1.0]])
            slope *= steps[np.searchsorted(becomes, targets)]
        _, inside, _ = self._parts(targets)
        return self._in_metric(
            slope * np.where(inside > 0, self.stretch * np.exp(inside * self.stretch), 1.0)
        )

    def _warp(self, losses: Array) -> Array:
        """(w - best) / s of `losses`."""
        within = np.minimum(losses * self.unit - self.best, self.knee) / self.knee
        return np.asarray(within + self.steepness * self._log_above(losses))

    def _log_above(self, losses: Array) -> Array:
        """log(d / s) of losses beyond the bend, 0 of others: batch -> batch, finite."""
        above = np.maximum(losses * self.unit - self.best - self.knee, 0.0)
        # in two parts, as above / knee may overflow
        far = 1e6 * self.knee
        near = np.log1p(np.minimum(above, far) / self.knee)
        return np.asarray(near + np.log(np.maximum(above, far)) - np.log(far))

    def _parts(self, targets: Array) -> tuple[Array, Array, Array]:
        """Of (w - best) / s: what is below the bend, above it up to the worst loss, and beyond that."""
        if self.knots is not None:
            at, becomes = self.knots
            targets = _along(targets, becomes, at)
        warped = self.centre + self.scale * targets
        if self.knee == 0:
            return warped, np.zeros_like(warped), np.zeros_like(warped)
        above = np.maximum(warped - 1.0, 0.0)
        inside = np.minimum(above, self.height)
        return np.minimum(warped, 1.0), inside, above - inside

    def _in_metric(self, values: Array) -> Array:
        largest = sys.float_info.max * self.unit
        return np.asarray(np.clip(values, -largest, largest) / self.unit)


def _shown(highest: float) -> float:
    """log(d / s) that the worst loss is shown as, for people; `highest`: what it is."""
    return highest if highest <= _SHOWN else max(_LEAST_SHOWN, _SHOWN * _SHOWN / highest)


def _knee(away: Array, rounding: float) -> float:
    """s: n distances from the best loss -> the length in which they are seen; 0 where all are alike.

    Args: rounding: what is no nearer than that is as good as the best.
    """
    # a crowd at the best counts once, or it would be the scale
    apart = np.sort(away[away > rounding])
    n = len(apart)
    if n == 0:
        return 0.0
    usual = float(np.quantile(away, _USUAL))
    if usual <= rounding:
        usual = float(np.quantile(apart, _USUAL))
    share = np.arange(1, n + 1) / n
    first = max(0, int(_FROM * n) - 1)
    credible = _CREDIBLE * apart[first:] * np.maximum(1.0, 0.5 / share[first:]) ** _GROWTH
    return min(usual, float(credible.min()))


def _along(x: Array, at: Array, becomes: Array) -> Array:
    """The line through the knots `at` -> `becomes`, with slope 1 before the first and after the last."""
    outside = x - np.clip(x, at[0], at[-1])
    return np.asarray(np.interp(x, at, becomes) + outside)
