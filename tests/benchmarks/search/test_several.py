"""The problems of several objectives and with constraints are those of the literature."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks.search.several.problems import CONSTRAINED, PROBLEMS, SEVERAL
from tests.benchmarks.search.several.report import table
from tests.benchmarks.search.several.score import found_after, volume

# the best points of the papers, as they round them
OPTIMA = {
    "welded beam": ([0.24437, 6.21752, 8.29147, 0.24437], 2.381, 0.02),
    "pressure vessel": ([13, 7, 42.0984, 176.6366], 6059.7, 5.0),
    "Townsend": ([2.0052938, 1.1944509], -2.0239884, 1e-4),
}


@pytest.mark.parametrize("name", OPTIMA)
def test_the_best_known_points_have_the_values_of_the_papers(name: str) -> None:
    point, value, within = OPTIMA[name]
    values, excesses = PROBLEMS[name].call(point)
    assert values[0] == pytest.approx(value, abs=within)
    scale = 100.0 if name != "Townsend" else 1e-3
    assert all(excess <= scale for excess in excesses)


def test_the_fronts_lie_before_their_reference_points() -> None:
    for problem in SEVERAL:
        if problem.name != "forest on digits":
            middle = [(low + high) / 4 for low, high in problem.bounds.values()]
            values, excesses = problem.call(middle)
            assert len(values) == len(problem.reference)
            assert len(excesses) == problem.constraints
    assert len(SEVERAL) >= 8
    assert len(CONSTRAINED) >= 4


def test_the_score_leaves_the_infeasible_out() -> None:
    beam = PROBLEMS["welded beam"]
    assert found_after(beam, [((1.0,), (1.0,)), ((3.0,), (-1.0,)), ((2.0,), (0.0,))]) == 2.0
    assert math.isnan(found_after(beam, [((1.0,), (1.0,))]))
    assert volume([(1.0, 2.0), (2.0, 1.0)], (3.0, 3.0)) == 3.0


def test_the_table_has_the_median_the_range_and_what_was_not_found() -> None:
    rows: list[dict[str, object]] = [
        {"problem": "ZDT1", "tuner": "ours", "found": {"30": value}} for value in (1.0, 3.0, 2.0, None)
    ]
    assert "| ZDT1 | 2 [1, 3], n=4, 1 without |" in table(rows, 30)
