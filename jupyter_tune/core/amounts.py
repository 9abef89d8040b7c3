"""What an hour is worth, and what a study may spend: amounts with a unit, as users write them.

Settings keep their text in one form, and the rules read it from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_NUMBER = r"(\d[\d_,]*\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?)"
_PRICE = re.compile(rf"{_NUMBER}\s*(%?)\s*(?:/|per|an?\s)\s*([a-z]+)")
_BUDGET = re.compile(rf"{_NUMBER}\s*([a-z][a-z\s_-]*)")
_IN_AN_HOUR = {
    **dict.fromkeys(("h", "hr", "hour"), 1.0),
    **dict.fromkeys(("min", "minute"), 60.0),
    **dict.fromkeys(("d", "day"), 1 / 24),
}
STEPS, GPU, CORE, TRIAL = "steps", "gpu-hours", "core-hours", "trial-hours"
_OWNERS = {"gpu": GPU, "core": CORE, "cpu": CORE, "trial": TRIAL, "worker": TRIAL}
_HOURS = re.compile(rf"({'|'.join(_OWNERS)})(?:hours?|h)")


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour is worth: `amount`, in the metric's units or (`is_share`) as a share of the best value."""

    amount: float
    is_share: bool

    @classmethod
    def of(cls, text: str) -> Price:
        """Raises: ValueError for a text that is no price."""
        return _price(text)

    def __str__(self) -> str:
        return f"{100 * self.amount:.12g}%/h" if self.is_share else f"{self.amount:.12g}/h"


@dataclass(frozen=True, slots=True)
class Budget:
    """What all trials together may spend: `amount` of `unit`."""

    amount: float
    unit: str

    @classmethod
    def of(cls, text: str) -> Budget:
        """Raises: ValueError for a text that is no budget."""
        return _budget(text)

    @property
    def is_steps(self) -> bool:
        return self.unit == STEPS

    def __str__(self) -> str:
        return f"{self.amount:.12g} {self.unit}"


@lru_cache(64)
def _price(text: str) -> Price:
    match = _PRICE.fullmatch(text.strip().lower())
    per_hour = None if match is None else _IN_AN_HOUR.get(match[3])
    if match is None or per_hour is None:
        raise ValueError(text)
    amount = _number(match[1]) * per_hour
    return Price(amount / 100, True) if match[2] else Price(amount, False)


@lru_cache(64)
def _budget(text: str) -> Budget:
    match = _BUDGET.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(text)
    amount, unit = _number(match[1]), re.sub(r"[\s_-]", "", match[2])
    if unit in ("step", "steps"):
        return Budget(amount, STEPS)
    hours = _HOURS.fullmatch(unit)
    if hours is None:
        raise ValueError(text)
    return Budget(amount, _OWNERS[hours[1]])


def _number(text: str) -> float:
    return float(text.replace("_", "").replace(",", ""))
