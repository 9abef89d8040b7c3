"""Reads the rules that end a study: patience, price and budget, in the form that the settings keep."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from jupyter_tune.core.amounts import Budget, Price
from jupyter_tune.core.readers.numbers import real, whole
from jupyter_tune.errors import OptionError

Amount = TypeVar("Amount", Price, Budget)


def patience(value: Any, name: str) -> tuple[int, float | None]:
    """A number of trials and the share by which they must improve the best value: 20, or "20,1%"."""
    trials, share = value, None
    if isinstance(value, str):
        trials, comma, share = value.partition(",")
        share = share.strip() if comma else None
    elif isinstance(value, (tuple, list)) and len(value) == 2:
        trials, share = value
    return whole(1)(trials, name), None if share is None else _share(share, value, name)


def _share(text: Any, value: Any, name: str) -> float | None:
    if not (isinstance(text, str) and text.rstrip().endswith("%")):
        raise OptionError(
            f"{name}: {value!r}: the improvement is a share of the best value, in percent, as in 20,1%"
        )
    percent = real(text.rstrip().removesuffix("%").strip(), name)
    if percent < 0:
        raise OptionError(f"{name}: {value!r}: the improvement must be 0% or more")
    # 0 % is any improvement, as without a share
    return percent / 100 or None


def price(value: Any, name: str) -> str:
    """What an hour is worth: 0.1%/h of the best value, or 0.001/h in the metric's units."""
    read = _amount(Price, value)
    if read is None:
        raise OptionError(
            f"{name}: {value!r} is no price; write what an hour must gain: 0.1%/h (or '0.1% an hour') of "
            "the best value, or 0.001/h in the metric's own units"
        )
    if not 0 < read.amount < math.inf:
        raise OptionError(f"{name}: {value!r}: an hour must be worth more than 0; leave it out for none")
    return str(read)


def budget(value: Any, name: str) -> str:
    """What all trials together may spend: 10000 steps, 8 gpu-hours, 20 core-hours or 40 trial-hours."""
    read = _amount(Budget, value)
    if read is None:
        unit = ""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            unit = ", as it has no unit"
        raise OptionError(
            f"{name}: {value!r} is no budget{unit}; write '10000 steps', '8 gpu-hours', '20 core-hours' or "
            "'40 trial-hours'; a number of trials is --trials"
        )
    if not 0 < read.amount < math.inf:
        raise OptionError(f"{name}: must be more than 0, got {value!r}; leave it out for none")
    return str(read)


def _amount(kind: type[Amount], value: Any) -> Amount | None:
    """The text `value` as a price or a budget; None if it is none."""
    try:
        return kind.of(value) if isinstance(value, str) else None
    except ValueError:
        return None
