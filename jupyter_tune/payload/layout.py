"""Pickles numpy arrays that are not contiguous, such as slices, columns and transposed images, as buffers.

numpy would write them into the pickle stream, and every trial would have a copy of its own. Instead the
memory that holds their elements is sent as a buffer, which trials map (packing.py), with the strides. An
array that uses only a small part of that memory is copied into a contiguous one first.
"""

from __future__ import annotations

import sys
from typing import Any

BUFFER = 1_000_000
"""Bytes from which a buffer is sent by memory map instead of in the pickle stream."""

SPREAD = 2
"""Bytes of memory that may be sent per byte of an array; above it the array is copied."""


def reduced(array: Any) -> Any:
    """The reduction of a large plain array with gaps or an unusual order of axes; else NotImplemented."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(array) is not numpy.ndarray or array.nbytes < BUFFER or array.dtype.hasobject:
        return NotImplemented
    if array.flags.c_contiguous or array.flags.f_contiguous:
        return NotImplemented
    reach = [(size - 1) * stride for size, stride in zip(array.shape, array.strides, strict=True)]
    first = sum(min(0, step) for step in reach)
    span = sum(max(0, step) for step in reach) - first + array.itemsize
    if span > SPREAD * array.nbytes:
        return numpy.asarray, (array.copy(order="K"),)
    memory = numpy.asarray(_Memory(array, array.ctypes.data + first, span))
    return _rebuilt, (memory, array.dtype, array.shape, array.strides, -first)


class _Memory:
    """The `size` bytes from `address` that hold the elements of `array`; keeps the array alive."""

    def __init__(self, array: Any, address: int, size: int):
        self._array = array
        self.__array_interface__ = {
            "version": 3,
            "typestr": "|u1",
            "shape": (size,),
            "data": (address, not array.flags.writeable),
        }


def _rebuilt(memory: Any, dtype: Any, shape: tuple[int, ...], strides: tuple[int, ...], first: int) -> Any:
    numpy = sys.modules["numpy"]
    return numpy.ndarray(shape, dtype, buffer=memory, offset=first, strides=strides)
