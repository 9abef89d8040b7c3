from __future__ import annotations

import json
import math
import struct

import pytest

from jupyter_tune.views.tables.columns import LONGEST_LIST, detach, json_ready, pack, unpack, unpacked


def test_long_columns_of_numbers_become_little_endian_float64() -> None:
    cells = [None, *range(LONGEST_LIST)]
    packed = pack(cells, numeric=True)
    assert isinstance(packed, bytes)
    first, *rest = struct.unpack(f"<{len(cells)}d", packed)
    assert math.isnan(first)
    assert rest == list(range(LONGEST_LIST))
    assert unpack(packed) == unpack(memoryview(packed)) == cells


@pytest.mark.parametrize("cells", [[], [1, None, 2.5], ["a"] * 100])
def test_short_columns_and_words_stay_lists(cells: list[object]) -> None:
    assert pack(cells, numeric="a" not in cells) == cells  # type: ignore[arg-type]


def test_detach_puts_bytes_into_buffers_and_leaves_the_rest() -> None:
    long = pack(list(range(40)), numeric=True)
    content, buffers = detach({"seq": 3, "trials": {"number": long, "state": ["x"]}, "landscape": None})
    assert content == {"seq": 3, "trials": {"number": {"buffer": 0}, "state": ["x"]}, "landscape": None}
    assert buffers == [long]


def test_unpacked_sorts_rows_by_key() -> None:
    tables = unpacked({"points": {"number": [1, 0, 0], "step": [1, 2, 1], "value": ["c", "b", "a"]}})
    assert tables["points"] == {"number": [0, 0, 1], "step": [1, 2, 1], "value": ["a", "b", "c"]}


def test_what_is_json_ready_has_no_nan() -> None:
    ready = json_ready({"z": [[1.0, math.nan], (math.inf, "nan", None, True)]})
    assert json.dumps(ready, allow_nan=False) == '{"z": [[1.0, null], [null, "nan", null, true]]}'
