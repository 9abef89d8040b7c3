"""Ranges in a function's signature."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

import jupyter_tune as jt
from jupyter_tune.errors import SpaceError
from jupyter_tune.launch.signatures import refuse_local_ranges, space_of

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


def test_a_range_of_a_local_variable_is_refused_with_its_line_and_the_way_out() -> None:
    def train(lr: jt.Float(0.0, 1.0) = 0.1) -> float:  # type: ignore[valid-type]
        def inner() -> float:
            momentum: Annotated[float, jt.Float(0.5, 1.0)] = 0.9
            return momentum

        return lr * inner()

    def by_name() -> None:
        width: WIDTHS = 3
        print(width)

    line = train.__code__.co_firstlineno + 2
    expected = (
        rf"momentum \(line {line} of .*test_signatures.py\): a range cannot be declared inside a function; "
    )
    with pytest.raises(SpaceError, match=expected + "make momentum an argument: def train"):
        refuse_local_ranges(train)
    with pytest.raises(SpaceError, match=r"width .*make width an argument"):
        refuse_local_ranges(by_name)
    with pytest.raises(SpaceError, match="momentum"):
        jt.tune(train, minimize="loss")


def test_what_is_no_range_of_a_local_variable_passes() -> None:
    def train(lr: jt.Float(0.0, 1.0)) -> float:  # type: ignore[valid-type]
        scale: float = 2.0
        kinds: list[type[jt.Float]] = [jt.Float]
        found: dict[str, Any] = {"space": jt.Float(0, 1)}
        return lr * scale * len(kinds) * len(found)

    refuse_local_ranges(train)
    refuse_local_ranges(lambda lr: lr)
    refuse_local_ranges(max)
    made: dict[str, Any] = {}
    exec("def train(lr):\n    x: int = 1\n    return lr * x", made)
    refuse_local_ranges(made["train"])
