"""Where a logarithmic axis has its ticks, and what is written there. The page has the same functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jupyter_tune.core.parameters import Scalar
from jupyter_tune.views.axes.scale import is_number
from jupyter_tune.views.words import number_in_words

_FEWEST_TICKS = 3
_MANTISSAS = ((1, 3), (1, 2, 5))


def log_ticks(cells: Sequence[Scalar]) -> list[float] | None:
    """Round values among the positive numbers, for a logarithmic axis: at least three, and as few as may be.
    None where the numbers span no range.

    Powers of ten, as far apart as they can be; else 1 and 3, or 1, 2 and 5 of each; else steps of equal size.
    """
    numbers = _positive(cells)
    low, high = min(numbers, default=1.0), max(numbers, default=1.0)
    if high / low < 1 + 1e-6:
        return None
    first, last = math.floor(math.log10(low)), math.floor(math.log10(high))
    # binary fractions are a little off
    within = [low * (1 - 1e-9), high * (1 + 1e-9)]

    def ticks(mantissas: Sequence[int], exponents: Sequence[int]) -> list[float]:
        values = [float(f"{mantissa}e{exponent}") for exponent in exponents for mantissa in mantissas]
        return [value for value in values if within[0] <= value <= within[1]]

    powers = list(range(first, last + 2))  # a logarithm may be a little off, too
    for apart in range(max(1, (last - first) // 2), 0, -1):
        found = ticks([1], [power for power in powers if power % apart == 0])
        if len(found) >= _FEWEST_TICKS:
            return found
    for mantissas in _MANTISSAS:
        found = ticks(mantissas, powers)
        if len(found) >= _FEWEST_TICKS:
            return found
    for exponent in range(last, last - 8, -1):
        for size in (5, 2, 1):
            step = float(f"{size}e{exponent}")
            start = math.ceil(within[0] / step)
            count = math.floor(within[1] / step) - start + 1
            if count >= _FEWEST_TICKS:
                return [float(f"{(start + at) * size}e{exponent}") for at in range(count)]
    return None


def log_texts(cells: Sequence[Scalar], room: int | None = None) -> list[str] | None:
    """What is written at the `log_ticks` of these numbers.

    Args: room: characters that fit along the whole axis: a text that would touch the one before is left out.
    """
    values = log_ticks(cells)
    if values is None:
        return None
    texts = [number_in_words(value) for value in values]
    if room is None:
        return texts
    numbers = _positive(cells)
    low, high = math.log(min(numbers)), math.log(max(numbers))
    free = -math.inf
    for at, (value, text) in enumerate(zip(values, texts, strict=True)):
        middle, half = room * (math.log(value) - low) / (high - low), (len(text) + 2) / 2
        if middle - half < free:
            texts[at] = ""
        else:
            free = middle + half
    return texts


def _positive(cells: Sequence[Scalar]) -> list[float]:
    return [cell for cell in cells if is_number(cell) and cell > 0]
