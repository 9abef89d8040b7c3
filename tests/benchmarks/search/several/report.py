"""Tables of what `run.py` has recorded.

    python -m tests.benchmarks.search.several.report FILE...

For each problem and tuner the median over seeds with the lowest and the highest of them; `n`: how many seeds.
A hypervolume is better large, the best feasible value small; "none" where no feasible point was found. Then
`gp` against each other tuner on the problems and seeds that both have run (statistics.py).
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from tests.benchmarks.search.lines import lines_of
from tests.benchmarks.search.several.problems import PROBLEMS
from tests.benchmarks.search.statistics import duel

OURS = "jupyter_tune gp"
# tuner -> (problem, seed) -> what was found; None without a feasible point
Found: TypeAlias = dict[str, dict[tuple[str, int], float | None]]


def found_of(rows: Iterable[dict[str, Any]], after: int) -> Found:
    """The result of each study after `after` trials, one per study.

    Only rows of the current version of a problem and of the newest version of a tuner count.
    """
    rows = [row for row in rows if row["problem_version"] == PROBLEMS[row["problem"]].version]
    newest = {row["tuner"]: row["version"] for row in rows}
    found: Found = defaultdict(dict)
    for row in rows:
        if row["version"] == newest[row["tuner"]] and str(after) in row["found"]:
            found[row["tuner"]][row["problem"], row["seed"]] = row["found"][str(after)]
    return dict(found)


def table(found: Found, after: int) -> str:
    """A Markdown table of the results after `after` trials."""
    lines = [f"| after {after} trials | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    for problem in PROBLEMS:
        cells = [_cell([value for (at, _), value in of.items() if at == problem]) for of in found.values()]
        if any(cells):
            lines.append(f"| {problem} | {' | '.join(cells)} |")
    return "\n".join(lines)


def duels(found: Found, after: int) -> str:
    """A Markdown table of `gp` against each other tuner."""
    lines = [
        f"| after {after} trials, against | won–lost–tied | studies won | pairs | lost on |",
        "|---|---|---|---|---|",
    ]
    losses = {tuner: {key: _loss(key[0], value) for key, value in of.items()} for tuner, of in found.items()}
    ours = losses.pop(OURS)
    for tuner, theirs in losses.items():
        if not ours.keys() & theirs.keys():
            continue
        all_of_it = duel(ours, theirs)
        lost = [
            problem
            for problem in PROBLEMS
            if (of := {key for key in ours.keys() & theirs.keys() if key[0] == problem})
            and duel({key: ours[key] for key in of}, {key: theirs[key] for key in of}).losses
        ]
        share = all_of_it.share
        lines.append(
            f"| {tuner} | {all_of_it.outcome} | {share.value:.0%}"
            f" [{share.low:.0%}, {share.high:.0%}] | {all_of_it.pairs} | {', '.join(lost) or 'none'} |"
        )
    return "\n".join(lines)


def _loss(problem: str, value: float | None) -> float:
    """Small is good, and worst without a feasible point."""
    if value is None:
        return math.inf
    return -value if len(PROBLEMS[problem].reference) > 1 else value


def _cell(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not values:
        return ""
    if not known:
        return f"none, n={len(values)}"
    missing = f", {len(values) - len(known)} without" if len(known) < len(values) else ""
    return f"{median(known):.4g} [{min(known):.4g}, {max(known):.4g}], n={len(values)}{missing}"


if __name__ == "__main__":
    recorded = [row for path in sys.argv[1:] for row in lines_of(Path(path))]
    for count in (30, 100):
        of_count = found_of(recorded, count)
        print(table(of_count, count), end="\n\n")
        if OURS in of_count:
            print(duels(of_count, count), end="\n\n")
