"""Whether a study can measure its best trials again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_tune.errors import OptionError

_ENDS = ("target", "patience", "stop_when_converged", "price")
"""Rules that end a search because it has found enough; then the best trials are measured again."""


def require_confirmable(options: Mapping[str, Any], shown: Mapping[str, str], *, several: bool) -> None:
    """Raises OptionError for `confirm` beside several metrics, where no more trials than that are to run, and
    where nothing says when the search is over."""
    confirm, trials = options.get("confirm"), options.get("trials")
    if confirm is None:
        return
    name = shown["confirm"]
    if several:
        raise OptionError(f"{name}: is about the best trial, and several metrics have none; leave it out")
    if trials is None:
        if options.get("sampler") == "grid" or any(options.get(rule) for rule in _ENDS):
            return
        rules = " or ".join(shown[rule] for rule in _ENDS if rule in shown)
        ends = f", or when the search has found enough, by {rules}" if rules else ""
        raise OptionError(
            f"{name}: the last of the trials measure again; say how many in all, by {shown['trials']}{ends}"
        )
    if confirm >= trials:
        raise OptionError(
            f"{name}: {confirm} of {trials} trials leave none to search with; use more {shown['trials']}, or "
            "confirm less"
        )
