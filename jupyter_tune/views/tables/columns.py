"""What a column is in memory and on the wire.

    in memory         a list; None where there is no value
    in a snapshot     a list, or bytes: little-endian float64, NaN where there is no value
    in a message      a list, or {"buffer": i}: such bytes are the i-th buffer of the message

Laws: only columns of numbers become bytes, and only when they are longer than `LONGEST_LIST`; JSON
never sees NaN or an infinity, so both are "no value" in either form.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from jupyter_tune.core.measurements import as_text
from jupyter_tune.core.parameters import Scalar

Cells: TypeAlias = list[Scalar]
Rows: TypeAlias = dict[str, Cells]
Column: TypeAlias = Cells | bytes
Columns: TypeAlias = dict[str, Column]

LONGEST_LIST = 32
"""Rows up to which a list is not larger than bytes with their own frame."""

_KEYS = {"trials": ("number",), "points": ("number", "step"), "events": ("seq",)}


def finite(value: float | None) -> float | None:
    """`value`, or None for what cannot be drawn or written as JSON."""
    return value if value is not None and math.isfinite(value) else None


def json_ready(value: Any, number: Callable[[float], Any] = finite) -> Any:
    """Nested lists and mappings as JSON has them.

    Args: number: what is written for a number; by default None for those that JSON does not have.
    """
    match value:
        case float():
            return number(value)
        case Mapping():
            return {key: json_ready(item, number) for key, item in value.items()}
        case list() | tuple():
            return [json_ready(item, number) for item in value]
        case _:
            return value


def encodable(value: Any) -> Any:
    """Nested lists and dicts whose texts UTF-8 can carry: lone surrogates, which it cannot, as escapes."""
    match value:
        case str():
            return as_text(value)
        case dict():
            return {encodable(key): encodable(item) for key, item in value.items()}
        case list() | tuple():
            return [encodable(item) for item in value]
        case _:
            return value


def pack(cells: Sequence[Scalar], *, numeric: bool) -> Column:
    """The cells as a column of a snapshot."""
    if not numeric or len(cells) <= LONGEST_LIST:
        return list(cells)
    numbers = array("d", (math.nan if cell is None else float(cell) for cell in cells))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpack(column: Sequence[Scalar] | bytes | memoryview) -> Cells:
    """The cells of a column of a snapshot."""
    if not isinstance(column, (bytes, memoryview)):
        return [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in column]
    numbers = array("d")
    numbers.frombytes(bytes(column))
    if sys.byteorder == "big":
        numbers.byteswap()
    return [None if math.isnan(number) else number for number in numbers]


def detach(snapshot: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """A snapshot or delta as the content and the buffers of one message."""
    buffers: list[bytes] = []

    def on_the_wire(column: Column) -> Column | dict[str, int]:
        if not isinstance(column, bytes):
            return column
        buffers.append(column)
        return {"buffer": len(buffers) - 1}

    content = {
        key: {name: on_the_wire(column) for name, column in value.items()} if key in _KEYS else value
        for key, value in snapshot.items()
    }
    return content, buffers


def unpacked(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """A snapshot with its columns as lists, rows in key order: what a template is filled from."""
    tables = dict(snapshot)
    for table, key in _KEYS.items():
        rows = {name: unpack(column) for name, column in snapshot.get(table, {}).items()}
        tables[table] = _in_order(rows, key)
    return tables


def _in_order(rows: Rows, key: Iterable[str]) -> Rows:
    keys = list(zip(*(rows.get(name, []) for name in key), strict=True))
    if keys == sorted(keys):
        return rows
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: [cells[row] for row in order] for name, cells in rows.items()}
