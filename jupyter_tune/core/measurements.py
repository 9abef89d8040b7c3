"""What a trial may report: the numbers, steps and texts of `report` and `tell`, checked in one place."""

from __future__ import annotations

import operator

from jupyter_tune.errors import ReportError

LARGEST_STEP = 2**53
"""Beyond it a step is not kept exactly by everything that draws or stores it."""


def as_metric(name: str, value: object) -> float:
    """`value` as a float; NaN and infinities are numbers too.

    Takes Python's numbers, NumPy's and torch's scalars, and 0-d arrays and tensors of any device.

    Raises: ReportError naming the metric, the type and the way out.
    """
    way_out = "report one number"
    shape = getattr(value, "shape", None)
    if shape is not None:
        way_out = f"report one number, as in {name}={name}.mean().item()"
        if tuple(shape) == () and hasattr(value, "item"):
            value = value.item()
    if hasattr(value, "__float__") and (shape is None or tuple(shape) == ()):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise ReportError(f"{name}: {error}; {way_out}") from None
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    size = f" of shape {tuple(shape)}" if shape is not None and tuple(shape) else ""
    raise ReportError(f"{name}: a metric must be a number, got {kind}{size}; {way_out}")


def as_text(text: str) -> str:
    """`text` with what no encoding holds (halves of surrogate pairs) spelt out: it can be sent and shown."""
    # most text is ASCII, which needs no copy
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def as_fold(fold: object) -> int | str:
    """`fold` as a label: a whole number or a text. Raises ReportError."""
    if isinstance(fold, str):
        return as_text(str(fold))
    try:
        return operator.index(fold)  # type: ignore[arg-type]  # NumPy's numbers too
    except TypeError:
        raise ReportError(
            f"fold: must be a whole number or a text, got {fold!r} ({type(fold).__name__}); "
            "give the number of the fold, or its name"
        ) from None


def as_step(step: object) -> int:
    """`step` as an int, from 0 to LARGEST_STEP; 3.0 is 3. Raises ReportError."""
    try:
        is_whole = getattr(step, "is_integer", None)  # floats have it, NumPy's too
        whole = int(step) if is_whole is not None and is_whole() else operator.index(step)  # type: ignore[call-overload,arg-type]
    except TypeError:
        raise ReportError(
            f"step: must be a whole number, got {step!r} ({type(step).__name__}); give the epoch or iteration"
        ) from None
    if not 0 <= whole <= LARGEST_STEP:
        raise ReportError(f"step: must lie between 0 and 2**53, got {whole}; give the epoch or iteration")
    return whole
