"""Single ranges of Ray Tune and scipy, and plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter
from jupyter_tune.errors import SpaceError

KNOWN = "uniform, log-uniform and whole-number ranges, with steps where they are linear, and choices"


def library_of(value: object) -> str:
    """The library that the class of `value` comes from."""
    return type(value).__module__.partition(".")[0]


def range_of(value: Any, name: str) -> Parameter:
    """One declared value as a range: a list is choices, anything plain is fixed. Raises SpaceError."""
    if isinstance(value, Parameter):
        return value
    if library_of(value) == "ray":
        return _of_ray(value, name)
    if library_of(value) == "scipy":
        return _of_scipy(value, name)
    if isinstance(value, Mapping):
        if set(value) == {"grid_search"}:
            return Categorical(value["grid_search"])
        raise SpaceError(f"{name}: is a dict; parameters have no parts here, so give each a name of its own")
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        return Categorical(list(value))
    return Categorical([value])


def refused(name: str, what: object) -> SpaceError:
    return SpaceError(f"{name}: {what} has no counterpart here; there are {KNOWN}")


def stepped(low: float, high: float, step: float) -> Float:
    """The multiples of `step` from `low` to `high`, as quantised distributions round to them."""
    first, last = math.ceil(low / step - 1e-9) * step, math.floor(high / step + 1e-9) * step
    return Float(first, last, step=step if last > first else None)


def _of_ray(domain: Any, name: str) -> Parameter:
    kind = type(domain).__name__
    if kind == "Categorical":
        return Categorical(domain.categories)
    if kind not in ("Float", "Integer"):
        raise refused(name, f"tune.sample_from or {kind}")
    sampler = domain.get_sampler()
    step = None
    if type(sampler).__name__ == "Quantized":
        sampler, step = sampler.sampler, sampler.q
    scale = type(sampler).__name__.strip("_")
    if scale not in ("Uniform", "LogUniform"):
        raise refused(name, f"Ray's {scale} distribution")
    log = scale == "LogUniform"
    if step is not None and log:
        raise refused(name, "a quantised logarithmic range")
    if kind == "Float":
        low, high = float(domain.lower), float(domain.upper)
        if not (math.isfinite(low) and math.isfinite(high)):
            raise refused(name, f"a range from {low} to {high}")
        return Float(low, high, log=log) if step is None else stepped(low, high, step)
    low, high = int(domain.lower), int(domain.upper)
    if step is None or step == 1:
        # the upper end is excluded, but for quantised ranges
        return Int(low, high - (step is None), log=log)
    first = -(-low // step) * step
    return Int(first, high // step * step, step=step)


def _of_scipy(frozen: Any, name: str) -> Parameter:
    kind = getattr(getattr(frozen, "dist", None), "name", type(frozen).__name__)
    if kind not in ("uniform", "loguniform", "reciprocal", "randint"):
        raise refused(name, f"scipy's distribution {kind}")
    low, high = (float(end) for end in frozen.support())
    if kind == "randint":
        return Int(int(low), int(high))
    if kind == "uniform":
        return Float(low, high)
    _, loc, _ = frozen.dist._parse_args(*frozen.args, **frozen.kwds)
    if loc:
        raise refused(name, f"scipy's distribution {kind} with loc={loc}")
    return Float(low, high, log=True)
