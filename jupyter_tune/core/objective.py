"""Better and worse: the metric of a study and its direction.

A loss is the metric in the form that is minimised: the value itself, or its negative where the metric is
maximised. All that compares results asks here; no other module looks at the direction to compute.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


class _Signed(Protocol):
    def __neg__(self) -> Any: ...


Values = TypeVar("Values", bound=_Signed)
"""A number, or an array of them."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What a study is after.

    metric:   the name that trials report it under.
    maximize: large values are good; otherwise small ones are.
    """

    metric: str
    maximize: bool = True

    def loss(self, value: Values) -> Values:
        """`value` of the metric as a loss."""
        loss: Values = -value if self.maximize else value
        return loss

    def value(self, loss: Values) -> Values:
        """The metric's value that has this loss."""
        return self.loss(loss)

    def loss_or_worst(self, value: float) -> float:
        """The loss; inf where `value` is NaN or an infinity, whatever its sign."""
        return self.loss(value) if math.isfinite(value) else math.inf

    def is_better(self, value: float, than: float | None) -> bool:
        """Whether `value` beats `than`. NaN and None beat nothing, nor does an infinity that would be the
        best of all: it is an overflow, not a success."""
        unbeatable = math.inf if self.maximize else -math.inf
        if math.isnan(value) or value == unbeatable:
            return False
        if than is None or math.isnan(than) or than == unbeatable:
            return True
        return value > than if self.maximize else value < than

    def is_reached(self, target: float, value: float) -> bool:
        """Whether `value` is as good as `target`, or better."""
        return not self.is_better(target, value)

    def best(self, values: Iterable[float]) -> float | None:
        """The best of `values`, the first of equals; None of none."""
        best: float | None = None
        for value in values:
            if best is None or self.is_better(value, best):
                best = value
        return best

    @property
    def worse_side(self) -> str:
        """Where values worse than some value lie: above it, or below it."""
        return "below" if self.maximize else "above"
