"""Whether a value of the notebook is what a trial's own import has made, as far as one can tell."""

from __future__ import annotations

import math
import types
from dataclasses import dataclass
from typing import Any

PLAIN = (bool, int, float, complex, str, bytes, type(None))
DEPTH = 20
"""How deep objects are looked into."""
MISSING = object()
"""Stands for what the import has not made."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Stands for a value that is not sent: its type's name, its length if it has one, and the reason."""

    kind: str
    length: int | None
    why: str


def not_sent(value: object, why: str) -> NotSent:
    """The stand-in for `value`."""
    try:
        length = len(value)  # type: ignore[arg-type]
    except Exception:
        length = None
    return NotSent(type(value).__qualname__, length, why)


def is_same(sent: Any, made: Any, depth: int = DEPTH) -> bool:
    """Whether the notebook's value equals that of the import in this process; True if that is unknown."""
    if sent is made or depth == 0:
        return True
    if isinstance(sent, NotSent):
        return made is not MISSING and not_sent(made, sent.why) == sent
    if type(sent) is not type(made):
        return False
    if isinstance(sent, (staticmethod, classmethod, types.MethodType)):
        ours, theirs = ([each.__func__, getattr(each, "__self__", None)] for each in (sent, made))
        return is_same(ours, theirs, depth - 1)
    if isinstance(sent, property):
        ours, theirs = ([each.fget, each.fset, each.fdel] for each in (sent, made))
        return is_same(ours, theirs, depth - 1)
    if isinstance(sent, types.FunctionType):
        ours, theirs = (
            [each.__module__, each.__defaults__, [cell.cell_contents for cell in each.__closure__ or ()]]
            for each in (sent, made)
        )
        return sent.__code__ == made.__code__ and is_same(ours, theirs, depth - 1)
    if isinstance(sent, type):
        return (sent.__module__, sent.__qualname__) == (made.__module__, made.__qualname__)
    if isinstance(sent, types.ModuleType):
        return False
    if isinstance(sent, float):
        return sent == made or (math.isnan(sent) and math.isnan(made))
    if isinstance(sent, dict):
        return list(sent) == list(made) and all(is_same(sent[key], made[key], depth - 1) for key in sent)
    if isinstance(sent, (list, tuple)):
        pairs = zip(sent, made, strict=False)
        return len(sent) == len(made) and all(is_same(a, b, depth - 1) for a, b in pairs)
    if isinstance(sent, PLAIN):
        return bool(sent == made)
    if isinstance(sent, (set, frozenset)):
        # by repr too: NaN != NaN
        return sent == made or sorted(map(repr, sent)) == sorted(map(repr, made))
    return _same_state(sent, made, depth)


def _same_state(sent: Any, made: Any, depth: int) -> bool:
    """`is_same` for two objects of one type, by their pickled state."""
    try:
        state, other = (each.__reduce_ex__(4) for each in (sent, made))
    except Exception:
        return True
    if isinstance(state, str) or isinstance(other, str):
        return bool(state == other)
    # arguments, state, list items and dict items of the reduction
    parts = [list(each) if hasattr(each, "__next__") else each for each in state[1:5]]
    others = [list(each) if hasattr(each, "__next__") else each for each in other[1:5]]
    return is_same(parts, others, depth - 1)
