"""Rungs: the steps at which trials are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from jupyter_tune.core.settings import Settings

FirstRung: TypeAlias = Callable[[Settings], int]
"""The first step at which trials are compared; the others follow from it."""


def grace(settings: Settings) -> int:
    """The first rung where the pruner has no rule of its own."""
    return settings.grace


def rung_levels(settings: Settings, first: int) -> tuple[int, ...]:
    """The steps first, first * factor, ... below `max_steps`; none without it."""
    levels = []
    while first < (settings.max_steps or 0):
        levels.append(first)
        first *= settings.reduction_factor
    return tuple(levels)
