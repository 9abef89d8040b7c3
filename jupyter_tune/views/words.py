"""Numbers, values, times and errors in words, as every view says them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from jupyter_tune.core import failures
from jupyter_tune.core.objective import Objective
from jupyter_tune.core.parameters import Categorical, Float, Parameter, Params, Scalar
from jupyter_tune.core.space import Space
from jupyter_tune.core.trial import Trial

NOTHING = "\N{EN DASH}"

LONGEST_ERROR = 200
LONGEST_REASON = 300

_DIGITS = 4
"""Significant digits of a number that is not whole."""

_LARGEST_WHOLE = 1e9
"""Whole numbers below it are written in full."""

_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-3, 1e6
"""Other numbers outside of these have an exponent."""

_NEAR_ONE = 0.999
"""Between it and 1 four digits would be too few: 0.99995 would be 1."""

# as JavaScript's toPrecision rounds
_ROUNDING = Context(prec=_DIGITS, rounding=ROUND_HALF_UP)
_EXACT = Context(prec=20, rounding=ROUND_HALF_UP)

_MINUS = "\N{MINUS SIGN}"


def number_in_words(value: float) -> str:
    """A number as every view writes it: 0.8312, 0.99995, 1240, 3.2e-5, 1.5e+12, NaN.

    The page's formatNumber is the same function; both suites run one table of cases
    (labextension/test/fixtures/number_cases.json).
    """
    if math.isnan(value):
        return "NaN"
    sign = _MINUS if value < 0 else ""
    size = abs(value)
    if math.isinf(size):
        return f"{sign}\N{INFINITY}"
    if size < _LARGEST_WHOLE and size == int(size):
        return f"{sign}{int(size)}"
    rounded = _ROUNDING.create_decimal_from_float(size).normalize(_EXACT)
    if _NEAR_ONE < size < 1:
        # as many digits as tell it from 1
        last = Decimal(1).scaleb(math.floor(math.log10(1 - size)) - 1, _EXACT)
        rounded = Decimal(size).quantize(last, context=_EXACT).normalize(_EXACT)
    if _SMALLEST_PLAIN <= size < _LARGEST_PLAIN:
        return f"{sign}{rounded:f}"
    mantissa, _, exponent = f"{rounded:e}".partition("e")
    return f"{sign}{mantissa}e{int(exponent):+d}"


def results_in_words(trial: Trial, objectives: Sequence[Objective]) -> list[str]:
    """`loss 0.12`, `latency 20`: the final value of each metric; none while there are none."""
    pairs = zip(objectives, trial.values or (), strict=False)
    return [f"{objective.metric} {number_in_words(value)}" for objective, value in pairs]


def value_in_words(value: Scalar) -> str:
    """A parameter's value as it was tried: numbers short, strings as Python writes them."""
    return number_in_words(value) if isinstance(value, float) else repr(value)


def value_on_range(value: Scalar, parameter: Parameter) -> str:
    """A value with the digits that mean something on this range.

    Choices are written bare, whole numbers in full, values of a grid with the decimals of its step, and
    near 1 on a reverse_log range as many digits as tell it from 1.
    """
    if isinstance(parameter, Categorical) or not isinstance(value, (int, float)):
        return str(value)
    if not isinstance(parameter, Float):
        return f"{value:d}" if isinstance(value, int) else number_in_words(value)
    if parameter.reverse_log and value < 1:
        decimals = _DIGITS - 2 - math.floor(math.log10(1 - value))
        return _trimmed(f"{value:.{decimals}f}")
    if parameter.step is not None:
        decimals = max(0, 2 - math.floor(math.log10(parameter.step)))
        return _trimmed(f"{value:.{decimals}f}")
    return number_in_words(value)


def params_on_ranges(params: Params, space: Space) -> str:
    return ", ".join(f"{name} = {value_on_range(value, space[name])}" for name, value in params.items())


def duration_in_words(seconds: float | None) -> str:
    """0.42 s, 8.3 s, 1 min 20 s, 2 h 5 min, 3 d 4 h."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def time_left_in_words(left_s: float | None, low_s: float | None, high_s: float | None) -> str:
    """About 3 min left (2 min to 5 min, 80 % sure); "" where nothing tells."""
    if left_s is None:
        return ""
    return f"about {duration_in_words(left_s)} left{band_in_words(low_s, high_s)}"


def band_in_words(low_s: float | None, high_s: float | None) -> str:
    """(2 min to 5 min, 80 % sure), after a blank; "" where both ends read the same."""
    low, high = duration_in_words(low_s), duration_in_words(high_s)
    return "" if low == high else f" ({low} to {high}, 80 % sure)"


def count_of(count: int, noun: str) -> str:
    """1 trial, 2,000 trials."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def size_in_words(count: int) -> str:
    """A number of bytes: 0.5 kB, 12.0 MB, 1.2 GB."""
    if count >= 1e9:
        return f"{count / 1e9:,.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def versions_in_words(versions: Mapping[str, str]) -> str:
    """torch 2.9.0, numpy 2.1.0."""
    return ", ".join(f"{library} {version}" for library, version in versions.items())


def tags_in_words(tags: Mapping[str, Any]) -> str:
    """data=cifar10, reviewed, no width: True is the name alone, None a tag that was taken away."""
    return ", ".join(tag_in_words(name, value) for name, value in tags.items())


def tag_in_words(name: str, value: Any) -> str:
    """data=cifar10; the name, which has no =, comes first."""
    if value is None or value is True:
        return f"no {name}" if value is None else name
    return f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def last_line(text: str) -> str:
    """Of a traceback what was raised, of a length that a screen bears."""
    return bounded(failures.last_line(text), LONGEST_ERROR)


def bounded(text: str, longest: int) -> str:
    """`text`, cut where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _trimmed(number: str) -> str:
    return number.rstrip("0").removesuffix(".") if "." in number else number
