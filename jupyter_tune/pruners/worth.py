"""What a reading is worth to those who compare trials."""

from __future__ import annotations

import math

from jupyter_tune.core.study import Study


def worth(value: float, study: Study) -> float:
    """Larger is better; what is no number is worst, and so are the infinities."""
    if not math.isfinite(value):
        return -math.inf
    return value if study.settings.maximize else -value
