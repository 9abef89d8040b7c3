"""The table of the benchmarks: its arithmetic."""

from __future__ import annotations

import pytest

from tests.benchmarks.rows import Row, by_size, percentile, table


def test_a_percentile_is_a_sample() -> None:
    samples = [float(number) for number in range(200, 0, -1)]
    assert [percentile(percent)(samples) for percent in (0, 50, 99, 100)] == [1, 100, 198, 200]


def test_a_row_says_its_value_its_spread_and_what_it_stands_beside() -> None:
    idle = Row.of("idle", "ms", [[1.0, 2.0, 3.0], [2.0, 4.0]])
    busy = Row.of("busy", "ms", [[3.0], [5.0], [1000.0]], beside=idle, target="1 s")
    assert table([idle, busy]).splitlines()[2:] == [
        "| idle | 2 ms | 2 … 3 (n = 5) |  |  |  |",
        "| busy | 5 ms | 3 … 1,000 (n = 3) | idle: 2 ms | × 2.5 | 1 s |",
    ]


def test_a_round_that_has_measured_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="busy: a round has measured nothing"):
        Row.of("busy", "ms", [[1.0], []])


def test_larger_sizes_stand_beside_the_smallest() -> None:
    rows = by_size("update", "ms", {1000: [[3.0]], 100: [[2.0]]})
    assert table(rows).splitlines()[2:] == [
        "| update, 100 trials | 2 ms | 2 … 2 (n = 1) |  |  |  |",
        "| update, 1,000 trials | 3 ms | 3 … 3 (n = 1) | at 100 trials: 2 ms | × 1.5 |  |",
    ]
