"""Tables of what `run.py` has recorded.

    python -m tests.benchmarks.search.several.report FILE

For each problem and tuner the median over seeds with the lowest and the highest of them; `n`: how many seeds.
A hypervolume is better large, the best feasible value small; "none" where no feasible point was found.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median

from tests.benchmarks.search.several.problems import PROBLEMS


def table(rows: list[dict[str, object]], after: int) -> str:
    """A Markdown table of what was found after so many trials."""
    found: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for row in rows:
        values = row["found"]
        assert isinstance(values, dict)
        if str(after) in values:
            found[str(row["problem"]), str(row["tuner"])].append(values[str(after)])
    tuners = list(dict.fromkeys(str(row["tuner"]) for row in rows))
    lines = [f"| after {after} trials | {' | '.join(tuners)} |", "|---" * (len(tuners) + 1) + "|"]
    for problem in PROBLEMS:
        cells = [_cell(found[problem, tuner]) for tuner in tuners]
        if any(cells):
            lines.append(f"| {problem} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not values:
        return ""
    if not known:
        return f"none, n={len(values)}"
    missing = f", {len(values) - len(known)} without" if len(known) < len(values) else ""
    return f"{median(known):.4g} [{min(known):.4g}, {max(known):.4g}], n={len(values)}{missing}"


if __name__ == "__main__":
    recorded = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    for count in (30, 100):
        print(table(recorded, count), end="\n\n")
