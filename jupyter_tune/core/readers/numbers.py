"""Reads numbers, durations and switches."""

from __future__ import annotations

import math
import numbers
import re
from typing import Any

from jupyter_tune.core.readers import Reader
from jupyter_tune.errors import OptionError

MOST = 2**53 - 1
"""Whole numbers beyond it change in JSON readers that know floats only, such as a browser."""
LEAST_SHARE = 0.01
"""Of a GPU."""
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(\d+(?:\.\d+)?)\s*{unit}\s*)?" for unit in _SECONDS))


def number(value: Any, name: str) -> Any:
    """A real number, from a number or its text."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise OptionError(f"{name}: must be a number, got {value!r}")
    return value


def real(value: Any, name: str) -> float:
    """A finite number."""
    read = number(value, name)
    try:
        finite = float(read)
    except OverflowError:
        finite = math.inf
    if not math.isfinite(finite):
        raise OptionError(f"{name}: must be finite, got {value!r}; leave it out for none")
    return finite


def whole(at_least: int, at_most: int = MOST) -> Reader:
    """Reads a whole number of these limits."""

    def read(value: Any, name: str) -> int:
        given = number(value, name)
        if given != given or (isinstance(given, float) and math.isinf(given)) or given != int(given):
            raise OptionError(f"{name}: must be a whole number, got {value!r}")
        if given < at_least:
            raise OptionError(f"{name}: must be {at_least} or more, got {int(given)}")
        if given > at_most:
            raise OptionError(f"{name}: must be {at_most} or less, got {value!r}")
        return int(given)

    return read


def gpus(value: Any, name: str) -> float:
    """A number of GPUs: 0, a share of one, or a whole number."""
    given = real(value, name)
    if given != 0 and given < LEAST_SHARE:
        raise OptionError(f"{name}: must be 0, or {LEAST_SHARE} or more, got {value!r}")
    if given > 1 and given != int(given):
        raise OptionError(
            f"{name}: must be a share of one GPU, such as 0.5, or a whole number, got {value!r}; "
            f"use {int(given)} or {int(given) + 1}"
        )
    return given


def seconds(value: Any, name: str) -> float:
    """A duration: seconds, a timedelta, or text such as 90, 90s, 10m, 1h30m."""
    if hasattr(value, "total_seconds"):
        value = value.total_seconds()
    given = value
    if isinstance(value, str):
        text = value.strip().lower()
        match = _DURATION.fullmatch(text)
        if match is not None and text:
            given = sum(
                float(n) * _SECONDS[unit] for n, unit in zip(match.groups(), _SECONDS, strict=True) if n
            )
        elif not re.fullmatch(r"[-+]?\d+(\.\d*)?(e[-+]?\d+)?", text):
            raise OptionError(f"{name}: {value!r} is not a duration; use seconds, or 90s, 10m, 1h30m")
    try:
        duration = float(number(given, name))
    except OverflowError:
        duration = math.inf
    if not math.isfinite(duration) or duration <= 0:
        raise OptionError(f"{name}: must be more than 0 seconds, got {value!r}; leave it out for none")
    return duration


def switch(value: Any, name: str) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise OptionError(f"{name}: is True or False, got {value!r}")
    return value
