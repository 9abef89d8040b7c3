"""Choices that are any objects, and the labels by which JSON, journals and screens know them.

Strings, finite numbers, booleans and None are their own labels. Anything else has a text for one: an
enum's member `Act.RELU`, a class or function its name, the rest its repr. So have scalars that JSON or
`==` would take for one another, as 1, 1.0 and True. Labels differ from one another, and are the same in
every process.
"""

from __future__ import annotations

import enum
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from jupyter_tune.core.measurements import as_text
from jupyter_tune.core.parameters.values import Scalar

_LONGEST = 60
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def without_numpy(choice: Any) -> Any:
    """A NumPy scalar as Python's own; anything else as it is."""
    kind = type(choice)
    is_numpys = kind.__module__.partition(".")[0] == "numpy" and getattr(choice, "shape", None) == ()
    return choice.item() if is_numpys else choice


def is_scalar(choice: object) -> bool:
    """Whether JSON, in UTF-8, gives back just what was put in."""
    if type(choice) is str:
        return as_text(choice) == choice
    if type(choice) is float:
        return math.isfinite(choice)
    return choice is None or type(choice) in (bool, int)


def same(one: object, other: object) -> bool:
    """Whether two choices are one: the same object, or equal ones of a type."""
    if one is other:
        return True
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:  # an array's == is an array
        return False


def first_double(choices: Sequence[Any]) -> int | None:
    """The index of the first choice that repeats an earlier one."""
    hashed: set[Any] = set()
    others: list[Any] = []
    for place, choice in enumerate(choices):
        try:
            key = (type(choice), choice)
            if key in hashed:
                return place
            hashed.add(key)
        except TypeError:
            if any(same(choice, other) for other in others):
                return place
            others.append(choice)
    return None


def labels_of(choices: tuple[Any, ...]) -> tuple[Scalar, ...]:
    """A label for every choice; `choices` itself where they are their own labels."""
    scalars = Counter(choice for choice in choices if is_scalar(choice))
    own = [is_scalar(choice) and scalars[choice] == 1 for choice in choices]
    if all(own):
        return choices
    taken: set[Any] = {choice for choice, is_own in zip(choices, own, strict=True) if is_own}
    labels: list[Scalar] = []
    for choice, is_own in zip(choices, own, strict=True):
        label = choice if is_own else _text_of(choice)
        if not is_own:
            text, count = label, 1
            while label in taken:
                count += 1
                label = f"{text} #{count}"
            taken.add(label)
        labels.append(label)
    return tuple(labels)


def _text_of(choice: Any) -> str:
    if isinstance(choice, enum.Enum) and choice.name:
        return f"{type(choice).__name__}.{choice.name}"
    if isinstance(choice, str):
        return as_text(str.__str__(choice))
    name = getattr(choice, "__qualname__", None)
    text = name if isinstance(name, str) else as_text(repr(choice))
    text = _ADDRESS.sub("", " ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
