"""The search space that a function declares in its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_tune.core.parameters import Parameter, with_default
from jupyter_tune.core.space import Space
from jupyter_tune.errors import SpaceError


def space_of(function: Callable[..., Any]) -> Space:
    """The ranges that stand in the annotations of `function`, or as defaults of its arguments.

    Raises: SpaceError if none does, or one stands where it would pass unnoticed.
    """
    ranges: dict[str, Any] = {}
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        annotation, default = parameter.annotation, parameter.default
        declared = [
            each for each in (annotation, *getattr(annotation, "__metadata__", ())) if _is_range(each)
        ]
        if not declared and any(map(_is_range, _inside(annotation))):
            raise SpaceError(f"{name}: a range cannot be inside {annotation}; write {name}: Float(low, high)")
        if len(declared) + _is_range(default) > 1:
            raise SpaceError(f"{name}: has more than one range; keep one")
        if declared:
            given = default is not parameter.empty
            ranges[name] = with_default(declared[0], default, name) if given else declared[0]
        elif _is_range(default):
            ranges[name] = default
    if not ranges:
        shown = getattr(function, "__name__", repr(function))
        raise SpaceError(
            f"{shown}: no argument is annotated with a range; write lr: Float(1e-4, 1e-1, log=True), "
            "or give a space"
        )
    return Space(ranges)


def _is_range(value: object) -> bool:
    return isinstance(value, Parameter)


def _inside(annotation: Any) -> Iterator[Any]:
    """What an annotation is made of, at any depth."""
    for part in getattr(annotation, "__args__", ()):
        yield part
        yield from getattr(part, "__metadata__", ())
        yield from _inside(part)
