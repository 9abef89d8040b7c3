"""What was asked of a study: the options that its decisions depend on, in one value."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.objective import Objective

HYPERBAND_BRACKETS = 5
"""Where `min_steps` is not given; as in the worked example of the paper (81 steps, factor 3)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked of a study; the options of %%tune in one value.

    Units: `timeout_s` seconds; `max_steps`, `min_steps` reports' steps; `trials` counts every
    trial that ends, also failed ones; `workers` trials at once.
    """

    metric: str
    direction: str = "maximize"
    trials: int | None = None
    workers: int = 1
    timeout_s: float | None = None
    target: float | None = None
    patience: int | None = None
    sampler: str = "gp"
    pruner: str = "asha"
    min_steps: int | None = None
    max_steps: int | None = None
    reduction_factor: int = 3
    seed: int = 0

    @property
    def maximize(self) -> bool:
        return self.direction == "maximize"

    @property
    def objective(self) -> Objective:
        return Objective(self.metric, self.maximize)

    @property
    def grace(self) -> int:
        """Steps no trial is stopped before: `min_steps`, else 6 % of `max_steps`.

        Hyperband is made to look that early too, and hedges by brackets that look later: there it
        is the first rung of HYPERBAND_BRACKETS brackets, so 1 for up to factor ** 4 steps.
        """
        if self.min_steps is not None:
            return self.min_steps
        full = self.max_steps or 1
        if self.pruner == "hyperband":
            return math.ceil(full / float(self.reduction_factor) ** (HYPERBAND_BRACKETS - 1))
        return max(1, round(0.06 * full))


def settings_to_json(settings: Settings) -> dict[str, Any]:
    return dataclasses.asdict(settings)
