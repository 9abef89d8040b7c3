"""Strategies for parameters of every kind."""

from __future__ import annotations

from hypothesis import strategies as st

from jupyter_tune.core.parameters import Categorical, Float, Int


def finite(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


@st.composite
def floats(draw):
    kind = draw(st.sampled_from(["linear", "log", "reverse_log", "step"]))
    if kind == "log":
        low, high = sorted(draw(st.tuples(finite(1e-12, 1e12), finite(1e-12, 1e12))))
        return Float(low, high, log=True)
    if kind == "reverse_log":
        low, high = sorted(draw(st.tuples(finite(0, 0.999999), finite(0, 0.999999))))
        return Float(low, high, reverse_log=True)
    low, high = sorted(draw(st.tuples(finite(-1e4, 1e4), finite(-1e4, 1e4))))
    if kind == "linear" or high - low < 1:
        return Float(low, high)
    return Float(low, high, step=(high - low) / draw(st.integers(1, 50)))


@st.composite
def grids(draw):
    """Ranges of floats with a step."""
    low, length = draw(finite(-1e4, 1e4)), draw(finite(1, 1e4))
    return Float(low, low + length, step=length / draw(st.integers(1, 50)))


@st.composite
def ints(draw):
    log = draw(st.booleans())
    low = draw(st.integers(1 if log else -(10**6), 10**6))
    high = low + draw(st.integers(0, 10**6))
    step = None if log or high == low else draw(st.integers(1, high - low))
    return Int(low, high, log=log, step=step)


choices = st.lists(
    st.one_of(st.text(), st.integers(-9, 9), st.booleans(), st.none(), finite(-9, 9)),
    min_size=1,
    max_size=6,
    unique=True,
)
categoricals = st.builds(Categorical, choices, ordered=st.booleans())
parameters = st.one_of(floats(), ints(), categoricals)
