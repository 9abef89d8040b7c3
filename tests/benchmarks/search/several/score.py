"""What a study has found: the hypervolume of its feasible front, or its best feasible value."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.benchmarks.search.several.problems import Problem, Values


def found_after(problem: Problem, seen: Sequence[tuple[Values, Values]]) -> float:
    """The hypervolume, large is good; with one objective the lowest feasible value, NaN without one."""
    feasible = [values for values, excesses in seen if all(excess <= 0 for excess in excesses)]
    if len(problem.reference) > 1:
        return volume(feasible, problem.reference)
    return min((values[0] for values in feasible), default=math.nan)


def volume(points: Sequence[Values], reference: Values) -> float:
    """Slices along the last objective; written here again, as the judge of what the package has itself."""
    inside = [point for point in points if all(a < b for a, b in zip(point, reference, strict=True))]
    if not inside:
        return 0.0
    if len(reference) == 1:
        return reference[0] - min(point[0] for point in inside)
    total, levels = 0.0, sorted({point[-1] for point in inside})
    for low, high in zip(levels, [*levels[1:], reference[-1]], strict=True):
        total += (high - low) * volume([p[:-1] for p in inside if p[-1] <= low], reference[:-1])
    return total
