"""Whether a study can measure its best trials again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_tune.errors import OptionError


def require_confirmable(options: Mapping[str, Any], shown: Mapping[str, str], *, several: bool) -> None:
    """Raises OptionError for `confirm` beside several metrics, or without more trials than that."""
    confirm, trials = options.get("confirm"), options.get("trials")
    if confirm is None:
        return
    name = shown["confirm"]
    if several:
        raise OptionError(f"{name}: is about the best trial, and several metrics have none; leave it out")
    if trials is None:
        raise OptionError(
            f"{name}: the last of the trials measure again; say how many in all, by {shown['trials']}"
        )
    if confirm >= trials:
        raise OptionError(
            f"{name}: {confirm} of {trials} trials leave none to search with; use more {shown['trials']}, or "
            "confirm less"
        )
