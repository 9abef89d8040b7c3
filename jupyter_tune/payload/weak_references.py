"""Pickles weak references together with their targets, which the trial keeps alive.

Otherwise they would be dead as soon as they are loaded, because the owners of their targets are not sent.
A dead reference stays dead.
"""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Callable
from typing import Any

_kept: list[Any] = []


def _ref(reference: Any) -> tuple[Any, ...]:
    # a WeakMethod always has a callback of its own
    if type(reference) is weakref.ReferenceType and reference.__callback__ is not None:
        raise pickle.PicklingError("cannot pickle a weak reference with a callback")
    return _rebuild_ref, (type(reference), reference())


def _rebuild_ref(kind: type, referent: Any) -> Any:
    if referent is not None:
        _kept.append(referent)
        return kind(referent)
    return kind(_Dead().method if kind is weakref.WeakMethod else _Dead())


class _Dead:
    """A target without any other reference."""

    def method(self) -> None:
        """For a dead WeakMethod."""


def _collection(collection: Any) -> tuple[Any, ...]:
    is_set = type(collection) is weakref.WeakSet
    items = list(collection) if is_set else list(collection.items())
    return _rebuild_collection, (type(collection), items)


def _rebuild_collection(kind: Callable[[Any], Any], items: list[Any]) -> Any:
    _kept.append(items)
    return kind(items)


BY_TYPE: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    weakref.ReferenceType: _ref,
    weakref.WeakMethod: _ref,
    weakref.WeakSet: _collection,
    weakref.WeakValueDictionary: _collection,
    weakref.WeakKeyDictionary: _collection,
}
