"""Short hashes of the data that are sent to the trials, by name, to find what changed between two starts.

A hash depends on the content alone: dtype, shape and bytes of an array or tensor, the elements of a list, the
state of an object as `copy` sees it. Not on the process, the order of a set, or where it lies in memory.
Functions, classes and modules count by their names; fingerprints.py has what is in them.

Cheap: of more than WHOLE bytes in one piece SAMPLES parts are read; a value with more than MOST objects has
no hash, nor has one that does not tell its state.
"""

from __future__ import annotations

import copyreg
import hashlib
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

WHOLE = 1 << 28
SAMPLES, SAMPLE = 64, 1 << 20
MOST = 50_000

_PLAIN = (int, float, complex, str, bool, type(None))
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType, type)


def data_hashes(values: Mapping[str, object]) -> dict[str, str]:
    """Name -> hash of those `values` that are data and have one."""
    found: dict[str, str] = {}
    for name, value in sorted(values.items()):
        if not isinstance(value, _CODE):
            try:
                found[name] = _Content().of(value)
            # the state of an object is what its own code gives, which may raise anything
            except Exception:
                continue
    return found


class _TooManyError(Exception):
    """A value has more than MOST objects."""


class _Content:
    """The content of one value, as a hash."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        # keeps what was seen alive, or another object might get its id
        self._seen: dict[int, tuple[int, object]] = {}

    def of(self, value: object) -> str:
        self._add(value)
        return self._hash.hexdigest()[:16]

    def _say(self, *words: object) -> None:
        self._hash.update(repr(words).encode(errors="surrogatepass"))

    def _add(self, value: Any) -> None:
        if type(value) in _PLAIN:
            self._say(value)
            return
        if isinstance(value, _CODE):
            self._say("code", getattr(value, "__qualname__", value.__name__))
            return
        if id(value) in self._seen:
            self._say("again", self._seen[id(value)][0])
            return
        if len(self._seen) >= MOST:
            raise _TooManyError
        self._seen[id(value)] = len(self._seen), value
        self._say(type(value).__qualname__)
        self._add_content(value)

    def _add_content(self, value: Any) -> None:
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        if isinstance(value, (bytes, bytearray, memoryview)):
            self._add_bytes(memoryview(value).cast("B"))
        elif isinstance(value, (list, tuple)):
            self._add_all(value)
        elif isinstance(value, dict):
            self._add_all(part for pair in value.items() for part in pair)
        elif isinstance(value, (set, frozenset)):
            self._say(sorted(_Content().of(each) for each in value))
        elif numpy is not None and isinstance(value, numpy.ndarray) and value.dtype != object:
            self._say(value.dtype.str, value.shape)
            self._add_bytes(memoryview(numpy.ascontiguousarray(value).reshape(-1).view("u1")))
        elif torch is not None and isinstance(value, torch.Tensor) and value.layout is torch.strided:
            self._say(str(value.dtype), tuple(value.shape), value.requires_grad)
            flat = value.detach().cpu().contiguous().reshape(-1)
            self._add_bytes(memoryview(flat.view(torch.uint8).numpy()))
        else:
            self._add_state(value)

    def _add_all(self, parts: Iterable[object]) -> None:
        for part in parts:
            self._add(part)

    def _add_state(self, value: Any) -> None:
        reduced: Any = (
            copyreg.dispatch_table[type(value)](value) if type(value) in copyreg.dispatch_table else None
        )
        reduced = reduced or value.__reduce_ex__(4)
        if isinstance(reduced, str):
            self._say(reduced)
            return
        for part in reduced:
            # the elements that a list or a dict of some class has
            self._add_all(part) if hasattr(part, "__next__") else self._add(part)

    def _add_bytes(self, data: memoryview) -> None:
        self._say(data.nbytes)
        if data.nbytes <= WHOLE:
            self._hash.update(data)
            return
        for place in range(SAMPLES):
            first = place * (data.nbytes - SAMPLE) // (SAMPLES - 1)
            self._hash.update(data[first : first + SAMPLE])
