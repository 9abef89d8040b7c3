from __future__ import annotations

from tests.benchmarks.markdown import table


def test_a_table_has_a_head_and_rows_of_its_width() -> None:
    assert table(("tuner", "runs", "loss"), [["gp", "3", "0.1"], ("random", "2")]).splitlines() == [
        "| tuner | runs | loss |",
        "| --- | --- | --- |",
        "| gp | 3 | 0.1 |",
        "| random | 2 |  |",
    ]
