"""numpy arrays whose elements do not lie one after the other: slices, columns, transposed images.

numpy would write those into the pickle, so that every trial had a copy of its own. Here the memory that they
lie in travels, which a trial maps as it maps other buffers (packing.py), with their strides. An array that is
spread over much more memory than it has elements is copied into a denser one first.
"""

from __future__ import annotations

import sys
from typing import Any

BUFFER = 1_000_000
"""Bytes from which a buffer travels by memory map instead of in the pickle."""

SPREAD = 2
"""Bytes of memory a byte of the array may cost, where the rest of the memory travels for it alone."""


def reduced(array: Any) -> Any:
    """How to pickle `array`, as `__reduce__` says it; NotImplemented if numpy's own way is good.

    It is for large plain arrays that have gaps or an unusual order of axes.
    """
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
    """`size` bytes from `address` on, some of which are the elements of `array`; keeps it alive."""

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
