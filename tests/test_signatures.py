"""Ranges in a function's signature."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import SpaceError
from jupyter_tune.signatures import space_of

WIDTHS: Any = jt.Int(1, 9)


def test_the_ranges_of_a_function_are_its_annotations_or_defaults() -> None:
    def train(
        lr: jt.Float(0.0, 1.0) = 0.25,  # type: ignore[valid-type]
        width: int = WIDTHS,
        act: Annotated[str, jt.Categorical(["relu", "tanh"])] = "tanh",
        other: int = 3,
    ) -> None: ...

    expected = jt.Space(
        lr=jt.Float(0, 1, default=0.25),
        width=jt.Int(1, 9),
        act=jt.Categorical(["relu", "tanh"], default="tanh"),
    )
    assert space_of(train) == expected


def test_a_range_that_a_function_would_never_be_given_is_refused() -> None:
    def inside(lr: list[jt.Float(0.0, 1.0)], y: jt.Int(1, 3) = 2) -> None: ...  # type: ignore[valid-type]

    def deeper(lr: dict[str, Annotated[float, jt.Float(0.0, 1.0)]], y: jt.Int(1, 3)) -> None: ...  # type: ignore[valid-type]

    def twice(lr: jt.Float(0.0, 1.0) = WIDTHS) -> None: ...  # type: ignore[valid-type]

    for function in (inside, deeper):
        with pytest.raises(SpaceError, match=r"lr: a range cannot be inside .*; write lr: Float"):
            space_of(function)
    with pytest.raises(SpaceError, match="lr: has more than one range; keep one"):
        space_of(twice)
